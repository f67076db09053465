import { optionText } from '../../core/definition/options/check-options.ts';
import type { SourceNode } from '../../core/definition/nodes/node.ts';
import { keyPlace, nodeMistake, valuePlace } from '../../core/definition/nodes/node-mistake.ts';
import type { Diagnostic } from '../../diagnostics/diagnostic.ts';

/** Why a source cannot be read. */
export interface SourceFailure {
  readonly code: string;
  readonly message: string;
  readonly hint: string | null;
  /** DuckDB's message; null if the failure is not DuckDB's. */
  readonly said: string | null;
}

/** Why a source cannot be read, at the part of its file that needs a fix: an option, a type, the schema, else its path or query. */
export function sourceMistake(node: SourceNode, { code, message, hint, said }: SourceFailure): Diagnostic {
  const option = said === null || code !== 'source-unreadable' ? null : optionText(node, said);
  if (option)
    return nodeMistake(node, option.place ?? pathPlace(node), {
      code: 'bad-option',
      message: option.message,
      hint: option.hint,
    });
  const place = keyOf(node, code) ?? columnPlace(node, said) ?? pathPlace(node);
  return nodeMistake(node, place, { code, message, hint });
}

const pathPlace = (node: SourceNode) =>
  node.table === ''
    ? keyPlace(node, ['params'], 'query')
    : valuePlace(node, ['table'], { offset: 0, length: node.table.length });

/** The place of what a failure with this code is always about. */
function keyOf(node: SourceNode, code: string) {
  if (code === 'schema-mismatch') return keyPlace(node, [], 'schema');
  return CONNECTION_CODES.has(code) ? valuePlace(node, ['params', 'connection']) : null;
}

const CONNECTION_CODES: ReadonlySet<string> = new Set(['unknown-connection', 'connection-type']);

/** The place of the declared type of a column whose data does not match it. */
function columnPlace(node: SourceNode, said: string | null) {
  const column = /Error when converting column "(.+?)"/.exec(said ?? '')?.[1];
  const index = (node.schema ?? []).findIndex(({ name }) => name === column);
  return index < 0 ? null : valuePlace(node, ['schema', index, 'data_type']);
}
