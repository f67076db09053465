import type { FailureText } from '../../../diagnostics/failure-text.ts';

/** What another user of the server can change without a new plan: rights, locks, and a server that takes no writes. */
const TEMPORARY: ReadonlySet<string> = new Set(['permission-denied', 'read-only-server', 'target-locked']);

/** Whether a refusal fails only its target when that is written; any other one stops the command before it changes anything. */
export const mayBeLifted = ({ code }: Pick<FailureText, 'code'>): boolean => TEMPORARY.has(code);
