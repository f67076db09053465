import type { Choices } from './choices.ts';
import type { GraphColumn, Kind } from './graph.ts';

/** A column as an expression can name it: `l.x`. */
export interface Reach extends GraphColumn {
  readonly sql: string;
}

export const reachOf = (side: 'l' | 'r', columns: readonly GraphColumn[]): readonly Reach[] =>
  columns.map(column => ({ ...column, sql: `${side}.${column.name}` }));

const LITERALS: Readonly<Record<Kind, readonly string[]>> = {
  whole: ['1', '2', '3', '0', '-1', 'NULL::INTEGER'],
  number: ['1.5', '2.0', '0.25', '-3.75'],
  text: ["'a'", "'b'", "'ab'", "''", "'Ä'"],
  date: ["DATE '2024-01-02'", "DATE '2024-01-03'"],
  time: ["TIMESTAMP '2024-01-02 03:04:05'", "TIMESTAMP '2024-01-03 00:00:00'"],
  flag: ['true', 'false'],
  list: ['[1, 2]', '[]::BIGINT[]', '[NULL, 1]'],
  struct: ["{'a': 1, 'b': 'x'}", "{'a': NULL, 'b': 'y'}"],
};

export const KINDS = Object.keys(LITERALS) as readonly Kind[];

/** An expression of a kind over the available columns. */
export function expression(choices: Choices, kind: Kind, reach: readonly Reach[], depth = 2): string {
  const own = reach.filter(column => column.kind === kind).map(column => column.sql);
  const leaf = own.length > 0 && !choices.percent(10) ? choices.of(own) : choices.of(LITERALS[kind]);
  if (depth === 0 || choices.percent(45)) return leaf;
  const more = (of: Kind) => expression(choices, of, reach, depth - 1);
  if (choices.percent(20))
    return `CASE WHEN ${condition(choices, reach, depth - 1)} THEN ${leaf} ELSE ${more(kind)} END`;
  if (choices.percent(20)) return `coalesce(${leaf}, ${choices.of(LITERALS[kind])})`;
  return choices.of(OPERATIONS[kind])(leaf, more);
}

type Operation = (leaf: string, more: (kind: Kind) => string) => string;

const OPERATIONS: Readonly<Record<Kind, readonly Operation[]>> = {
  whole: [
    (leaf, more) => `${leaf} + ${more('whole')}`,
    (leaf, more) => `(${leaf} - ${more('whole')})`,
    (_, more) => `length(${more('text')})`,
    (_, more) => `len(${more('list')})`,
    (leaf, more) => `greatest(${leaf}, ${more('whole')})`,
    (_, more) => `day(${more('date')})`,
    (_, more) => `(${more('struct')}).a`,
  ],
  number: [
    (leaf, more) => `CAST(${leaf} AS DOUBLE) + ${more('whole')}`,
    leaf => `round(CAST(${leaf} AS DOUBLE), 1)`,
    leaf => `abs(${leaf})`,
    (leaf, more) => `CAST(${leaf} AS DOUBLE) * CAST(sign(${more('whole')}) AS DOUBLE) + 0`,
  ],
  text: [
    leaf => `upper(${leaf})`,
    leaf => `lower(${leaf})`,
    (leaf, more) => `${leaf} || ${more('text')}`,
    leaf => `substr(${leaf}, 1, 1)`,
    (_, more) => `CAST(${more('whole')} AS VARCHAR)`,
    (leaf, more) => `concat(${leaf}, ${more('text')})`,
  ],
  date: [leaf => `${leaf} + 1`, (_, more) => `CAST(${more('time')} AS DATE)`],
  time: [leaf => `date_trunc('day', ${leaf})`, leaf => `${leaf} + INTERVAL 1 HOUR`],
  flag: [
    (leaf, more) => `(${leaf} OR ${more('flag')})`,
    leaf => `NOT ${leaf}`,
    (_, more) => `(${more('whole')} = ${more('whole')})`,
    (_, more) => `(${more('text')} IS NULL)`,
  ],
  list: [(leaf, more) => `list_append(CAST(${leaf} AS BIGINT[]), ${more('whole')})`, leaf => `list_reverse(${leaf})`],
  struct: [(_, more) => `{'a': ${more('whole')}, 'b': ${more('text')}}`],
};

const COMPARISONS = ['=', '<>', '<', '<=', '>', '>=', 'IS DISTINCT FROM'];

/** A condition over the available columns. */
export function condition(choices: Choices, reach: readonly Reach[], depth = 1): string {
  const kind = choices.of(['whole', 'text', 'number', 'date', 'flag'] as const);
  const left = expression(choices, kind, reach, depth);
  if (choices.percent(15)) return `${left} IS ${choices.of(['NULL', 'NOT NULL'])}`;
  if (choices.percent(15)) return `${left} IN (${LITERALS[kind].slice(0, 3).join(', ')})`;
  if (choices.percent(15)) return `(${left} = ${choices.of(LITERALS[kind])} OR ${condition(choices, reach, 0)})`;
  if (choices.percent(10)) return `NOT (${left} < ${choices.of(LITERALS[kind])})`;
  const right = choices.percent(50) ? choices.of(LITERALS[kind]) : expression(choices, kind, reach, 0);
  return `${left} ${choices.of(COMPARISONS)} ${right}`;
}
