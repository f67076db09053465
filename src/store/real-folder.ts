import { lstatSync } from 'node:fs';

/** Whether a path is a folder and not a link to one. */
export const isRealFolder = (path: string): boolean =>
  lstatSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
