import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { sha256Hex } from '../../core/canonical-json.ts';
import { type FileStat, isSameStat, type SourceFile } from './source-files.ts';

interface KnownFile extends FileStat {
  readonly sha256: string;
}

/** A younger stat is not trusted: a file may change twice within one tick of the file system's clock. */
const TRUSTED_AGE_MS = 2000;

/** Whether the stat is so young that a later change might not alter it. */
export const isYoung = (file: FileStat, now: Date): boolean =>
  now.getTime() - Math.max(file.mtimeMs, file.ctimeMs) <= TRUSTED_AGE_MS;

/** A cache of file hashes by path and stat, so that unchanged files are not read again. */
export class FileHashes {
  readonly #known: Map<string, KnownFile>;
  #changed = false;

  constructor(text: string | null) {
    this.#known = new Map(text === null ? [] : parseKnown(text));
  }

  async hashOf(file: SourceFile, now: Date): Promise<string> {
    // A path may contain a secret, which must not be written to the cache.
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

async function hashFile(path: string): Promise<string> {
  const hash = createHash('sha256');
  // A stream without an encoding yields buffers.
  for await (const chunk of createReadStream(path, { highWaterMark: 1 << 20 })) hash.update(chunk as Buffer);
  return hash.digest('hex');
}

function parseKnown(text: string): readonly [string, KnownFile][] {
  try {
    const entries: unknown = JSON.parse(text);
    // `render` wrote these entries.
    return Array.isArray(entries) ? (entries as [string, KnownFile][]) : [];
  } catch {
    return [];
  }
}
