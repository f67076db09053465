import type { SourceNode } from '../../../core/definition/nodes/node.ts';
import { ToolError } from '../../../diagnostics/tool-error.ts';
import { readingsOf } from './describe-relation.ts';
import { keysOf } from './merge-rows.ts';
import type { DescribedRelation } from './relation.ts';
import { timeColumn } from './time-column.ts';

/** Checks the columns that `incremental` and `freshness` name. Throws `unknown-column` or `bad-time-column`. */
export function checkColumns(source: SourceNode, described: DescribedRelation): void {
  const { incremental, freshness } = source;
  if (freshness) timeColumn(source, { key: 'freshness.time_column', name: freshness.timeColumn }, described.columns);
  if (!incremental) return;
  const rule = { key: 'incremental.time_column', name: incremental.timeColumn } as const;
  const { isNumber, column } = timeColumn(source, rule, described.columns);
  keysOf({ source, incremental, readings: readingsOf(described) });
  if (isNumber && incremental.lookback !== 0) throw badLookback(source, column.name);
}

const badLookback = ({ id }: SourceNode, column: string): ToolError =>
  new ToolError('bad-time-column', `${id} cannot look back in time from column '${column}', which is a number.`, {
    hint: 'Remove `incremental.lookback`, or name a date or timestamp as `incremental.time_column`.',
  });
