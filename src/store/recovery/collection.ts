import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { EnvironmentName } from '../../core/environment/environment-name.ts';
import { unrecordedArtefacts } from '../artefacts/listed-artefacts.ts';
import { stampOf, pathsOf } from '../artefacts/place-state.ts';
import {
  type CollectedGeneration,
  type CollectionRequest,
  keptGenerations,
  sizeOf,
  type UnreadableGeneration,
} from '../generations/kept-generations.ts';
import { LEDGER_HEADER } from '../ledger/ledger.ts';
import { renderRecord } from '../ledger/ledger-line.ts';
import type { StorePaths } from '../paths.ts';
import { isRealFolder } from '../real-folder.ts';
import type { LedgerRecord } from '../records.ts';
import type { StoreReader } from '../store-reader.ts';

/** Keeps young artefacts that nothing refers to: the next attempt may reuse them. */
const GRACE_MS = 24 * 60 * 60 * 1000;

export interface CollectedArtefact {
  readonly id: string;
  /** null if the artefact has no record. */
  readonly node: string | null;
  readonly bytes: number;
}

/** What a sweep removes, and the ledger that it leaves. */
export interface Collection {
  readonly environments: readonly { readonly name: EnvironmentName; readonly bytes: number }[];
  /** Environments' before production's: those may be stored as differences from production's. */
  readonly generations: readonly CollectedGeneration[];
  readonly artefacts: readonly CollectedArtefact[];
  /** Absolute paths of the artefacts' files, except files that a kept artefact shares. */
  readonly files: readonly string[];
  /** The new text of the ledger; null if it does not change. */
  readonly ledger: string | null;
  /** Bytes that the new ledger saves. */
  readonly ledgerBytes: number;
  /** Damaged generations, which are kept with everything that they may refer to. */
  readonly unreadable: readonly UnreadableGeneration[];
}

/**
 * Marks what generations refer to and lists the rest. If a generation is damaged, all definitions are kept, and all
 * artefacts that are older than the generation after it. Only reads; throws `store-damaged` if a current one is damaged.
 */
export function findCollection(store: StoreReader, paths: StorePaths, request: CollectionRequest): Collection {
  const kept = keptGenerations(store, paths, request);
  const marked = new Set(kept.all.flatMap(generation => generation.nodes.map(node => node.artefact)));
  const definitions = new Set(kept.all.flatMap(generation => generation.nodes.map(node => node.definition)));
  const artefacts = collectable(store, paths, { marked, now: request.now.getTime(), unknownUntil: kept.unknownUntil });
  const gone = new Set(artefacts.map(artefact => artefact.id));
  const ledger = shorterLedger(store, paths, {
    isDefined: hash => kept.unreadable.length > 0 || definitions.has(hash),
    stays: id => marked.has(id) || isLeft(store, id, gone),
  });
  return {
    environments: request.expired.map(name => ({ name, bytes: bytesBelow(paths.views(name)) })),
    generations: kept.dropped,
    artefacts,
    files: collectableFiles(store, gone),
    ledger,
    ledgerBytes: ledger === null ? 0 : Math.max(0, sizeOf(paths.ledger) - Buffer.byteLength(ledger)),
    unreadable: kept.unreadable,
  };
}

/** Whether a recorded artefact is not collected and its files exist. */
const isLeft = (store: StoreReader, id: string, gone: ReadonlySet<string>): boolean =>
  !gone.has(id) && store.artefactBytes(id) !== null;

interface Marked {
  readonly marked: ReadonlySet<string>;
  /** Milliseconds since 1970. */
  readonly now: number;
  readonly unknownUntil: number;
}

function collectable(
  store: StoreReader,
  paths: StorePaths,
  { marked, now, unknownUntil }: Marked,
): readonly CollectedArtefact[] {
  const records = store.artefacts();
  const ids = [...unrecordedArtefacts(paths, records), ...records.map(record => record.id)];
  return ids.sort().flatMap(id => {
    const bytes = marked.has(id) ? null : store.artefactBytes(id);
    if (bytes === null) return [];
    const record = store.artefact(id);
    const born = record === null ? (stampOf(paths.artefact(id))?.mtimeMs ?? now) : Date.parse(record.at);
    return now - born < GRACE_MS || born <= unknownUntil ? [] : [{ id, node: record?.node ?? null, bytes }];
  });
}

/** Files of collected artefacts, except those that a kept artefact shares. */
function collectableFiles(store: StoreReader, gone: ReadonlySet<string>): readonly string[] {
  const stays = store.artefacts().filter(record => !gone.has(record.id));
  const shared = new Set(stays.flatMap(record => pathsOf(record.place)));
  return [...gone].flatMap(id => pathsOf(store.artefactPlace(id))).filter(path => !shared.has(path));
}

/** The ledger without the records of collected artefacts and definitions; null if it does not change. */
function shorterLedger(
  store: StoreReader,
  paths: StorePaths,
  { isDefined, stays }: { isDefined(hash: string): boolean; stays(id: string): boolean },
): string | null {
  const records = store.ledgerRecords();
  const artefacts = records.filter(record => record.t === 'artefact').filter(record => stays(record.id));
  const known = new Set(artefacts.map(record => record.id));
  // An artefact can be reused with inputs that were found equal to those it was built from, so comparisons with its
  // original inputs stay valid after those are collected.
  const built = new Set(artefacts.flatMap(record => Object.values(record.inputs)));
  const comparable = (id: string): boolean => known.has(id) || built.has(id);
  const kept = records.filter(record => isKept(record, { known, isDefined, comparable }));
  if (kept.length === records.length) return null;
  return `${LEDGER_HEADER}${kept.map(record => renderRecord(record, paths)).join('')}`;
}

interface Kinship {
  readonly known: ReadonlySet<string>;
  isDefined(hash: string): boolean;
  comparable(id: string): boolean;
}

function isKept(record: LedgerRecord, { known, isDefined, comparable }: Kinship): boolean {
  switch (record.t) {
    case 'artefact':
      return known.has(record.id);
    case 'name':
      return known.has(record.artefact);
    case 'definition':
      return isDefined(record.hash);
    case 'equal':
      return comparable(record.a) && comparable(record.b);
    case 'attempt':
    case 'target':
      return true;
  }
}

/** Bytes in files that only this folder holds; linked files remain in the store. */
function bytesBelow(folder: string): number {
  if (!isRealFolder(folder)) return 0;
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true }).filter(entry => entry.isFile());
  const files = entries.map(entry => statSync(join(entry.parentPath, entry.name), { throwIfNoEntry: false }));
  return files.reduce((sum, file) => sum + (file?.nlink === 1 ? file.size : 0), 0);
}
