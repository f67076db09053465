import type { DesiredNode } from '../../core/definition/nodes/desired-node.ts';
import type { NodeId, ProjectNode } from '../../core/definition/nodes/node.ts';
import type { JsonObject } from '../../core/json.ts';
import type { NodeParameters } from '../../core/parameters/node-parameters.ts';
import type { ParameterContext } from '../../core/parameters/parameter-scope.ts';
import type { World } from '../../core/world.ts';
import { ToolError } from '../../diagnostics/tool-error.ts';
import { fillInNode, nodeParameters } from './fill-in-node.ts';
import { utcDate } from './given-parameters.ts';

export interface StoredNode {
  readonly values: JsonObject;
  readonly parameters: NodeParameters;
}

/** Fills in a stored definition with the values that it was built with. Throws `variable-changed` if one is not available. */
export function resolveStored(
  node: ProjectNode,
  stored: StoredNode,
  world: Pick<World, 'now' | 'variables'>,
): DesiredNode {
  const date = stored.parameters.date ?? utcDate(world.now());
  // Stored values are keyed by path, and looked up by the same path.
  const context: ParameterContext = { date, environment: world.variables, overrides: stored.values, common: {} };
  const { resolved, used, diagnostics } = fillInNode(node, context, []);
  const parameters = nodeParameters(date, used);
  const variables = Object.keys(stored.parameters.variables ?? {});
  const changed = variables.filter(name => parameters.variables?.[name] !== stored.parameters.variables?.[name]);
  if (changed.length > 0) throw variableChanged(node.id, changed);
  if (resolved === null)
    throw new Error(`the stored definition of ${node.id} cannot be filled in: ${diagnostics[0]?.message}`);
  return { resolved, values: stored.values, parameters: stored.parameters };
}

const variableChanged = (id: NodeId, names: readonly string[]): ToolError =>
  new ToolError(
    'variable-changed',
    `${id} was built with another value of the environment variable ${names.join(', ')}.`,
    {
      hint: 'Set it to its previous value, or plan again.',
    },
  );
