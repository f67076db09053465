import type { NodeId } from '../core/definition/nodes/node.ts';
import type { NodeResult } from './node-result.ts';

/**
 * Gives every skipped node the failure that caused it as its reason: the failure of a node above it at any distance,
 * otherwise the first one. Leaves nodes that an interruption skipped unchanged.
 */
export function explainSkips(
  results: readonly NodeResult[],
  inputsOf: (id: NodeId) => readonly NodeId[],
): readonly NodeResult[] {
  const statuses = new Map(results.map(result => [result.id, result.status]));
  const causes = new Map<NodeId, NodeId | null>();
  const causeOf = (id: NodeId): NodeId | null => {
    const known = causes.get(id);
    if (known !== undefined) return known;
    const failed = inputsOf(id).find(input => statuses.get(input) === 'failed');
    const skipped = inputsOf(id).filter(input => statuses.get(input) === 'skipped');
    const cause = failed ?? skipped.map(causeOf).find(found => found !== null) ?? null;
    causes.set(id, cause);
    return cause;
  };
  const first = results.find(result => result.status === 'failed');
  return results.map(result => {
    if (result.status !== 'skipped' || first === undefined) return result;
    const cause = causeOf(result.id);
    const reason = cause === null ? `not started: ${first.id} failed` : `depends on ${cause}, which failed`;
    return { ...result, reason };
  });
}
