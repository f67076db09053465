import { contextOf } from './parameters/fill-in-node.ts';
import { freshParameters } from './parameters/given-parameters.ts';
import { resolveNode } from './parameters/resolve-nodes.ts';
import type { NodeId, Project, ProjectNode } from '../core/definition/nodes/node.ts';
import { checkBeside } from '../core/definition/nodes/checks/check-references.ts';
import { Mistakes } from '../core/definition/yaml/mistakes.ts';
import { type Diagnostic, hasErrors } from '../diagnostics/diagnostic.ts';
import { type NamedFile, parseNamedFile, readNamedFile } from './files/file-target.ts';
import { assertValid, loadProject } from './load-project.ts';
import type { DesiredNode } from '../core/definition/nodes/desired-node.ts';
import { findProjectRoot } from './files/project-root.ts';
import type { CommonOptions, World } from '../core/world.ts';

/** One node's file, checked together with the project that it belongs to. */
export interface CheckedFile {
  readonly file: NamedFile;
  readonly root: string;
  readonly project: Project;
  readonly node: ProjectNode;
  /** The node and all nodes above it. */
  readonly nodes: readonly DesiredNode[];
  /** Warnings, and mistakes that do not affect the query; the caller adds those of the query and throws. */
  readonly found: readonly Diagnostic[];
}

/** Parses a node's file, anywhere, as part of the project; ignores mistakes in unrelated files. */
export function checkFile(world: World, options: CommonOptions & { readonly file: string }): CheckedFile {
  const root = findProjectRoot(world, options);
  const file = readNamedFile(world, { file: options.file, root });
  const { node, diagnostics } = parseNamedFile(root, file);
  if (!node) {
    assertValid(diagnostics);
    throw new Error(`${options.file} holds no node and no mistake`);
  }
  const { project } = loadProject(root);
  const others = project.nodes.filter(other => other.id !== node.id);
  const mistakes = new Mistakes(file);
  checkBeside({ node, mistakes }, others);
  const known = [...others.map(other => other.id), node.id];
  const context = contextOf(freshParameters(world, {}), world, project.common);
  const outcomes = [...upstreamOf(node, others), node].map(each => resolveNode(each, context, known));
  const found = [...diagnostics, ...mistakes.found, ...outcomes.flatMap(outcome => outcome.diagnostics)];
  // Mistakes that do not affect the query are reported together with those of the query.
  if (hasErrors(found.filter(entry => entry.aside !== true))) assertValid(found);
  return { file, root, project, node, nodes: outcomes.flatMap(outcome => outcome.node ?? []), found };
}

function upstreamOf(node: ProjectNode, others: readonly ProjectNode[]): readonly ProjectNode[] {
  const byId = new Map(others.map(other => [other.id, other]));
  const found = new Map<NodeId, ProjectNode>();
  const visit = (each: ProjectNode): void => {
    for (const input of each.inputs) {
      const upstream = byId.get(input.id);
      if (!upstream || found.has(input.id)) continue;
      found.set(input.id, upstream);
      visit(upstream);
    }
  };
  visit(node);
  return [...found.values()];
}
