import type { FailureText } from '../../../diagnostics/failure-text.ts';
import type { NodeId } from '../../definition/nodes/node.ts';
import type { LocatedTable } from './wanted-target.ts';

/** What another user of the server can change without a new plan: rights, locks, and a server that takes no writes. */
const TEMPORARY: ReadonlySet<string> = new Set(['permission-denied', 'read-only-server', 'target-locked']);

/** Whether a refusal fails only its target when that is written; any other one stops the command before it changes anything. */
export const mayBeLifted = ({ code }: Pick<FailureText, 'code'>): boolean => TEMPORARY.has(code);

/** Equal for targets that mean one table. */
export const tableKey = ({ endpoint, name }: LocatedTable): string => JSON.stringify([endpoint, name]);

/** A target, as another one that means its table names it. */
export interface OtherTarget {
  readonly node: NodeId;
  readonly target: { readonly type: string };
  readonly table: LocatedTable;
}

/** Why a target is refused whose table is that of another one: each would replace the other's rows. */
export const sameTable = ({ node, target, table }: OtherTarget): FailureText => ({
  code: 'target-collision',
  message: `${node} → ${target.type} ${table.name} writes the same table.`,
  hint: 'Give one of them another table, or another connection.',
  words: [],
  said: null,
});
