import { type EnvironmentName, parseEnvironmentName } from '../../core/environment/environment-name.ts';
import { NODE_KINDS, type NodeId } from '../../core/definition/nodes/node.ts';
import { ToolError } from '../../diagnostics/tool-error.ts';
import type { Generation, GenerationNode } from '../../core/state/generation.ts';
import type { StoreReader } from '../../store/store-reader.ts';
import { assertEnvironmentExists } from '../../planning/saved-plan.ts';
import { findNode } from '../../project/select-nodes.ts';
import type { World } from '../../core/world.ts';

/** The arguments of a comparison: an environment, then another environment, a node, or both. */
export interface DiffWords {
  readonly environment: string;
  readonly other?: string;
  readonly node?: string;
}

/** One side of a comparison, as it was when the command started. */
export interface DiffSide {
  readonly name: string;
  readonly nodes: ReadonlyMap<NodeId, GenerationNode>;
}

export interface DiffSides {
  readonly left: DiffSide;
  readonly right: DiffSide;
  /** The only node to look at; null for all. */
  readonly node: NodeId | null;
}

/** Interprets the arguments. Checks environment names before any file is touched. */
export function readSides(world: World, store: StoreReader, words: DiffWords): DiffSides {
  const environment = parseEnvironmentName(words.environment);
  const alone = words.node === undefined;
  const other = words.other !== undefined && !(alone && isNode(words.other)) ? environmentOf(words.other) : undefined;
  const node = alone && other === undefined ? words.other : words.node;
  assertEnvironmentExists(store, environment);
  const right = sideOf(world, store, environment);
  if (other === undefined || other === null || node !== undefined || store.environmentNames().includes(other))
    return withNode(sideOf(world, store, other ?? null), right, node);
  // If no such environment exists, the word may be the bare name of a node.
  return bareNode(sideOf(world, store, null), right, other) ?? withNode(sideOf(world, store, other), right, node);
}

const isNode = (word: string): boolean => NODE_KINDS.some(kind => word.toLowerCase().startsWith(`${kind}.`));

const environmentOf = (word: string): EnvironmentName | null =>
  word === 'production' || word === 'prod' ? null : parseEnvironmentName(word);

function withNode(left: DiffSide, right: DiffSide, node: string | undefined): DiffSides {
  return { left, right, node: node === undefined ? null : findNode(namesOf(left, right), node) };
}

function bareNode(left: DiffSide, right: DiffSide, word: string): DiffSides | null {
  const known = namesOf(left, right).some(node => node.name === word);
  return known ? withNode(left, right, word) : null;
}

function namesOf(left: DiffSide, right: DiffSide): readonly { readonly id: NodeId; readonly name: string }[] {
  const ids = new Set([...right.nodes.keys(), ...left.nodes.keys()]);
  return [...ids].map(id => ({ id, name: id.slice(id.indexOf('.') + 1) }));
}

function sideOf(world: World, store: StoreReader, environment: EnvironmentName | null): DiffSide {
  if (environment !== null) assertEnvironmentExists(store, environment);
  const status = environment === null ? null : store.environmentConfig(environment)?.status;
  // Applied without a generation of its own, it shows production.
  const generation = store.current(environment) ?? (status === 'applied' ? store.current(null) : null);
  if (environment !== null && generation === null) throw notApplied(environment);
  if (environment !== null && status === 'planned')
    world.emit({
      kind: 'notice',
      text: `'${environment}' has a plan that has not been applied; comparing its generation ${generation?.serial}.`,
    });
  return { name: environment ?? 'production', nodes: nodesOf(generation) };
}

const nodesOf = (generation: Generation | null): ReadonlyMap<NodeId, GenerationNode> =>
  new Map((generation?.nodes ?? []).map(node => [node.id, node]));

const notApplied = (environment: EnvironmentName): ToolError =>
  new ToolError('not-applied', `Environment '${environment}' has not been applied.`, {
    hint: `It has a plan but no data yet. Run 'seeknal env apply ${environment}' first.`,
  });
