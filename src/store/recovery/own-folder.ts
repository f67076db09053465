import { dirname, relative } from 'node:path';
import { ToolError } from '../../diagnostics/tool-error.ts';
import { isRealFolder } from '../real-folder.ts';
import type { StorePaths } from '../paths.ts';

/** Whether a folder below `target/` is a folder at every step: what lies behind a link is not ours to delete. */
export function isOwnFolder(paths: StorePaths, folder: string): boolean {
  if (relative(paths.target, folder) === '') return true;
  return isRealFolder(folder) && isOwnFolder(paths, dirname(folder));
}

/** A folder that is a link, or the path of one. */
export const notOwnFolder = (path: string): ToolError =>
  new ToolError('unsafe-path', `${path} is not a real folder.`, {
    hint: 'Remove the link or file in its place; nothing behind it was touched.',
  });
