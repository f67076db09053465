import type { Diagnostic } from '../../diagnostics/diagnostic.ts';
import { nodeMistake } from '../../core/definition/nodes/node-mistake.ts';
import { placed, wordIn } from './query-mistakes.ts';
import { sourceMistake } from './source-mistake.ts';
import type { ResolvedNode } from '../../core/definition/nodes/desired-node.ts';
import type { FailureText } from '../../diagnostics/failure-text.ts';

/** Why a node failed, with the place in its file that needs a fix. */
export function failedNode(resolved: ResolvedNode, { words, said, code, hint, ...failed }: FailureText): Diagnostic {
  const { node } = resolved;
  const message = failed.message.startsWith(`${node.id} `) ? failed.message : `${node.id} failed: ${failed.message}`;
  switch (resolved.kind) {
    case 'source':
      return sourceMistake(resolved.node, { code, message, hint, said });
    case 'query':
      return placed(resolved, wordIn(resolved.sql, words[0] ?? ''), { code, message, hint });
    case 'stored-output':
      return nodeMistake(node, null, { code, message, hint });
  }
}
