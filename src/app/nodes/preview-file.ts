import { pinProfile } from '../../connections/discover-profile.ts';
import type { Column, NodeId, ProjectNode } from '../../core/definition/nodes/node.ts';
import { type Diagnostic } from '../../diagnostics/diagnostic.ts';
import { ToolError } from '../../diagnostics/tool-error.ts';
import type { Sample, Statements } from '../../engine/execution/execution-session.ts';
import { openStore, type StoreReader } from '../../store/store-reader.ts';
import { assertValid } from '../../project/load-project.ts';
import type { DesiredNode } from '../../core/definition/nodes/desired-node.ts';
import { failedNode } from '../../analysis/duckdb-errors/failed-node.ts';
import { failureText } from '../../analysis/duckdb-errors/failure-text.ts';
import { makePlan } from '../../planning/make-plan.ts';
import { type Tools, withTools } from '../with-tools.ts';
import type { CommonOptions, World } from '../../core/world.ts';

import { checkFile, type CheckedFile } from '../../project/checked-file.ts';

export interface PreviewOptions extends CommonOptions {
  readonly file: string;
  readonly limit: number;
  readonly schemaOnly: boolean;
  readonly profile?: string;
}

export interface Preview {
  readonly id: NodeId;
  readonly columns: readonly Column[];
  /** Values as DuckDB prints them; null if only the schema was requested. */
  readonly rows: readonly (readonly (string | null)[])[] | null;
  readonly diagnostics: readonly Diagnostic[];
}

/** Checks a node's file against the project, and returns sample rows computed from production's data or from source files. */
export async function previewFile(world: World, options: PreviewOptions): Promise<Preview> {
  const checked = checkFile(world, options);
  const { root, project, node } = checked;
  const store = openStore(root);
  const explicit = options.profile ?? null;
  const profile = () => pinProfile({ root, home: world.home, environment: null, explicit });
  return withTools({ world, root, store, settings: project.settings, profile }, async tools => {
    const remake = new Set(checked.nodes.map(({ resolved }) => resolved.node.id));
    const made = await makePlan({ base: null, nodes: checked.nodes, pinSources: false, remake }, tools);
    const own = [...checked.found, ...made.diagnostics.filter(entry => entry.node === node.id)];
    assertValid(own);
    const analysis = made.versions.get(node.id)?.analysis;
    if (!analysis) {
      assertValid(made.diagnostics);
      throw new Error(`${node.id} was not analysed`);
    }
    if (options.schemaOnly) return { id: node.id, columns: analysis.columns, rows: null, diagnostics: own };
    const { columns, rows } = await someRows({ ...tools, store }, checked, {
      limit: options.limit,
      signal: world.signal,
    });
    // Columns that depend on data are known only now.
    return { id: node.id, columns: analysis.late === undefined ? analysis.columns : columns, rows, diagnostics: own };
  });
}

type PreviewTools = Pick<Tools, 'connector' | 'execution'> & { readonly store: StoreReader };

/** Takes inputs from production if it has them; otherwise computes them without storing them. */
async function someRows(
  tools: PreviewTools,
  checked: CheckedFile,
  { limit, signal }: { readonly limit: number; readonly signal: AbortSignal },
): Promise<Sample> {
  const session = await tools.execution();
  const production = outputsOf(tools.store);
  for (const { resolved } of checked.nodes) {
    const artefact = resolved.node.id === checked.node.id ? undefined : production.get(resolved.node.id);
    if (artefact === undefined) continue;
    await session.showTable({ ...tableOf(resolved.node), place: tools.store.artefactPlace(artefact) });
  }
  const order = inDependencyOrder(checked.nodes);
  for (const each of order) {
    const { node } = each.resolved;
    if (node.id === checked.node.id || production.has(node.id)) continue;
    const show = (statements: Statements) => session.showQuery(tableOf(node), statements);
    await orRefuse(each, () => withStatements(tools, each, show));
  }
  const target = order.find(each => each.resolved.node.id === checked.node.id);
  if (!target) throw new Error(`${checked.node.id} was not resolved`);
  const work = (statements: Statements) => session.sample({ ...statements, limit, signal });
  return orRefuse(target, () => withStatements(tools, target, work));
}

/** Calls `work` with a transform's query, or with the query that reads a source. */
async function withStatements<T>(
  { connector }: Pick<Tools, 'connector'>,
  { resolved }: DesiredNode,
  work: (statements: Statements) => Promise<T>,
): Promise<T> {
  if (resolved.kind === 'stored-output') throw new Error(`${resolved.node.id} has no query to preview`);
  if (resolved.kind === 'source')
    return connector(resolved.node).look(resolved.node, query => work({ prepare: [], query }));
  const { sql } = resolved;
  return work({ prepare: sql.prepare.map(statement => statement.text), query: sql.query.text });
}

/** Turns a failed query into a diagnostic with a position. */
async function orRefuse<T>({ resolved }: DesiredNode, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof ToolError && error.code === 'interrupted') throw error;
    const mistake = failedNode(resolved, failureText(error));
    throw new ToolError(mistake.code, `${resolved.node.id} failed.`, { cause: error, diagnostics: [mistake] });
  }
}

const tableOf = (node: ProjectNode) => ({ schema: node.kind, name: node.name });

function outputsOf(store: StoreReader): ReadonlyMap<NodeId, string> {
  const nodes = store.current(null)?.nodes ?? [];
  return new Map(
    nodes.filter(node => store.checkArtefact(node.artefact) !== 'missing').map(node => [node.id, node.artefact]),
  );
}

function inDependencyOrder(nodes: readonly DesiredNode[]): readonly DesiredNode[] {
  const done = new Set<NodeId>();
  const ordered: DesiredNode[] = [];
  const visit = (each: DesiredNode): void => {
    const { node } = each.resolved;
    if (done.has(node.id)) return;
    done.add(node.id);
    for (const input of node.inputs) {
      const upstream = nodes.find(candidate => candidate.resolved.node.id === input.id);
      if (upstream) visit(upstream);
    }
    ordered.push(each);
  };
  for (const each of nodes) visit(each);
  return ordered;
}
