import type { Type } from './query-tree.ts';
import type { Random } from './random.ts';

const STRUCT = 'STRUCT(x INTEGER, y DOUBLE)';

export interface Shape {
  readonly shape: string;
  readonly operands: readonly Type[];
}

const shape = (text: string, ...operands: readonly Type[]): Shape => ({ shape: text, operands });

/** Scalar calls by their return type. */
export const SCALARS: Readonly<Record<Type, readonly Shape[]>> = {
  INTEGER: [
    shape('($0 + $1)', 'INTEGER', 'INTEGER'),
    shape('(- $0)', 'INTEGER'),
    shape('coalesce($0, $1)', 'INTEGER', 'INTEGER'),
    shape('CASE WHEN $0 THEN $1 ELSE $2 END', 'BOOLEAN', 'INTEGER', 'INTEGER'),
    shape('CASE WHEN $0 THEN $1 END', 'BOOLEAN', 'INTEGER'),
    shape('nullif($0, $1)', 'INTEGER', 'INTEGER'),
    shape('signbit($0)::INTEGER', 'DOUBLE'),
    shape('length($0)::INTEGER', 'VARCHAR'),
    shape('len($0)::INTEGER', 'INTEGER[]'),
    shape('($0).x', STRUCT),
    shape('($0)[1]', 'INTEGER[]'),
    shape('$0::INTEGER', 'BOOLEAN'),
    shape('$0::INTEGER', 'BIGINT'),
    shape('greatest($0, $1)', 'INTEGER', 'INTEGER'),
  ],
  BIGINT: [
    shape('$0::BIGINT', 'INTEGER'),
    shape('coalesce($0, $1)', 'BIGINT', 'BIGINT'),
    shape('($0 + $1)', 'BIGINT', 'INTEGER'),
  ],
  DOUBLE: [
    shape('($0 + $1)', 'DOUBLE', 'DOUBLE'),
    shape('(- $0)', 'DOUBLE'),
    shape('$0::DOUBLE', 'INTEGER'),
    shape('coalesce($0, $1)', 'DOUBLE', 'DOUBLE'),
    shape('($0).y', STRUCT),
    shape('CASE WHEN $0 THEN $1 ELSE $2 END', 'BOOLEAN', 'DOUBLE', 'DOUBLE'),
    shape('($0)[1]', 'DOUBLE[]'),
    shape('abs($0)', 'DOUBLE'),
    shape('($0 * $1)', 'DOUBLE', 'DOUBLE'),
  ],
  VARCHAR: [
    shape('upper($0)', 'VARCHAR'),
    shape('($0 || $1)', 'VARCHAR', 'VARCHAR'),
    shape('coalesce($0, $1)', 'VARCHAR', 'VARCHAR'),
    shape('$0::VARCHAR', 'DOUBLE'),
    shape('$0::VARCHAR', 'INTEGER'),
    shape('concat($0, $1)', 'VARCHAR', 'VARCHAR'),
  ],
  BOOLEAN: [
    shape('($0 = $1)', 'INTEGER', 'INTEGER'),
    shape('($0 < $1)', 'INTEGER', 'INTEGER'),
    shape('($0 >= $1)', 'DOUBLE', 'DOUBLE'),
    shape('($0 = $1)', 'DOUBLE', 'DOUBLE'),
    shape('($0 <> $1)', 'VARCHAR', 'VARCHAR'),
    shape('($0 IS NOT DISTINCT FROM $1)', 'INTEGER', 'INTEGER'),
    shape('($0 IS DISTINCT FROM $1)', 'VARCHAR', 'VARCHAR'),
    shape('($0 IS NULL)', 'INTEGER'),
    shape('($0 IS NULL)', 'DOUBLE'),
    shape('($0 IS NOT NULL)', 'VARCHAR'),
    shape('($0 IS NOT NULL)', STRUCT),
    shape('($0 IS NULL)', 'RANDOM'),
    shape('($0 = $1)', STRUCT, STRUCT),
    shape('($0 AND $1)', 'BOOLEAN', 'BOOLEAN'),
    shape('($0 OR $1)', 'BOOLEAN', 'BOOLEAN'),
    shape('(NOT $0)', 'BOOLEAN'),
    shape('($0 IN (0, 1))', 'INTEGER'),
    shape('($0 NOT IN (1, 2))', 'INTEGER'),
    shape('($0 BETWEEN $1 AND $2)', 'INTEGER', 'INTEGER', 'INTEGER'),
    shape('signbit($0)', 'DOUBLE'),
    shape('coalesce($0, $1)', 'BOOLEAN', 'BOOLEAN'),
    shape('($0 < $1)', 'DATE', 'DATE'),
    shape('($0 > $1)', 'BIGINT', 'INTEGER'),
  ],
  DATE: [shape('coalesce($0, $1)', 'DATE', 'DATE'), shape('($0 + $1)', 'DATE', 'INTEGER')],
  'INTEGER[]': [
    shape('[$0, $1]', 'INTEGER', 'INTEGER'),
    shape('list_sort($0)', 'INTEGER[]'),
    shape('coalesce($0, $1)', 'INTEGER[]', 'INTEGER[]'),
    shape('list_transform($0, x -> x + 1)', 'INTEGER[]'),
  ],
  'DOUBLE[]': [
    shape('[$0, $1]', 'DOUBLE', 'DOUBLE'),
    shape('list_sort($0)', 'DOUBLE[]'),
    shape('list_distinct($0)', 'DOUBLE[]'),
  ],
  [STRUCT]: [shape("{'x': $0, 'y': $1}", 'INTEGER', 'DOUBLE'), shape('coalesce($0, $1)', STRUCT, STRUCT)],
  RANDOM: [],
  UUID: [],
};

export const LITERALS: Readonly<Record<Type, readonly string[]>> = {
  INTEGER: ['0', '1', '2', 'NULL::INTEGER'],
  BIGINT: ['1::BIGINT', '2::BIGINT'],
  DOUBLE: ['0.0::DOUBLE', '-0.0::DOUBLE', '1.5::DOUBLE', 'NULL::DOUBLE'],
  VARCHAR: ["'0'", "'a'", "''"],
  BOOLEAN: ['true', 'false', 'NULL::BOOLEAN'],
  DATE: ["DATE '2024-01-31'", 'NULL::DATE'],
  'INTEGER[]': ['[1, 2]', '[]::INTEGER[]'],
  'DOUBLE[]': ['[0.0::DOUBLE, -0.0::DOUBLE]'],
  [STRUCT]: ["{'x': 1, 'y': -0.0::DOUBLE}"],
  RANDOM: ['random()'],
  UUID: ['uuid()'],
};

export const AGGREGATES: Readonly<Partial<Record<Type, readonly Shape[]>>> = {
  BIGINT: [
    shape('count(*)'),
    shape('count($0)', 'INTEGER'),
    shape('count(DISTINCT $0)', 'INTEGER'),
    shape('count(DISTINCT $0)', 'RANDOM'),
    shape('count(DISTINCT $0)', 'DOUBLE'),
    shape('count(*) FILTER (WHERE $0)', 'BOOLEAN'),
    shape('sum($0)::BIGINT', 'INTEGER'),
    shape('sum(DISTINCT $0)::BIGINT', 'INTEGER'),
    shape('grouping($0)', 'INTEGER'),
  ],
  INTEGER: [
    shape('min($0)', 'INTEGER'),
    shape('max($0)', 'INTEGER'),
    shape('first($0)', 'INTEGER'),
    shape('arg_min($0, $1)', 'INTEGER', 'INTEGER'),
    shape('max(signbit($0)::INTEGER)', 'DOUBLE'),
    shape('any_value($0)', 'INTEGER'),
    shape('mode($0)', 'INTEGER'),
    shape('quantile_disc($0, 0.5)', 'INTEGER'),
  ],
  DOUBLE: [
    shape('max($0)', 'DOUBLE'),
    shape('min($0)', 'DOUBLE'),
    shape('sum($0)', 'DOUBLE'),
    shape('first($0)', 'DOUBLE'),
    shape('median($0)', 'DOUBLE'),
    shape('quantile_disc($0, 0.5)', 'DOUBLE'),
    shape('arg_max($0, $1)', 'DOUBLE', 'INTEGER'),
  ],
  VARCHAR: [shape('max($0)', 'VARCHAR'), shape("string_agg($0, ',' ORDER BY $0)", 'VARCHAR')],
  BOOLEAN: [shape('bool_or($0)', 'BOOLEAN'), shape('bool_and($0)', 'BOOLEAN')],
  'INTEGER[]': [shape('list($0 ORDER BY $0)', 'INTEGER'), shape('list(DISTINCT $0 ORDER BY $0)', 'INTEGER')],
  'DOUBLE[]': [shape('list($0 ORDER BY $0)', 'DOUBLE'), shape('list(DISTINCT $0 ORDER BY $0)', 'DOUBLE')],
  'STRUCT(x INTEGER, y DOUBLE)': [shape('max($0)', STRUCT), shape('first($0 ORDER BY $0)', STRUCT)],
  DATE: [shape('max($0)', 'DATE')],
};

export const OVER = [
  'OVER ()',
  'OVER (PARTITION BY $8)',
  'OVER (ORDER BY $8)',
  'OVER (PARTITION BY $8 ORDER BY $9)',
  'OVER (ORDER BY $8 DESC, $9)',
  'OVER (ORDER BY $8 ROWS BETWEEN 1 PRECEDING AND 1 FOLLOWING)',
  'OVER (ORDER BY $8, $9 ROWS UNBOUNDED PRECEDING)',
  'OVER (PARTITION BY $8 ORDER BY $9 RANGE BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING)',
  'OVER (PARTITION BY $8 ORDER BY $9 GROUPS BETWEEN CURRENT ROW AND 1 FOLLOWING)',
  'OVER (ORDER BY $8 ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW EXCLUDE CURRENT ROW)',
];

export const WINDOWS: Readonly<Partial<Record<Type, readonly Shape[]>>> = {
  BIGINT: [
    shape('row_number()'),
    shape('row_number(ORDER BY $8)'),
    shape('row_number(ORDER BY $9)'),
    shape('rank()'),
    shape('rank(ORDER BY $8)'),
    shape('dense_rank()'),
    shape('count(*)'),
    shape('count(DISTINCT $0)', 'INTEGER'),
    shape('count(DISTINCT $0)', 'RANDOM'),
    shape('ntile(2)'),
  ],
  INTEGER: [
    shape('max($0)', 'INTEGER'),
    shape('lag($0)', 'INTEGER'),
    shape('lead($0, 1, 0)', 'INTEGER'),
    shape('first_value($0)', 'INTEGER'),
    shape('last_value($0)', 'INTEGER'),
  ],
  DOUBLE: [shape('max($0)', 'DOUBLE'), shape('sum($0)', 'DOUBLE'), shape('lag($0)', 'DOUBLE')],
};

/** Another call with the same type and operands; null if there is none. */
export function otherShape(text: string, random: Random): string | null {
  const at = text.indexOf(' OVER ');
  if (at >= 0) return `${text.slice(0, at + 1)}${random.pick(OVER)}`;
  const all = [...Object.values(SCALARS), ...Object.values(AGGREGATES)].flat();
  const [own] = all.filter(each => each.shape === text);
  if (!own) return null;
  const alike = [...Object.values(SCALARS), ...Object.values(AGGREGATES)]
    .filter(list => list.includes(own))
    .flat()
    .filter(
      each =>
        each.operands.length === own.operands.length && each.operands.every((type, i) => type === own.operands[i]),
    );
  return random.pick(alike).shape;
}
