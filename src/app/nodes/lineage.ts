import { readersOf } from '../../analysis/column-readers.ts';
import { resolveLineage } from '../../analysis/recursive-lineage.ts';
import type { LineageDocument } from '../../core/documents/lineage-document.ts';
import { ancestorsOf, descendantsOf, topologicalOrder } from '../../core/graph/graph.ts';
import { edgesOf } from '../../core/definition/nodes/node-edges.ts';
import type { NodeId } from '../../core/definition/nodes/node.ts';
import type { NodeAnalysis } from '../../core/plan/analysis.ts';
import type { CommonOptions, World } from '../../core/world.ts';
import { suggest } from '../../diagnostics/suggest.ts';
import { ToolError } from '../../diagnostics/tool-error.ts';
import { orEnvironment } from '../../project/environment-hint.ts';
import { assertValid, loadValidProject } from '../../project/load-project.ts';
import { findProjectRoot } from '../../project/files/project-root.ts';
import { freshParameters } from '../../project/parameters/given-parameters.ts';
import { readValidProject } from '../../project/resolved-project.ts';
import { findNode } from '../../project/select-nodes.ts';
import { openStore } from '../../store/store-reader.ts';
import { analyseProject } from './analyse-project.ts';

export interface LineageOptions extends CommonOptions {
  readonly node?: string;
  readonly column?: string;
  /** Traces columns back to sources rather than to direct inputs. */
  readonly recursive?: boolean;
}

export interface ProjectGraph {
  readonly nodes: readonly NodeId[];
  readonly edges: readonly { readonly from: NodeId; readonly to: NodeId }[];
}

export interface LineageResult {
  /** null where no node was asked for. */
  readonly document: LineageDocument | null;
  readonly graph: ProjectGraph;
}

/** The column lineage of a node and its consumers; without a node, only the graph. */
export async function lineage(world: World, options: LineageOptions): Promise<LineageResult> {
  const root = findProjectRoot(world, options);
  const { project } = loadValidProject(root);
  const edges = edgesOf(project.nodes);
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
  const columns = columnsOf(id, await analysesIn(world, root), options);
  const [upstream, downstream] = [ancestorsOf(edges, [id]), descendantsOf(edges, [id])];
  return { document: { format: 'seeknal.lineage', version: 1, node: id, upstream, downstream, ...columns }, graph };
}

async function analysesIn(world: World, root: string): Promise<ReadonlyMap<NodeId, NodeAnalysis>> {
  const fresh = freshParameters(world, {});
  const { project, nodes } = readValidProject(root, () => fresh, world);
  const { versions, diagnostics } = await analyseProject(world, { root, project, nodes });
  assertValid(diagnostics);
  return new Map([...versions].map(([id, version]) => [id, version.analysis]));
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
    hint: close === null ? `Columns: ${columns.map(column => column.name).join(', ')}.` : `Did you mean '${close}'?`,
  });
}
