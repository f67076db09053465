import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { canonicalJson, sha256Hex } from '../core/canonical-json.ts';
import type { Json } from '../core/json.ts';
import type { SourceNode } from '../core/definition/nodes/node.ts';
import { type FileStat, isSameStat, type SourceFile, sourceFiles } from '../connectors/files/source-files.ts';

/** The files of a source as they are now, and a fingerprint of their bytes and of how they are to be read. */
export interface SourceState {
  readonly files: readonly SourceFile[];
  readonly fingerprint: string;
}

interface KnownFile extends FileStat {
  readonly sha256: string;
}

/** A stat younger than this is not trusted: a file may change twice within one tick of its clock. */
const TRUSTED_AGE_MS = 2000;

/** Whether a file may have changed again without its stat showing it. */
export const isYoung = (file: FileStat, now: Date): boolean =>
  now.getTime() - Math.max(file.mtimeMs, file.ctimeMs) <= TRUSTED_AGE_MS;

/** Hashes of files by path and stat, so that an unchanged file is not read again. A cache: only speed depends on it. */
export class FileHashes {
  readonly #known: Map<string, KnownFile>;
  #changed = false;

  constructor(text: string | null) {
    this.#known = new Map(text === null ? [] : parseKnown(text));
  }

  async hashOf(file: SourceFile, now: Date): Promise<string> {
    // A path may hold a secret, and the cache is a file.
    const key = sha256Hex(file.path).slice(0, 32);
    const known = this.#known.get(key);
    if (known && isSameStat(known, file)) return known.sha256;
    const sha256 = await hashFile(file.absolute);
    if (!isYoung(file, now)) {
      const { size, mtimeMs, ctimeMs, inode } = file;
      this.#known.set(key, { size, mtimeMs, ctimeMs, inode, sha256 });
      this.#changed = true;
    }
    return sha256;
  }

  render(): string | null {
    return this.#changed ? JSON.stringify([...this.#known]) : null;
  }
}

/** Reads the state of a source's files. Throws `source-missing` where there is none. */
export async function readSourceState(
  source: ReaderDefinition,
  options: { readonly root: string; readonly hashes: FileHashes; readonly now: Date },
): Promise<SourceState> {
  const files = await sourceFiles(options.root, source.table);
  const bytes: string[] = [];
  for (const file of files) bytes.push(await options.hashes.hashOf(file, options.now));
  const paths = files.map((file, index) => [file.path, bytes[index] ?? '']);
  return { files, fingerprint: `source-${sha256Hex(JSON.stringify([readerText(source), paths])).slice(0, 32)}` };
}

/** What decides how a source is read, resolved. */
export type ReaderDefinition = Pick<SourceNode, 'source' | 'table' | 'options' | 'schema'>;

/** The same as a text, to be compared. */
export const readerText = (source: ReaderDefinition): string =>
  canonicalJson([source.source, source.table, source.options, source.schema as Json]);

async function hashFile(path: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(path, { highWaterMark: 1 << 20 })) hash.update(chunk as Buffer);
  return hash.digest('hex');
}

function parseKnown(text: string): readonly [string, KnownFile][] {
  try {
    const entries: unknown = JSON.parse(text);
    // Written by render: whatever else stands there is no cache of ours.
    return Array.isArray(entries) ? (entries as [string, KnownFile][]) : [];
  } catch {
    return [];
  }
}
