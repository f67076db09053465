import { type Diagnostic, diagnostic } from '../../diagnostics/diagnostic.ts';
import { type ParameterScope, resolveValue } from '../parameters/parameter-scope.ts';
import type { ProjectNode } from './node.ts';

/** Which of a node's own `params` cannot be resolved, used or not, each reported where it stands. */
export function checkParams(
  node: ProjectNode,
  scope: ParameterScope,
): { readonly broken: ReadonlySet<string>; readonly diagnostics: readonly Diagnostic[] } {
  const broken = new Set<string>();
  const diagnostics: Diagnostic[] = [];
  for (const [name, value] of Object.entries(node.params)) {
    for (const { mistake } of resolveValue(value, scope, [name]).mistakes) {
      broken.add(name);
      diagnostics.push(
        diagnostic({
          code: mistake.code,
          message: mistake.message,
          file: node.file,
          at: node.paramsAt?.[name] ?? node.at,
          hint: mistake.hint,
          node: node.id,
        }),
      );
    }
  }
  return { broken, diagnostics };
}
