import type { DesiredNode } from '../../core/definition/nodes/desired-node.ts';
import type { NodeId, Project, ProjectNode } from '../../core/definition/nodes/node.ts';
import type { ParameterContext } from '../../core/parameters/parameter-scope.ts';
import type { World } from '../../core/world.ts';
import type { Diagnostic } from '../../diagnostics/diagnostic.ts';
import { contextOf, fillInNode, givenValues, nodeParameters } from './fill-in-node.ts';
import type { ParametersOf } from './given-parameters.ts';

/** Fills in the parameters of all nodes; nodes with errors are left out and reported. */
export function resolveProject(
  project: Project,
  parametersOf: ParametersOf,
  world: Pick<World, 'variables'>,
): { readonly nodes: readonly DesiredNode[]; readonly diagnostics: readonly Diagnostic[] } {
  const known = project.nodes.map(node => node.id);
  const outcomes = project.nodes.map(node =>
    resolveNode(node, contextOf(parametersOf(node.id), world, project.common), known),
  );
  return {
    nodes: outcomes.flatMap(outcome => outcome.node ?? []),
    diagnostics: outcomes.flatMap(outcome => outcome.diagnostics),
  };
}

/** Nodes without mistakes that affect their output; further mistakes of the others would be consequences. */
export function soundNodes(nodes: readonly DesiredNode[], found: readonly Diagnostic[]): readonly DesiredNode[] {
  const broken = new Set(
    found.filter(entry => entry.severity === 'error' && entry.aside !== true).map(entry => entry.node),
  );
  return nodes.filter(node => !broken.has(node.resolved.node.id));
}

/** Fills in the parameters of one node; null on errors. */
export function resolveNode(
  node: ProjectNode,
  context: ParameterContext,
  known: readonly NodeId[],
): { readonly node: DesiredNode | null; readonly diagnostics: readonly Diagnostic[] } {
  const { resolved, used, diagnostics } = fillInNode(node, context, known);
  return {
    node: resolved && { resolved, values: givenValues(used), parameters: nodeParameters(context.date, used) },
    diagnostics,
  };
}
