import type { PlanExpression, PlanType, PlanValue } from './plan-tree.ts';
import { typeOf, typeText } from './plan-types.ts';

const INTEGER_BITS: Readonly<Record<string, readonly [boolean, bigint]>> = {
  TINYINT: [true, 8n],
  SMALLINT: [true, 16n],
  INTEGER: [true, 32n],
  BIGINT: [true, 64n],
  UTINYINT: [false, 8n],
  USMALLINT: [false, 16n],
  UINTEGER: [false, 32n],
  UBIGINT: [false, 64n],
};

/** Whole numbers below these limits are exact in a floating-point type. */
const FLOAT_LIMITS: Readonly<Record<string, bigint>> = { FLOAT: 2n ** 24n, DOUBLE: 2n ** 53n };

/** The value of an expression of literals if it is a whole number and its computation is exact and cannot fail; else null. */
export function wholeNumber(expression: PlanExpression): bigint | null {
  const { return_type: type } = expression;
  switch (expression.expression_class) {
    case 'BOUND_CONSTANT':
      return expression.value ? literalNumber(expression.value) : null;
    case 'BOUND_CAST':
      return fitting(expression.child ? castNumber(expression.child) : null, type);
    case 'BOUND_FUNCTION':
      return type && !(type.id in FLOAT_LIMITS) ? fitting(arithmetic(expression), type) : null;
    default:
      return null;
  }
}

function literalNumber({ is_null: isNull, type, value }: PlanValue): bigint | null {
  if (isNull || (typeof value !== 'number' && typeof value !== 'string')) return null;
  const text = String(value).replace(/^#/, '');
  if (type.id in INTEGER_BITS) return fitting(asWhole(text), type);
  if (type.id in FLOAT_LIMITS) return text.startsWith('-0') ? null : fitting(asWhole(text.replace(/\.0+$/, '')), type);
  return type.id === 'DECIMAL' ? unscaled(asWhole(text), scaleOf(type)) : null;
}

/** The number that a cast makes of a literal: of a number, or of a text of plain digits. */
function castNumber(child: PlanExpression): bigint | null {
  const { value } = child;
  const text = child.expression_class === 'BOUND_CONSTANT' && value?.type.id === 'VARCHAR' ? value.value : null;
  return typeof text === 'string' && /^(?:0|-?[1-9]\d*)$/.test(text) ? BigInt(text) : wholeNumber(child);
}

const asWhole = (text: string): bigint | null => (/^-?\d+$/.test(text) ? BigInt(text) : null);

function unscaled(value: bigint | null, scale: bigint | null): bigint | null {
  if (value === null || scale === null) return null;
  const unit = 10n ** scale;
  return value % unit === 0n ? value / unit : null;
}

function fitting(value: bigint | null, type: PlanType | undefined): bigint | null {
  if (value === null || !type) return null;
  const bits = INTEGER_BITS[type.id];
  if (bits) {
    const [signed, width] = bits;
    return (signed ? BigInt.asIntN(Number(width), value) : BigInt.asUintN(Number(width), value)) === value
      ? value
      : null;
  }
  const limit = FLOAT_LIMITS[type.id] ?? decimalLimit(type);
  return limit !== null && value > -limit && value < limit ? value : null;
}

function decimalLimit(type: PlanType): bigint | null {
  const scale = scaleOf(type);
  const width = numberIn(type, 'width');
  return type.id === 'DECIMAL' && scale !== null && width !== null ? 10n ** (width - scale) : null;
}

const scaleOf = (type: PlanType): bigint | null => (type.id === 'DECIMAL' ? numberIn(type, 'scale') : null);

function numberIn(type: PlanType, field: string): bigint | null {
  const info = type.type_info;
  if (typeof info !== 'object' || info === null) return null;
  const value = new Map<string, unknown>(Object.entries(info)).get(field);
  return typeof value === 'number' ? BigInt(value) : null;
}

function arithmetic({ name, children = [] }: PlanExpression): bigint | null {
  const operands = children.map(wholeNumber);
  const [left, right] = operands;
  if (left === undefined || left === null) return null;
  if (operands.length === 1) return name === '-' ? -left : null;
  if (operands.length !== 2 || right === undefined || right === null) return null;
  if (name === '+') return left + right;
  if (name === '-') return left - right;
  return name === '*' ? left * right : null;
}

const TRUE_TEXTS = new Set(['t', 'true']);
const FALSE_TEXTS = new Set(['f', 'false']);

/** The value of a boolean literal (DuckDB binds `true` as a cast of 't'); null for anything else, NULL included. */
export function truthValue(expression: PlanExpression): boolean | null {
  if (expression.expression_class === 'BOUND_CAST') {
    if (expression.return_type?.id !== 'BOOLEAN' || expression.child?.expression_class !== 'BOUND_CONSTANT')
      return null;
    const value = expression.child.value?.value;
    if (typeof value === 'boolean') return value;
    if (typeof value !== 'string') return null;
    return TRUE_TEXTS.has(value) ? true : FALSE_TEXTS.has(value) ? false : null;
  }
  if (expression.expression_class !== 'BOUND_CONSTANT' || expression.value?.type.id !== 'BOOLEAN') return null;
  return typeof expression.value.value === 'boolean' && !expression.value.is_null ? expression.value.value : null;
}

/** A literal that is not NULL, under casts that cannot turn it into NULL. */
export function isLiteral(expression: PlanExpression): boolean {
  if (expression.expression_class === 'BOUND_CONSTANT') return expression.value?.is_null === false;
  if (expression.expression_class !== 'BOUND_CAST' || expression.try_cast === true || !expression.child) return false;
  return isLiteral(expression.child);
}

/** A NULL literal of any type. */
export function isNullLiteral({ expression_class: kind, value, child }: PlanExpression): boolean {
  return kind === 'BOUND_CONSTANT' ? value?.is_null === true : kind === 'BOUND_CAST' && !!child && isNullLiteral(child);
}

/** `x < 5` over whole numbers is `x <= 4`: the closed comparison and the new value of its literal; null if there is none. */
export function closedBound(
  comparison: string,
  left: PlanExpression,
  right: PlanExpression,
): { readonly comparison: string; readonly side: 'left' | 'right'; readonly value: bigint } | null {
  const step = comparison === 'COMPARE_LESSTHAN' ? 1n : comparison === 'COMPARE_GREATERTHAN' ? -1n : null;
  if (step === null || !(typeOf(left).id in INTEGER_BITS)) return null;
  const [least, most] = [wholeNumber(left), wholeNumber(right)];
  const moved = most !== null ? most - step : least !== null ? least + step : null;
  const value = fitting(moved, typeOf(left));
  return value === null
    ? null
    : { comparison: `${comparison}OREQUALTO`, side: most !== null ? 'right' : 'left', value };
}

/** Whether a cast changes nothing. */
export const isIdentityCast = (from: PlanType, to: PlanType | undefined): boolean => typeText(from) === typeText(to);
