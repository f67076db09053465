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
  const version = await versionOf({ files, now }, source, around);
  return { files, version, young: files.some(file => isYoung(file, now)) };
}

/** Whether files and stats are unchanged, and the content too if a stat was young. Throws `source-missing` if none exist. */
export async function isStill(
  { files, version, young }: SourceState,
  source: ReaderDefinition,
  around: StateSurroundings,
): Promise<boolean> {
  const now = around.now();
  const listed = await sourceFiles(around.root, source.table);
  if (!sameFiles(files, listed)) return false;
  return !young || (await versionOf({ files: listed, now }, source, around)) === version;
}

interface Listing {
  readonly files: readonly SourceFile[];
  /** A time before the files were listed: later, a stat that was young would pass for an old one. */
  readonly now: Date;
}

/** Identifies how the files are read, their paths and their bytes. */
async function versionOf(
  { files, now }: Listing,
  source: ReaderDefinition,
  { hashes }: StateSurroundings,
): Promise<string> {
  const paths: (readonly [path: string, hash: string])[] = [];
  for (const file of files) paths.push([file.path, await hashes.hashOf(file, now)]);
  return `source-${sha256Hex(JSON.stringify([readerText(source), paths])).slice(0, 32)}`;
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
