import type { HistoryDocument, HistoryEntry } from '../../core/documents/history-document.ts';
import { type EnvironmentName, parseEnvironmentName } from '../../core/environment/environment-name.ts';
import type { NodeId } from '../../core/definition/nodes/node.ts';
import type { Generation } from '../../core/state/generation.ts';
import { openStore, type StoreReader } from '../../store/store-reader.ts';
import { differenceOf } from '../../promotion/generation-difference.ts';
import { findProjectRoot } from '../../project/files/project-root.ts';
import { assertEnvironmentExists } from '../../planning/saved-plan.ts';
import type { CommonOptions, World } from '../../core/world.ts';

export interface HistoryOptions extends CommonOptions {
  /** Default: production. */
  readonly environment?: string;
}

/** The kept generations of an environment, latest first. */
export function readHistory(world: World, options: HistoryOptions): HistoryDocument {
  const environment = options.environment === undefined ? null : parseEnvironmentName(options.environment);
  const store = openStore(findProjectRoot(world, options));
  if (environment !== null) assertEnvironmentExists(store, environment);
  const current = currentSerial(store, environment);
  const serials = store.serials(environment);
  const unreadable = serials.filter(serial => store.readable(environment, serial) === null);
  for (const serial of unreadable)
    world.emit({ kind: 'warning', text: `generation ${serial} cannot be read; run 'seeknal doctor' for details` });
  const generations = serials.flatMap(serial => {
    const generation = store.readable(environment, serial);
    return generation === null ? [] : [entryOf(store, generation, current)];
  });
  return { format: 'seeknal.history', version: 1, environment, generations, unreadable };
}

/** null for an environment that follows production. */
const currentSerial = (store: StoreReader, environment: EnvironmentName | null): number | null =>
  environment !== null && store.followsProduction(environment) ? null : store.head(environment);

function entryOf(store: StoreReader, generation: Generation, current: number | null): HistoryEntry {
  const { serial, parent, cause, from, at, by } = generation;
  return {
    serial,
    parent,
    cause,
    from,
    at,
    by,
    nodes_changed: changedNodes(store, generation),
    current: serial === current,
  };
}

/** Nodes that changed since the parent; if the parent is no longer kept, nodes that the generation itself made. */
function changedNodes(store: StoreReader, generation: Generation): readonly NodeId[] {
  const { environment, parent, nodes, at } = generation;
  const before = parent === null ? null : store.readable(environment, parent);
  if (parent !== null && before === null) return nodes.filter(node => node.at === at).map(node => node.id);
  const { changed, removed } = differenceOf(before, nodes);
  return [...changed.filter(node => isOther(before, node)).map(node => node.id), ...removed].sort();
}

/** Whether definition or artefact changed; a moved file does not count. */
function isOther(before: Generation | null, { id, definition, artefact }: Generation['nodes'][number]): boolean {
  const known = before?.nodes.find(node => node.id === id);
  return known?.definition !== definition || known.artefact !== artefact;
}
