import { statSync } from 'node:fs';
import { sha256Hex } from '../../core/canonical-json.ts';
import { type ReaderDefinition, readerText } from '../../core/definition/nodes/reader-text.ts';
import { type FileHashes, isYoung } from './file-hashes.ts';
import { isSameStat, type SourceFile, sourceFiles } from './source-files.ts';

/** The files of a source at one moment. */
export interface SourceState {
  readonly files: readonly SourceFile[];
  /** A hash of the files' bytes and of how they are read. */
  readonly version: string;
  /** Whether a later change might not alter the stat of a file, because it was young. */
  readonly young: boolean;
}

export interface StateSurroundings {
  /** The project's root, absolute. */
  readonly root: string;
  readonly hashes: FileHashes;
  now(): Date;
}

/** Reads the state of a source's files. Throws `source-missing` if there are none. */
export async function readSourceState(source: ReaderDefinition, around: StateSurroundings): Promise<SourceState> {
  const now = around.now();
  const files = await sourceFiles(around.root, source.table);
  const hashes: string[] = [];
  for (const file of files) hashes.push(await around.hashes.hashOf(file, now));
  const paths = files.map((file, index) => [file.path, hashes[index] ?? '']);
  const version = `source-${sha256Hex(JSON.stringify([readerText(source), paths])).slice(0, 32)}`;
  return { files, version, young: files.some(file => isYoung(file, now)) };
}

/** Whether files and stats are unchanged, and the content too if a stat was young. Throws `source-missing` if none exist. */
export async function isStill(
  { files, version, young }: SourceState,
  source: ReaderDefinition,
  around: StateSurroundings,
): Promise<boolean> {
  if (!sameFiles(files, await sourceFiles(around.root, source.table))) return false;
  return !young || (await readSourceState(source, around)).version === version;
}

const sameFiles = (before: readonly SourceFile[], now: readonly SourceFile[]): boolean =>
  before.length === now.length &&
  before.every((file, index) => {
    const other = now[index];
    return other !== undefined && other.path === file.path && isSameStat(file, other);
  });

/** Whether the stats of these files are unchanged: a quick check before a long reading; ignores new files. */
export const haveSameStats = (files: readonly SourceFile[]): boolean =>
  files.every(file => {
    const stat = statSync(file.absolute, { throwIfNoEntry: false });
    return stat !== undefined && isSameStat(file, { ...stat, inode: stat.ino });
  });
