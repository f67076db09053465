import { dirname, relative } from 'node:path';
import { ToolError } from '../../diagnostics/tool-error.ts';
import { isRealFolder } from '../real-folder.ts';
import type { StorePaths } from '../paths.ts';

/** Whether no part of a path below `target/` is a link. Nothing behind a link may be deleted. */
export function isOwnFolder(paths: StorePaths, folder: string): boolean {
  if (relative(paths.target, folder) === '') return true;
  return isRealFolder(folder) && isOwnFolder(paths, dirname(folder));
}

/** An error about a link or file in place of a folder. */
export const notOwnFolder = (path: string): ToolError =>
  new ToolError('unsafe-path', `${path} is not a real folder.`, {
    hint: 'Remove the link or file; nothing behind it was changed.',
  });
