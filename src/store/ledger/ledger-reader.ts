import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { ToolError } from '../../diagnostics/tool-error.ts';
import { errnoOf } from '../disk.ts';
import { Ledger } from './ledger.ts';
import type { StorePaths } from '../paths.ts';
import { readRecord, type StoredRecord } from './ledger-line.ts';
import { damaged, parseDocument } from './stored-json.ts';

/** How far a ledger was read: the inode of the file, and the offset after the last complete line in bytes. */
interface LedgerPosition {
  readonly offset: number;
  readonly inode: number;
}

/** Reads the ledger on first use, and what was appended since on request. */
export class LedgerReader {
  readonly #paths: StorePaths;
  #ledger = new Ledger();
  #position: LedgerPosition | null = null;
  #isRead = false;

  constructor(paths: StorePaths) {
    this.#paths = paths;
  }

  known(): Ledger {
    if (!this.#isRead) this.#read();
    return this.#ledger;
  }

  /** The ledger, including what was appended since it was last read. */
  latest(): Ledger {
    this.#read();
    return this.#ledger;
  }

  /** Looks a record up, and reads what was appended since if it is missing. */
  find<T>(look: (ledger: Ledger) => T | undefined): T | null {
    const found = look(this.known());
    if (found !== undefined) return found;
    this.#read();
    return look(this.#ledger) ?? null;
  }

  /** Forgets the ledger, so that it is read again. */
  forget(): void {
    this.#ledger = new Ledger();
    this.#position = null;
    this.#isRead = false;
  }

  #read(): void {
    this.#isRead = true;
    const read = readLedger(this.#paths, this.#ledger, this.#position);
    this.#position = read.position;
    if (!read.replaced) return;
    this.#ledger = new Ledger();
    this.#position = readLedger(this.#paths, this.#ledger, null).position;
  }
}

/**
 * Adds the lines after `from` to a ledger and ignores an incomplete last line. `replaced`: this is another file, which
 * has to be read from the start into an empty ledger.
 */
function readLedger(
  paths: StorePaths,
  ledger: Ledger,
  from: LedgerPosition | null,
): { readonly position: LedgerPosition | null; readonly replaced: boolean } {
  const read = readFrom(paths.ledger, from);
  if (read === null) return { position: null, replaced: from !== null };
  if (read === 'replaced') return { position: null, replaced: true };
  const end = read.bytes.lastIndexOf(0x0a) + 1;
  addLines(read.bytes.toString('utf8', 0, end), { paths, ledger, start: from === null });
  return { position: { offset: (from?.offset ?? 0) + end, inode: read.inode }, replaced: false };
}

interface Bytes {
  readonly bytes: Buffer;
  readonly inode: number;
}

function readFrom(path: string, from: LedgerPosition | null): Bytes | 'replaced' | null {
  const file = openExisting(path);
  if (file === null) return null;
  try {
    const { size, ino } = fstatSync(file);
    if (from !== null && (ino !== from.inode || size < from.offset)) return 'replaced';
    const bytes = Buffer.alloc(size - (from?.offset ?? 0));
    let filled = 0;
    while (filled < bytes.length) {
      const count = readSync(file, bytes, filled, bytes.length - filled, (from?.offset ?? 0) + filled);
      if (count === 0) break;
      filled += count;
    }
    return { bytes: bytes.subarray(0, filled), inode: ino };
  } catch (error) {
    throw new ToolError('disk', `Cannot read ${path}: ${errnoOf(error) ?? String(error)}.`, { cause: error });
  } finally {
    closeSync(file);
  }
}

function openExisting(path: string): number | null {
  try {
    return openSync(path, 'r');
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return null;
    throw error;
  }
}

interface Destination {
  readonly paths: StorePaths;
  readonly ledger: Ledger;
  readonly start: boolean;
}

function addLines(text: string, { paths, ledger, start }: Destination): void {
  const header = start ? text.indexOf('\n') + 1 : 0;
  if (start && header === 0) return;
  if (start) parseDocument(text.slice(0, header), { path: paths.ledger, format: 'seeknal.ledger' });
  const body = text.slice(header, -1);
  if (body.length > 0) for (const record of parseLines(body, paths.ledger)) ledger.add(readRecord(record, paths));
}

/** Parsing all lines at once takes half the time of parsing each. */
function parseLines(body: string, path: string): readonly StoredRecord[] {
  try {
    return JSON.parse(`[${body.replaceAll('\n', ',')}]`) as readonly StoredRecord[];
  } catch {
    throw damaged(path);
  }
}
