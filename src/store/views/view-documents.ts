import type { EnvironmentName } from '../../core/environment/environment-name.ts';
import type { TargetRecord } from '../../core/state/target-record.ts';
import type { Json } from '../../core/json.ts';
import type { NodeId } from '../../core/definition/nodes/node.ts';
import type { RunAttempt } from '../records.ts';
import type { ArtefactRecord } from '../../core/state/artefact.ts';
import type { Generation, GenerationNode, NodeDefinition } from '../../core/state/generation.ts';

/** The records that the documents are rendered from. */
export interface ViewSources {
  artefact(id: string): ArtefactRecord | null;
  definition(hash: string): NodeDefinition | null;
  targetRecords(environment: EnvironmentName | null): readonly TargetRecord[];
}

/** `manifest.json`: definitions, columns and edges of a generation. */
export function renderManifest(generation: Generation, sources: ViewSources): string {
  const nodes = generation.nodes.map(node => manifestNode(node, sources));
  const known = new Set<string>(generation.nodes.map(node => node.id));
  const edges = nodes.flatMap(node => node.inputs.filter(from => known.has(from)).map(from => ({ from, to: node.id })));
  const head = { format: 'seeknal.manifest', version: 1, serial: generation.serial };
  return document(head, [
    keyed(
      'nodes',
      nodes.map(({ id, ...node }) => [id, node]),
    ),
    list('edges', edges),
  ]);
}

/** `run_state.json`: the state of each node and the last attempt; without a generation, only the attempt. */
export function renderRunState(
  generation: Generation | null,
  attempt: RunAttempt | null,
  sources: ViewSources,
): string {
  const head = {
    format: 'seeknal.run-state',
    version: 1,
    serial: generation?.serial ?? null,
    last_run: generation?.at ?? null,
    last_attempt: attempt,
  };
  const records = generation === null ? [] : sources.targetRecords(generation.environment);
  const nodes = (generation?.nodes ?? []).map(
    node => [node.id, nodeState(node, sources.artefact(node.artefact), targetsOf(node, records, sources))] as const,
  );
  return document(head, [keyed('nodes', nodes)]);
}

/** `refs.json`: the artefact of each node, and whether it belongs to the environment or to its base. */
export function renderReferences(generation: Generation, own: ReadonlySet<NodeId>): string {
  const head = { format: 'seeknal.refs', version: 1, serial: generation.serial };
  const nodes = generation.nodes.map(node => [node.id, { artefact: node.artefact, own: own.has(node.id) }] as const);
  return document(head, [keyed('nodes', nodes)]);
}

/** The serial of a view, read from its start; null if it has none. */
export function serialOfView(text: string | null): number | null {
  const match = /^\{"format":"[^"]*","version":1,"serial":(\d+)/.exec(text ?? '');
  return match?.[1] === undefined ? null : Number(match[1]);
}

/** Whether a manifest is that of a plan: it has no serial, since it describes the next generation. */
export function isManifestOfPlan(text: string | null): boolean {
  if (text?.startsWith('{"format":"seeknal.manifest","version":1,"serial":null,') !== true) return false;
  try {
    return JSON.parse(text) !== null;
  } catch {
    return false;
  }
}

interface ManifestNode {
  readonly id: NodeId;
  readonly inputs: readonly string[];
  readonly [key: string]: unknown;
}

function manifestNode(node: GenerationNode, sources: ViewSources): ManifestNode {
  const definition = sources.definition(node.definition)?.document ?? {};
  const dot = node.id.indexOf('.');
  return {
    id: node.id,
    kind: node.id.slice(0, dot),
    name: node.id.slice(dot + 1),
    description: definition['description'] ?? null,
    owner: definition['owner'] ?? null,
    tags: definition['tags'] ?? [],
    inputs: inputIds(definition['inputs']),
    file: node.file,
    columns: sources.artefact(node.artefact)?.columns ?? [],
    definition,
  };
}

/** Ids from `{ ref: kind.name }` or `{ alias: ref:kind.name }`. */
function inputIds(inputs: Json | undefined): readonly string[] {
  if (!Array.isArray(inputs)) return [];
  const entries = (inputs as readonly Json[]).flatMap(input =>
    typeof input === 'object' && input !== null ? Object.entries(input) : [],
  );
  const ids = entries.map(([key, value]) => {
    if (typeof value !== 'string') return null;
    return key === 'ref' ? value : value.startsWith('ref:') ? value.slice('ref:'.length).trim() : null;
  });
  return [...new Set(ids.filter(id => id !== null))];
}

/** The records of targets that the node still has. */
function targetsOf(
  node: GenerationNode,
  records: readonly TargetRecord[],
  sources: ViewSources,
): readonly TargetRecord[] {
  const own = records.filter(record => record.node === node.id && record.dropped !== true);
  if (own.length === 0) return own;
  const { materializations = null, materialization = null } = sources.definition(node.definition)?.document ?? {};
  const text = JSON.stringify([materializations, materialization]);
  return own.filter(({ defined }) => text.includes('{{') || text.includes(JSON.stringify(defined)));
}

function nodeState(node: GenerationNode, artefact: ArtefactRecord | null, targets: readonly TargetRecord[]) {
  return {
    status: node.status,
    rows: artefact?.rows ?? null,
    seconds: artefact?.seconds ?? null,
    fingerprint: node.fingerprint,
    artefact: node.artefact,
    at: node.at,
    ...(targets.length > 0 ? { targets: targets.map(record => targetState(record, node)) } : {}),
  };
}

const targetState = ({ type, table, artefact, rows, at, error }: TargetRecord, node: GenerationNode) => ({
  type,
  physical: table.name,
  status: artefact === node.artefact ? 'written' : 'behind',
  rows: artefact === null ? null : rows,
  at,
  error: error ?? null,
});

/** One line per entry keeps documents short and easy to diff. */
const document = (head: object, parts: readonly string[]): string =>
  `${JSON.stringify(head).slice(0, -1)},${parts.join(',')}}\n`;

const keyed = (name: string, entries: readonly (readonly [string, unknown])[]): string =>
  `"${name}":{\n${entries.map(([key, value]) => `${JSON.stringify(key)}:${JSON.stringify(value)}`).join(',\n')}\n}`;

const list = (name: string, entries: readonly unknown[]): string =>
  `"${name}":[\n${entries.map(entry => JSON.stringify(entry)).join(',\n')}\n]`;
