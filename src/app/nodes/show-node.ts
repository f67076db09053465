import { redact } from '../../core/parameters/redact.ts';
import type { Column, NodeId, Project, ProjectNode } from '../../core/definition/nodes/node.ts';
import { modeName } from '../../core/definition/nodes/target-definition.ts';
import type { CommonOptions, World } from '../../core/world.ts';
import { orEnvironment } from '../../project/environment-hint.ts';
import { assertValid, loadValidProject } from '../../project/load-project.ts';
import { findProjectRoot } from '../../project/files/project-root.ts';
import { contextOf } from '../../project/parameters/fill-in-node.ts';
import { freshParameters } from '../../project/parameters/given-parameters.ts';
import { resolveNode } from '../../project/parameters/resolve-nodes.ts';
import { findNode } from '../../project/select-nodes.ts';
import { openStore } from '../../store/store-reader.ts';
import { listed, type ListedNode } from './list-nodes.ts';

export interface ShownNode extends ListedNode {
  readonly owner: string | null;
  readonly consumers: readonly NodeId[];
  /** Columns in production; null if it does not have the node. */
  readonly columns: readonly Column[] | null;
  readonly sql: string | null;
  /** Type and table of a source; null for a transform. */
  readonly reads: string | null;
  /** External targets, such as `postgresql analytics.orders (full)`. */
  readonly writes: readonly string[];
}

/** All details of one node; with `compiled`, its SQL has the parameters filled in. */
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
    reads: node.kind === 'source' ? `${node.source} ${node.table === '' ? 'query' : node.table}` : null,
    writes: node.targets.map(({ type, table, mode }) => `${type} ${table} (${modeName(mode)})`),
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

function nodeIn(project: Project, id: NodeId): ProjectNode {
  const node = project.nodes.find(candidate => candidate.id === id);
  if (!node) throw new Error(`${id} was found but is not in the project`);
  return node;
}
