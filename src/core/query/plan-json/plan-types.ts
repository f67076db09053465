import type { PlanExpression, PlanType } from './plan-tree.ts';

export const BOOLEAN: PlanType = { id: 'BOOLEAN', type_info: null };

const texts = new WeakMap<PlanType, string>();

/** A type as text; equal types have equal texts. */
export function typeText(type: PlanType | undefined): string {
  if (!type) return '';
  if (type.type_info === null) return type.id;
  const known = texts.get(type);
  if (known !== undefined) return known;
  const text = JSON.stringify(type);
  texts.set(type, text);
  return text;
}

/** The type of an expression. */
export function typeOf(expression: PlanExpression): PlanType {
  return expression.return_type ?? expression.value?.type ?? BOOLEAN;
}

const QUANTITIES = [
  ...[
    'TINYINT',
    'SMALLINT',
    'INTEGER',
    'BIGINT',
    'HUGEINT',
    'UTINYINT',
    'USMALLINT',
    'UINTEGER',
    'UBIGINT',
    'UHUGEINT',
  ],
  ...['DECIMAL', 'FLOAT', 'DOUBLE', 'DATE', 'TIME', 'TIMESTAMP', 'TIMESTAMP WITH TIME ZONE', 'INTERVAL'],
];

/** Whether sums and products of a type are commutative. */
export const isQuantity = (type: PlanType): boolean => QUANTITIES.includes(type.id);

const SCALAR_TYPES = new Set([
  ...['BOOLEAN', 'TINYINT', 'SMALLINT', 'INTEGER', 'BIGINT', 'HUGEINT', 'UTINYINT', 'USMALLINT', 'UINTEGER', 'UBIGINT'],
  ...['UHUGEINT', 'DECIMAL', 'VARCHAR', 'CHAR', 'BLOB', 'DATE', 'TIME', 'UUID', 'ENUM'],
  ...[
    'TIMESTAMP',
    'TIMESTAMP_S',
    'TIMESTAMP_MS',
    'TIMESTAMP_NS',
    'TIMESTAMP_S',
    'TIMESTAMP WITH TIME ZONE',
    'NULL',
    'SQLNULL',
  ],
]);

/** Whether equal values of a type are identical; not so for INTERVAL, nested types, texts under a collation, and floats (0.0 and -0.0). */
export const hasExactEquality = (type: PlanType): boolean => SCALAR_TYPES.has(type.id) && !isCollated(type);

const FLOATS = new Set(['FLOAT', 'DOUBLE']);

export const isFloat = (type: PlanType): boolean => FLOATS.has(type.id);

/** Whether values of the type are or contain floating-point numbers, and so may differ in the sign of a zero. */
export const hasSignedZero = (type: PlanType): boolean =>
  isFloat(type) || (type.type_info !== null && /"(?:FLOAT|DOUBLE)"/.test(typeText(type)));

/** Whether texts that differ in case or accents are equal. */
const isCollated = ({ type_info: info }: PlanType): boolean =>
  typeof info === 'object' && info !== null && 'collation' in info && info.collation !== '';
