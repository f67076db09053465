import { existsSync, lstatSync, readlinkSync, type Stats, statSync } from 'node:fs';
import { basename, dirname, join, parse, resolve, sep } from 'node:path';
import { ToolError } from '../../diagnostics/tool-error.ts';
import { PROJECT_FILE } from './project-root.ts';

const MOST_LINKS = 40;
const STORE_FOLDERS = ['', 'store', 'environments', 'intermediate', 'cache'];

/**
 * The real path of a file that the user named: its folder with all links followed, and its own name. Throws
 * `output-in-target` if the path or a link in it leads into the `target/` of this or another project.
 */
export function placeOutsideTarget(
  file: string,
  { cwd, root }: { readonly cwd: string; readonly root: string | null },
): string {
  const path = resolve(cwd, file);
  const folders: string[] = [];
  const folder = followed(dirname(path), folders);
  const place = join(folder, basename(path));
  followed(place, folders);
  const own = root === null ? [] : STORE_FOLDERS.flatMap(name => statOf(join(root, 'target', name)) ?? []);
  if (folders.some(visited => isTargetFolder(visited, own))) throw inTarget(file);
  return place;
}

/** The real path, even if its end does not exist; adds every folder and link on the way to `visited`. */
function followed(path: string, visited: string[]): string {
  let real = parse(path).root;
  for (const name of path.slice(real.length).split(sep)) {
    if (name === '') continue;
    real = join(real, name);
    visited.push(real);
    if (visited.length > MOST_LINKS * 100 || !isLink(real)) continue;
    real = followed(resolve(dirname(real), readlinkSync(real)), visited);
  }
  return real;
}

const isLink = (path: string): boolean => lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink() === true;

/** Also compares inodes: a file system may ignore case, or mount a folder twice. */
function isTargetFolder(path: string, own: readonly Stats[]): boolean {
  if (basename(path).toLowerCase() === 'target' && existsSync(join(dirname(path), PROJECT_FILE))) return true;
  const found = statOf(path);
  return found?.isDirectory() === true && own.some(stats => stats.ino === found.ino && stats.dev === found.dev);
}

function statOf(path: string): Stats | undefined {
  try {
    return statSync(path, { throwIfNoEntry: false });
  } catch {
    return undefined;
  }
}

const inTarget = (file: string): ToolError =>
  new ToolError('output-in-target', `${file} is inside target/, where only Seeknal may write.`, {
    hint: 'Choose a file outside target/.',
  });
