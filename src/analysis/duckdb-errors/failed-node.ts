import type { Diagnostic } from '../../diagnostics/diagnostic.ts';
import { placed, wordIn } from './query-mistakes.ts';
import { sourceMistake } from './source-mistake.ts';
import type { ResolvedNode } from '../../core/definition/nodes/desired-node.ts';
import type { FailureText } from '../../diagnostics/failure-text.ts';

/** Why a node could not be made, at what in its file is to be mended. */
export function failedNode(resolved: ResolvedNode, { words, said, code, hint, ...failed }: FailureText): Diagnostic {
  const { node, sql } = resolved;
  const message = failed.message.startsWith(`${node.id} `) ? failed.message : `${node.id} failed: ${failed.message}`;
  if (sql === null) return sourceMistake(node, { code, message, hint, said });
  return placed(resolved, wordIn(sql, words[0] ?? ''), { code, message, hint });
}
