import { statSync } from 'node:fs';
import { sha256Hex } from '../../core/canonical-json.ts';
import { type ReaderDefinition, readerText } from '../../core/definition/nodes/reader-text.ts';
import { type FileHashes, isYoung } from './file-hashes.ts';
import { isSameStat, type SourceFile, sourceFiles } from './source-files.ts';

/** The files of a source at one moment. */
export interface SourceState {
  readonly files: readonly SourceFile[];
  /** Of their bytes, and of how they are to be read. */
  readonly version: string;
  /** A file was so young that a later change may not show in its stat. */
  readonly young: boolean;
}

export interface StateSurroundings {
  /** The project's root, absolute. */
  readonly root: string;
  readonly hashes: FileHashes;
  now(): Date;
}

/** Reads the state of a source's files. Throws `source-missing` if there is none. */
export async function readSourceState(source: ReaderDefinition, around: StateSurroundings): Promise<SourceState> {
  const now = around.now();
  const files = await sourceFiles(around.root, source.table);
  const hashes: string[] = [];
  for (const file of files) hashes.push(await around.hashes.hashOf(file, now));
  const paths = files.map((file, index) => [file.path, hashes[index] ?? '']);
  const version = `source-${sha256Hex(JSON.stringify([readerText(source), paths])).slice(0, 32)}`;
  return { files, version, young: files.some(file => isYoung(file, now)) };
}

/** Whether the same files are listed with the same stats, and young ones have the same content. Throws `source-missing` if there is none. */
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

/** Whether the stats of all files are what they were: a quick look before a long reading, which sees no new files. */
export const haveSameStats = (files: readonly SourceFile[]): boolean =>
  files.every(file => {
    const stat = statSync(file.absolute, { throwIfNoEntry: false });
    return stat !== undefined && isSameStat(file, { ...stat, inode: stat.ino });
  });
