import type { LineageDocument } from '../../core/documents/lineage-document.ts';
import { ancestorsOf, descendantsOf, topologicalOrder } from '../../core/graph/graph.ts';
import { redact } from '../../core/parameters/redact.ts';
import type { NodeAnalysis } from '../../core/plan/analysis.ts';
import type { Column, NodeId, Project, ProjectNode } from '../../core/definition/nodes/node.ts';
import type { Diagnostic } from '../../diagnostics/diagnostic.ts';
import { suggest } from '../../diagnostics/suggest.ts';
import { ToolError } from '../../diagnostics/tool-error.ts';
import { openStore } from '../../store/store-reader.ts';
import type { ResolvedNode } from '../../core/definition/nodes/desired-node.ts';
import { assertValid, loadProject, loadValidProject } from '../../project/load-project.ts';
import { type MadePlan, makePlan } from '../../planning/make-plan.ts';
import { findProjectRoot } from '../../project/project-root.ts';
import { readersOf } from '../../analysis/column-readers.ts';
import { resolveLineage } from '../../analysis/recursive-lineage.ts';
import { contextOf, freshParameters, resolveNode, resolveProject, soundNodes } from '../../project/resolve-nodes.ts';
import { orEnvironment } from '../../project/environment-hint.ts';
import { findNode } from '../../project/select-nodes.ts';
import { withWorkbench } from '../../planning/workbench.ts';
import type { CommonOptions, World } from '../../core/world.ts';

/** One node as `list` shows it. */
export interface ListedNode {
  readonly id: NodeId;
  readonly file: string;
  readonly description: string | null;
  readonly tags: readonly string[];
  readonly inputs: readonly NodeId[];
}

export interface ShownNode extends ListedNode {
  readonly owner: string | null;
  readonly consumers: readonly NodeId[];
  /** As production holds it; null before it does. */
  readonly columns: readonly Column[] | null;
  readonly sql: string | null;
  /** What a source reads; null for a transform. */
  readonly reads: string | null;
}

/** All nodes in dependency order. */
export function listNodes(world: World, options: CommonOptions): readonly ListedNode[] {
  const { project } = loadValidProject(findProjectRoot(world, options));
  const byId = new Map(project.nodes.map(node => [node.id, node]));
  return topologicalOrder(edgesOf(project)).flatMap(id => {
    const node = byId.get(id);
    return node ? [listed(node)] : [];
  });
}

/** One node in full; `compiled` gives its SQL as it runs. */
export function showNode(
  world: World,
  options: CommonOptions & { readonly node: string; readonly compiled: boolean },
): ShownNode {
  const root = findProjectRoot(world, options);
  const { project } = loadValidProject(root);
  const store = openStore(root);
  const id = orEnvironment([options.node], () => findNode(project.nodes, options.node), {
    environments: () => store.environmentNames(),
    command: name => `env show ${name}`,
  });
  const node = nodeIn(project, id);
  const entry = store.current(null)?.nodes.find(candidate => candidate.id === id);
  const stored = entry ? (store.artefact(entry.artefact)?.columns ?? null) : null;
  return {
    ...listed(node),
    owner: node.owner,
    consumers: project.nodes.filter(other => other.inputs.some(input => input.id === id)).map(other => other.id),
    columns: stored,
    sql: sqlOf(node, { project, world, compiled: options.compiled }),
    reads: node.kind === 'source' ? `${node.source} ${node.table}` : null,
  };
}

function sqlOf(
  node: ProjectNode,
  { project, world, compiled }: { readonly project: Project; readonly world: World; readonly compiled: boolean },
): string | null {
  if (node.kind === 'source') return null;
  if (!compiled) return node.sql.text;
  const known = project.nodes.map(other => other.id);
  const resolution = resolveNode(node, contextOf(freshParameters(world, {}), world, project.common), known);
  assertValid(resolution.diagnostics);
  const resolved = resolution.node?.resolved;
  if (resolved?.kind !== 'query') return null;
  const { sql } = resolved;
  const text = [...sql.prepare, sql.query].map(statement => statement.text).join(';\n');
  return redact(text, resolved.node.secrets ?? []);
}

const listed = ({ id, file, description, tags, inputs }: ProjectNode): ListedNode => ({
  id,
  file,
  description,
  tags,
  inputs: inputs.map(input => input.id),
});

const edgesOf = (project: Project) =>
  project.nodes.map(node => ({ id: node.id, inputs: node.inputs.map(input => input.id) }));

function nodeIn(project: Project, id: NodeId): ProjectNode {
  const node = project.nodes.find(candidate => candidate.id === id);
  if (!node) throw new Error(`${id} was found and is gone`);
  return node;
}

/** Every mistake of the project at once, as a refusal; else how many nodes there are, and the warnings. */
export async function validateProject(
  world: World,
  options: CommonOptions,
): Promise<{ readonly nodes: number; readonly diagnostics: readonly Diagnostic[] }> {
  const root = findProjectRoot(world, options);
  const { project, diagnostics: parsed } = loadProject(root);
  const fresh = freshParameters(world, {});
  const resolved = resolveProject(project, () => fresh, world);
  const found = [...parsed, ...resolved.diagnostics];
  // Also validates the sound nodes, so that all errors surface at once.
  const bound = await analyseProject(
    world,
    root,
    project,
    soundNodes(resolved.nodes, found).map(node => node.resolved),
  );
  const all = [...found, ...bound.diagnostics];
  assertValid(all);
  return { nodes: project.nodes.length, diagnostics: all };
}

/** Schemas and lineage of the definitions on disk, over the source data that there are. */
async function analyseProject(
  world: World,
  root: string,
  project: Project,
  nodes: readonly ResolvedNode[],
): Promise<MadePlan> {
  const store = openStore(root);
  return withWorkbench({ world, root, store, settings: project.settings }, async bench => {
    const desired = nodes.map(resolved => ({ resolved, values: {}, parameters: {} }));
    return makePlan({ bench, base: store.current(null), nodes: desired, pinSources: true });
  });
}

export interface LineageOptions extends CommonOptions {
  readonly node?: string;
  readonly column?: string;
  /** Names columns of sources rather than of direct inputs. */
  readonly recursive?: boolean;
}

export interface ProjectGraph {
  readonly nodes: readonly NodeId[];
  readonly edges: readonly { readonly from: NodeId; readonly to: NodeId }[];
}

/** What a node reads and what reads it, by column; without a node the graph alone. */
export async function lineage(
  world: World,
  options: LineageOptions,
): Promise<{ readonly document: LineageDocument | null; readonly graph: ProjectGraph }> {
  const root = findProjectRoot(world, options);
  const { project } = loadValidProject(root);
  const edges = edgesOf(project);
  const graph = {
    nodes: topologicalOrder(edges),
    edges: edges.flatMap(edge => edge.inputs.map(from => ({ from, to: edge.id }))),
  };
  if (options.node === undefined) return { document: null, graph };
  const { node } = options;
  const id = orEnvironment([node], () => findNode(project.nodes, node), {
    environments: () => openStore(root).environmentNames(),
    command: name => `env show ${name}`,
  });
  const fresh = freshParameters(world, {});
  const resolved = resolveProject(project, () => fresh, world);
  assertValid(resolved.diagnostics);
  const { versions, diagnostics } = await analyseProject(
    world,
    root,
    project,
    resolved.nodes.map(node => node.resolved),
  );
  assertValid(diagnostics);
  const analyses = new Map([...versions].map(([node, version]) => [node, version.analysis]));
  const columns = columnsOf(id, analyses, options);
  return {
    document: {
      format: 'seeknal.lineage',
      version: 1,
      node: id,
      upstream: ancestorsOf(edges, [id]),
      downstream: descendantsOf(edges, [id]),
      ...columns,
    },
    graph,
  };
}

function columnsOf(
  id: NodeId,
  analyses: ReadonlyMap<NodeId, NodeAnalysis>,
  options: LineageOptions,
): Pick<LineageDocument, 'columns' | 'rows'> {
  const analysis = analyses.get(id);
  if (!analysis) throw new Error(`${id} was not analysed`);
  const types = new Map(analysis.columns.map(column => [column.name, column.type]));
  const found = options.recursive === true ? resolveLineage(id, analyses) : analysis.lineage;
  const all = found.columns.map(column => ({ ...column, type: types.get(column.name) ?? '' }));
  const ordered = all.map(({ name, type, value, condition }) => {
    return { name, type, value, condition, readers: readersOf(id, name, analyses) };
  });
  return {
    columns: options.column === undefined ? ordered : [columnNamed(ordered, id, options.column)],
    rows: found.rows,
  };
}

function columnNamed<T extends { readonly name: string }>(columns: readonly T[], id: NodeId, name: string): T {
  const found = columns.find(column => column.name.toLowerCase() === name.toLowerCase());
  if (found) return found;
  const close = suggest(
    name,
    columns.map(column => column.name),
  );
  throw new ToolError('unknown-column', `${id} has no column '${name}'.`, {
    hint: close === null ? `It has: ${columns.map(column => column.name).join(', ')}.` : `Did you mean '${close}'?`,
  });
}
