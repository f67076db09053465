import type { Diagnostic } from '../../../diagnostics/diagnostic.ts';
import type { ParameterScope } from '../../parameters/parameter-scope.ts';
import { resolveValue } from '../../parameters/resolve-value.ts';
import type { ProjectNode } from '../nodes/node.ts';
import { nodeMistake, valuePlace } from '../nodes/node-mistake.ts';

/** The `params` of a node that cannot be resolved, whether used or not, with a diagnostic for each. */
export function checkParams(
  node: ProjectNode,
  scope: ParameterScope,
): { readonly broken: ReadonlySet<string>; readonly diagnostics: readonly Diagnostic[] } {
  const broken = new Set<string>();
  const diagnostics: Diagnostic[] = [];
  for (const [name, value] of Object.entries(node.params)) {
    for (const { mistake, path, offset, length } of resolveValue(value, scope, [name]).mistakes) {
      broken.add(name);
      const place = valuePlace(node, ['params', name, ...path], { offset, length });
      diagnostics.push(nodeMistake(node, place, mistake));
    }
  }
  return { broken, diagnostics };
}
