import { readdirSync, statSync } from 'node:fs';
import { isAbsolute, posix, relative, resolve, sep } from 'node:path';
import { glob, isDynamicPattern } from 'tinyglobby';
import { suggest } from '../../diagnostics/suggest.ts';
import { ToolError } from '../../diagnostics/tool-error.ts';

/** The current state of one file that a source reads. */
export interface SourceFile {
  /** From the project root, with `/`; absolute only if the user wrote an absolute path. */
  readonly path: string;
  readonly absolute: string;
  /** Bytes. */
  readonly size: number;
  readonly mtimeMs: number;
  /** Cannot be set by tools, unlike the modification time, so it reveals a replaced file. */
  readonly ctimeMs: number;
  readonly inode: number;
}

/** Whether two stats of a file are equal; the content may still differ if the first was young. */
export const isSameStat = (a: FileStat, b: FileStat): boolean =>
  a.size === b.size && a.mtimeMs === b.mtimeMs && a.ctimeMs === b.ctimeMs && a.inode === b.inode;

export type FileStat = Pick<SourceFile, 'size' | 'mtimeMs' | 'ctimeMs' | 'inode'>;

/** The files of a path or glob, sorted. Only `table` is a pattern, not the project's path. Throws `source-missing`. */
export async function sourceFiles(root: string, table: string): Promise<readonly SourceFile[]> {
  const exact = fileAt(root, table);
  if (exact) return [exact];
  if (!isDynamicPattern(table)) {
    throw isFolder(root, table) ? folderGiven(table) : noFile(root, table);
  }
  const found = await glob(table, { cwd: root, absolute: true, onlyFiles: true, dot: false, expandDirectories: false });
  const files = found.map(path => fileAt(root, path, isAbsolute(table))).filter(file => file !== null);
  if (files.length > 0) return files.sort((a, b) => (a.path < b.path ? -1 : 1));
  throw new ToolError('source-missing', `No file matches ${table}.`, {
    hint: 'Check the pattern. It is relative to the project root.',
  });
}

const FROM_ROOT = 'Check the path. It is relative to the project root.';

function noFile(root: string, table: string): ToolError {
  const { dir, base } = posix.parse(table.replaceAll('\\', '/'));
  const close = suggest(base, namesIn(resolve(root, dir)));
  return new ToolError('source-missing', `File ${table} does not exist.`, {
    hint: close === null ? FROM_ROOT : `Did you mean '${posix.join(dir, close)}'?`,
  });
}

function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder).sort();
  } catch {
    return [];
  }
}

const isFolder = (root: string, table: string): boolean =>
  statSync(resolve(root, table), { throwIfNoEntry: false })?.isDirectory() === true;

const folderGiven = (table: string): ToolError =>
  new ToolError('source-missing', `${table} is a folder, not a file.`, {
    hint: `To read the files in it, use a pattern such as ${table.replace(/[/\\]+$/, '')}/*.csv.`,
  });

function fileAt(root: string, path: string, asWritten = isAbsolute(path)): SourceFile | null {
  const absolute = resolve(root, path);
  const stat = statSync(absolute, { throwIfNoEntry: false });
  if (!stat?.isFile()) return null;
  const shown = (asWritten ? absolute : relative(root, absolute)).replaceAll(sep, '/');
  const { size, mtimeMs, ctimeMs, ino: inode } = stat;
  return { path: shown, absolute, size, mtimeMs, ctimeMs, inode };
}
