import type { SourceNode } from '../../../core/definition/nodes/node.ts';
import { didYouMean } from '../../../diagnostics/suggest.ts';
import { ToolError } from '../../../diagnostics/tool-error.ts';
import { quoteName } from '../../../engine/sql-text.ts';
import type { CatalogueColumn } from '../types/catalogue-column.ts';
import { RELATION } from '../types/column-reading.ts';

/** A column by its name, as written or else in any case. Throws `unknown-column` with a suggestion. */
export function columnNamed<T extends { readonly name: string }>(
  { id }: SourceNode,
  key: string,
  name: string,
  columns: readonly T[],
): T {
  const found =
    columns.find(column => column.name === name) ??
    columns.find(column => column.name.toLowerCase() === name.toLowerCase());
  if (found) return found;
  const names = columns.map(column => column.name);
  throw new ToolError('unknown-column', `${id} has no column '${name}', which \`${key}\` names.`, {
    hint: didYouMean(name, names, `It has: ${names.join(', ')}.`),
  });
}

const TIMES = ['date', 'timestamp', 'timestamptz'];
const NUMBERS = ['int2', 'int4', 'int8', 'numeric', 'float4', 'float8'];

/** A column that orders rows by age. */
export interface TimeColumn {
  readonly column: CatalogueColumn;
  readonly isNumber: boolean;
  /** SQL of the server. */
  readonly value: string;
  /** A condition for values that mark no point in time: they would end every incremental reading. */
  readonly isFinite: string;
}

/** Checks a time column. Throws `unknown-column` or `bad-time-column`. */
export function timeColumn(
  source: SourceNode,
  rule: { readonly key: 'incremental.time_column' | 'freshness.time_column'; readonly name: string },
  columns: readonly CatalogueColumn[],
): TimeColumn {
  const column = columnNamed(source, rule.key, rule.name, columns);
  const isNumber = NUMBERS.includes(column.base);
  const isTime = TIMES.includes(column.base) || (isNumber && rule.key.startsWith('incremental'));
  if (!isTime || column.dimensions > 0) throw badTime(source, rule, column);
  const value = `${RELATION}.${quoteName(column.name)}`;
  return { column, isNumber, value, isFinite: isNumber ? finiteNumber(column, value) : `isfinite(${value})` };
}

const finiteNumber = ({ base }: CatalogueColumn, value: string): string =>
  base.startsWith('int') ? `${value} IS NOT NULL` : `${value}::text NOT IN ('NaN', 'Infinity', '-Infinity')`;

const badTime = (
  { id }: SourceNode,
  { key }: { readonly key: string },
  { name, declared }: CatalogueColumn,
): ToolError =>
  new ToolError('bad-time-column', `${id} cannot use column '${name}' (${declared}) as \`${key}\`.`, {
    hint: key.startsWith('incremental')
      ? 'Name a column of type date, timestamp, timestamptz or a number.'
      : 'Name a column of type date, timestamp or timestamptz.',
  });
