import { statSync } from 'node:fs';
import type { EnvironmentName } from '../../core/environment/environment-name.ts';
import { keptSerials, type Retention } from '../../core/environment/retention.ts';
import { ToolError } from '../../diagnostics/tool-error.ts';
import type { StorePaths } from '../paths.ts';
import type { Generation } from '../../core/state/generation.ts';
import type { StoreReader } from '../store-reader.ts';
import { isDamage } from '../ledger/stored-json.ts';
import { readStoredPlan } from './stored-plan.ts';

export interface CollectionRequest {
  readonly now: Date;
  readonly retention: Retention;
  /** Environments to remove. */
  readonly expired: readonly EnvironmentName[];
}

export interface CollectedGeneration {
  readonly environment: EnvironmentName | null;
  readonly serial: number;
  readonly bytes: number;
}

export interface UnreadableGeneration {
  readonly environment: EnvironmentName | null;
  readonly serial: number;
}

/** How a collection splits the history. */
export interface Kept {
  readonly all: readonly Generation[];
  readonly dropped: readonly CollectedGeneration[];
  readonly unreadable: readonly UnreadableGeneration[];
  /** An unreadable generation may refer to artefacts made until then; milliseconds since 1970. */
  readonly unknownUntil: number;
}

/** Decides which generations are kept and which are removed. Throws `store-damaged` if a current one is damaged. */
export function keptGenerations(store: StoreReader, paths: StorePaths, request: CollectionRequest): Kept {
  const names = store.environmentNames().filter(name => !request.expired.includes(name));
  const own = names.map(name => splitHistory(store, paths, { ...request, environment: name, needed: new Set() }));
  const generations = own.flatMap(history => history.kept);
  const bases = [
    ...generations.map(generation => generation.base),
    ...names.map(name => readStoredPlan(paths, name).base),
  ];
  // An unreadable generation may be based on any production generation.
  const isKnown = own.every(history => history.unreadable.length === 0);
  const known = bases.filter(base => base?.lineage === store.lineage).map(base => base?.serial);
  const needed = new Set(isKnown ? known : store.serials(null));
  const production = splitHistory(store, paths, { ...request, environment: null, needed });
  const histories = [...own, production];
  const dropped = histories.flatMap(history => history.dropped);
  return {
    all: [...generations, ...production.kept],
    unreadable: histories.flatMap(history => history.unreadable),
    unknownUntil: Math.max(...histories.map(history => history.unknownUntil)),
    dropped: dropped.map(({ environment, serial }) => {
      return { environment, serial, bytes: sizeOf(paths.generation(environment, serial)) };
    }),
  };
}

interface History extends Pick<Kept, 'unreadable' | 'unknownUntil'> {
  readonly kept: readonly Generation[];
  /** The oldest first. */
  readonly dropped: readonly { readonly environment: EnvironmentName | null; readonly serial: number }[];
}

interface HistoryRequest extends CollectionRequest {
  readonly environment: EnvironmentName | null;
  /** Serials that are the base of another generation or plan. */
  readonly needed: ReadonlySet<number | undefined>;
}

function splitHistory(
  store: StoreReader,
  paths: StorePaths,
  { environment, now, retention, needed }: HistoryRequest,
): History {
  const serials = store.serials(environment);
  const dated = serials.map(serial => ({ serial, at: timeOf(store, environment, serial) }));
  const head = store.head(environment);
  const wanted = new Set(keptSerials(dated, retention, now.getTime()));
  const stays = (serial: number): boolean => wanted.has(serial) || needed.has(serial) || serial === head;
  const unreadable = serials.filter(serial => stays(serial) && isUnknown(store, paths, { environment, serial, head }));
  return {
    kept: serials
      .filter(serial => stays(serial) && !unreadable.includes(serial))
      .map(serial => readable(store, environment, serial)),
    unreadable: unreadable.map(serial => ({ environment, serial })),
    unknownUntil: Math.max(-Infinity, ...unreadable.map(serial => timeAfter(serial, dated) ?? now.getTime())),
    dropped: serials
      .filter(serial => !stays(serial))
      .reverse()
      .map(serial => ({ environment, serial })),
  };
}

/** Whether a generation cannot be read. The current one counts only if the damage is in its base. */
function isUnknown(
  store: StoreReader,
  paths: StorePaths,
  { environment, serial, head }: UnreadableGeneration & { readonly head: number | null },
): boolean {
  try {
    return store.generation(environment, serial) === null && serial !== head;
  } catch (error) {
    if (!isDamage(error)) throw error;
    return serial !== head || !String(error).includes(paths.generation(environment, serial));
  }
}

/** When the next readable generation was made; null if there is none. `history` has the latest first. */
function timeAfter(
  serial: number,
  history: readonly { readonly serial: number; readonly at: number | null }[],
): number | null {
  const later = history.filter(entry => entry.serial > serial && entry.at !== null).at(-1);
  return later?.at ?? null;
}

function timeOf(store: StoreReader, environment: EnvironmentName | null, serial: number): number | null {
  try {
    const time = Date.parse(store.generation(environment, serial)?.at ?? '');
    return Number.isNaN(time) ? null : time;
  } catch (error) {
    if (error instanceof ToolError) return null;
    throw error;
  }
}

function readable(store: StoreReader, environment: EnvironmentName | null, serial: number): Generation {
  const generation = store.generation(environment, serial);
  if (generation !== null) return generation;
  throw new ToolError('store-damaged', `Generation ${serial} of ${environment ?? 'production'} no longer exists.`, {
    hint: "Run the command again; if it fails again, run 'seeknal doctor'.",
  });
}

/** Size in bytes; 0 if the file does not exist. */
export const sizeOf = (path: string): number => statSync(path, { throwIfNoEntry: false })?.size ?? 0;
