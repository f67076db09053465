import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import type { EnvironmentName } from '../core/environment/environment-name.ts';
import type { ArtefactRecord, LedgerRecord, NodeDefinition, RunAttempt } from './records.ts';
import { errnoOf } from './disk.ts';
import { PRODUCTION } from './paths.ts';
import { damaged, parseDocument } from './stored-json.ts';

export const LEDGER_HEADER = `${JSON.stringify({ format: 'seeknal.ledger', version: 1 })}\n`;

/** What the ledger says, by what it is asked for. Adding a record twice changes nothing. */
export class Ledger {
  readonly artefacts = new Map<string, ArtefactRecord>();
  readonly definitions = new Map<string, NodeDefinition>();
  readonly #names = new Map<string, Set<string>>();
  readonly #equals = new Map<string, boolean>();
  readonly #attempts = new Map<string, RunAttempt>();

  add(record: LedgerRecord): void {
    switch (record.t) {
      case 'artefact': {
        const { t: _, ...artefact } = record;
        this.artefacts.set(artefact.id, artefact);
        return;
      }
      case 'name':
        this.#namesOf(record.fingerprint).add(record.artefact);
        return;
      case 'definition':
        // Whoever defines a node stores its document and values; the store only keeps them.
        this.definitions.set(record.hash, record.definition as unknown as NodeDefinition);
        return;
      case 'equal':
        this.#equals.set(equalKey(record), record.equal);
        return;
      case 'attempt':
        this.#attempts.set(record.environment ?? PRODUCTION, {
          at: record.at,
          status: record.status,
          failed: record.failed,
        });
    }
  }

  /** Artefacts known under a fingerprint, the latest first. */
  named(fingerprint: string): readonly string[] {
    return [...(this.#names.get(fingerprint) ?? [])].filter(id => this.artefacts.has(id)).reverse();
  }

  hasName(fingerprint: string, artefact: string): boolean {
    return this.#names.get(fingerprint)?.has(artefact) ?? false;
  }

  equal(question: EqualQuestion): boolean | null {
    return question.a === question.b ? true : (this.#equals.get(equalKey(question)) ?? null);
  }

  /** Everything, each fact once: a ledger of these records says the same. */
  *records(): Generator<LedgerRecord> {
    for (const artefact of this.artefacts.values()) yield { t: 'artefact', ...artefact };
    for (const [fingerprint, names] of this.#names) {
      for (const artefact of names) yield { t: 'name', fingerprint, artefact };
    }
    // Whoever defines a node stores its document and values; see `add`.
    for (const [hash, definition] of this.definitions) yield { t: 'definition', hash, definition: { ...definition } };
    for (const [key, equal] of this.#equals) yield { t: 'equal', ...parseEqualKey(key), equal };
    for (const [name, attempt] of this.#attempts) {
      yield { t: 'attempt', environment: name === PRODUCTION ? null : (name as EnvironmentName), ...attempt };
    }
  }

  attempt(environment: EnvironmentName | null): RunAttempt | null {
    return this.#attempts.get(environment ?? PRODUCTION) ?? null;
  }

  #namesOf(fingerprint: string): Set<string> {
    const known = this.#names.get(fingerprint);
    if (known) return known;
    const names = new Set<string>();
    this.#names.set(fingerprint, names);
    return names;
  }
}

export interface EqualQuestion {
  readonly a: string;
  readonly b: string;
  readonly columns: readonly string[] | null;
  readonly ordered: boolean;
}

/** Rows are compared over columns jointly: which stands left, and in which order they are named, makes no difference. */
const equalKey = ({ a, b, columns, ordered }: EqualQuestion): string =>
  JSON.stringify([...(a < b ? [a, b] : [b, a]), columns && [...columns].sort(), ordered]);

function parseEqualKey(key: string): EqualQuestion {
  // Written by equalKey.
  const [a, b, columns, ordered] = JSON.parse(key) as [string, string, readonly string[] | null, boolean];
  return { a, b, columns, ordered };
}

/** How far a ledger was read: bytes up to the end of the last whole line, and which file they were in. */
export interface LedgerPosition {
  readonly offset: number;
  readonly inode: number;
}

/**
 * Adds what was written since `from` to a ledger; a line without its end is not there yet. Another file in its place
 * (`replaced`) has to be read from the start, into an empty ledger.
 */
export function readLedger(
  path: string,
  ledger: Ledger,
  from: LedgerPosition | null,
): { readonly position: LedgerPosition | null; readonly replaced: boolean } {
  const read = readFrom(path, from);
  if (read === null) return { position: null, replaced: from !== null };
  if (read === 'replaced') return { position: null, replaced: true };
  const end = read.bytes.lastIndexOf(0x0a) + 1;
  addLines(read.bytes.toString('utf8', 0, end), { path, ledger, start: from === null });
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
  readonly path: string;
  readonly ledger: Ledger;
  readonly start: boolean;
}

function addLines(text: string, { path, ledger, start }: Destination): void {
  const header = start ? text.indexOf('\n') + 1 : 0;
  if (start && header === 0) return;
  if (start) parseDocument(text.slice(0, header), { path, format: 'seeknal.ledger' });
  const body = text.slice(header, -1);
  if (body.length > 0) for (const record of parseLines(body, path)) ledger.add(record);
}

/** One parse of all lines takes half the time of one each. */
function parseLines(body: string, path: string): readonly LedgerRecord[] {
  try {
    return JSON.parse(`[${body.replaceAll('\n', ',')}]`) as readonly LedgerRecord[];
  } catch {
    throw damaged(path);
  }
}
