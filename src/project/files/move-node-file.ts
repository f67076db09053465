import { lstatSync, mkdirSync, realpathSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, isAbsolute, relative, sep } from 'node:path';
import { ToolError } from '../../diagnostics/tool-error.ts';
import { temporaryBeside } from './temporary-beside.ts';

/** Moves a node's file: writes a temporary file, renames it to the target, then removes the original. Never writes outside `seeknal/`. */
export function moveNodeFile(
  root: string,
  { from, to, text }: { readonly from: string; readonly to: string; readonly text: string },
): void {
  mkdirSync(dirname(to), { recursive: true });
  assertInside(root, dirname(to), to);
  if (lstatSync(to, { throwIfNoEntry: false })?.isSymbolicLink() === true) throw unsafe(to);
  const temporary = temporaryBeside(to);
  try {
    writeFileSync(temporary, text, { flag: 'wx' });
    renameSync(temporary, to);
  } catch (error) {
    rmSync(temporary, { force: true });
    throw new ToolError('file-unwritable', `${to} cannot be written.`, { cause: error });
  }
  rmSync(from, { force: true });
}

function assertInside(root: string, folder: string, to: string): void {
  const path = relative(realpathSync(root), realpathSync(folder));
  if (isAbsolute(path) || path.split(sep)[0] !== 'seeknal') throw unsafe(to);
}

const unsafe = (path: string): ToolError =>
  new ToolError('unsafe-path', `${path} leads outside the project.`, {
    hint: 'Remove the symbolic link at this path.',
  });
