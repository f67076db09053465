import type { Change, PlanNode } from '../../core/documents/plan-document.ts';
import type { DefinitionsDocument, DefinitionsNode } from '../../core/documents/definitions-document.ts';
import { descendantsOf } from '../../core/graph/graph.ts';
import { renderDefinition } from '../../core/definition/texts/definition-text.ts';
import { lineDifference } from '../../core/definition/texts/line-difference.ts';
import { edgesOf } from '../../core/definition/nodes/node-edges.ts';
import { NODE_KINDS, type NodeId, type ProjectNode } from '../../core/definition/nodes/node.ts';
import { didYouMean } from '../../diagnostics/suggest.ts';
import { ToolError } from '../../diagnostics/tool-error.ts';
import type { GenerationNode } from '../../core/state/generation.ts';
import { openStore, type StoreReader } from '../../store/store-reader.ts';
import { loadValidProject } from '../../project/load-project.ts';
import type { SavedPlan } from '../../planning/plan-record.ts';
import { findProjectRoot } from '../../project/files/project-root.ts';
import { definitionIn } from '../../planning/read-base.ts';
import { planProduction } from '../production/run-production.ts';
import { orEnvironment } from '../../project/environment-hint.ts';
import { findNode } from '../../project/select-nodes.ts';
import type { CommonOptions, World } from '../../core/world.ts';

export interface DiffDefinitionsOptions extends CommonOptions {
  /** Only this node, by its id or name. */
  readonly node?: string;
  /** Only nodes of this kind. */
  readonly kind?: string;
  readonly profile?: string;
}

/** How the definitions on disk differ from production's, and which nodes a run would rebuild. Writes nothing. */
export async function diffDefinitions(world: World, options: DiffDefinitionsOptions): Promise<DefinitionsDocument> {
  if (options.kind !== undefined) assertKind(options.kind);
  const root = findProjectRoot(world, options);
  const { nodes } = loadValidProject(root).project;
  const store = openStore(root);
  const production = new Map((store.current(null)?.nodes ?? []).map(entry => [entry.id, entry]));
  const only = options.node === undefined ? null : nodeNamed(options.node, namesOf(nodes, production), store);
  const plan = await planProduction(world, options);
  const comparing = { store, production, nodes, plan };
  const chosen = plan.nodes.filter(({ id }) => isChosen(id, { only, kind: options.kind }));
  if (only !== null && chosen.length === 0) throw new ToolError('no-match', `${only} is not a ${options.kind}.`);
  return {
    format: 'seeknal.diff-definitions',
    version: 1,
    base: plan.base,
    nodes: chosen.map(node => compareNode(node, comparing)),
    diagnostics: plan.diagnostics,
  };
}

const nodeNamed = (name: string, nodes: Parameters<typeof findNode>[0], store: StoreReader): NodeId =>
  orEnvironment([name], () => findNode(nodes, name), {
    environments: () => store.environmentNames(),
    command: environment => `env diff ${environment}`,
  });

function assertKind(kind: string): void {
  if (NODE_KINDS.some(known => known === kind)) return;
  throw new ToolError('bad-option', `--type takes ${NODE_KINDS.join(' or ')}, not '${kind}'.`, {
    hint: didYouMean(kind, NODE_KINDS, "Run 'seeknal list' to see all nodes.") ?? '',
  });
}

function namesOf(
  nodes: readonly ProjectNode[],
  production: ReadonlyMap<NodeId, GenerationNode>,
): readonly Pick<ProjectNode, 'id' | 'name'>[] {
  const ids = new Set([...nodes.map(node => node.id), ...production.keys()]);
  return [...ids].map(id => ({ id, name: id.slice(id.indexOf('.') + 1) }));
}

const isChosen = (
  id: string,
  { only, kind }: { readonly only: NodeId | null; readonly kind: string | undefined },
): boolean => (only === null || id === only) && (kind === undefined || id.startsWith(`${kind}.`));

interface Comparing {
  readonly store: StoreReader;
  readonly production: ReadonlyMap<NodeId, GenerationNode>;
  readonly nodes: readonly ProjectNode[];
  readonly plan: SavedPlan;
}

function compareNode(node: PlanNode, comparing: Comparing): DefinitionsNode {
  const { id, action, reason, evidence } = node;
  // A source is also modified if only its files changed; its definition is then unchanged.
  const edited = node.change !== 'modified' || Object.hasOwn(comparing.plan.record.definitions, id);
  const { change, category } = edited ? node : { change: 'none' as const, category: null };
  const { before, after, file } = textsOf(id, change, comparing);
  const lines = change === 'none' ? [] : lineDifference(before, after);
  return {
    id,
    change,
    category,
    action,
    reason,
    evidence,
    file,
    added: lines.filter(line => line.startsWith('+')).length,
    removed: lines.filter(line => line.startsWith('-')).length,
    lines,
    rebuilds: change === 'none' ? [] : rebuildsOf(node, comparing),
  };
}

/** A node's two versions as text; empty if a version does not exist. */
function textsOf(
  id: string,
  change: Change,
  { store, production, nodes, plan }: Comparing,
): { readonly before: string; readonly after: string; readonly file: string } {
  const entry = [...production.values()].find(known => known.id === id);
  const now = nodes.find(node => node.id === id);
  const file = now?.file ?? entry?.file ?? '';
  if (change === 'none') return { before: '', after: '', file };
  const stored = entry ? definitionIn(store, entry) : null;
  const planned = plan.record.definitions[id] ?? null;
  return {
    before: stored ? renderDefinition(stored.document, stored.values) : '',
    after: planned ? renderDefinition(planned.document, planned.values) : '',
    file,
  };
}

/** The node and all nodes below it that a run would execute or verify. */
function rebuildsOf({ id, category }: PlanNode, { nodes, plan }: Comparing): readonly string[] {
  if (category === 'metadata') return [];
  const edges = edgesOf(nodes);
  const below = new Set<string>([id, ...(edges.some(edge => edge.id === id) ? descendantsOf(edges, [id]) : [])]);
  return plan.nodes.filter(node => below.has(node.id) && (node.action === 'run' || node.verify)).map(node => node.id);
}
