import { lstatSync } from 'node:fs';

/** Whether a path is a folder itself, and no link to one. */
export const isRealFolder = (path: string): boolean =>
  lstatSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
