import type { PlanType } from '../plan-json/plan-tree.ts';
import { asBag, type Term } from '../terms/term.ts';
import { typeText } from '../plan-json/plan-types.ts';
import type { Walk } from '../walk.ts';

/** The negation of each comparison. */
export const NEGATED: Readonly<Record<string, string>> = {
  COMPARE_EQUAL: 'COMPARE_NOTEQUAL',
  COMPARE_NOTEQUAL: 'COMPARE_EQUAL',
  COMPARE_LESSTHAN: 'COMPARE_GREATERTHANOREQUALTO',
  COMPARE_GREATERTHANOREQUALTO: 'COMPARE_LESSTHAN',
  COMPARE_GREATERTHAN: 'COMPARE_LESSTHANOREQUALTO',
  COMPARE_LESSTHANOREQUALTO: 'COMPARE_GREATERTHAN',
  COMPARE_DISTINCT_FROM: 'COMPARE_NOT_DISTINCT_FROM',
  COMPARE_NOT_DISTINCT_FROM: 'COMPARE_DISTINCT_FROM',
};

const TURNED: Readonly<Record<string, string>> = {
  COMPARE_GREATERTHAN: 'COMPARE_LESSTHAN',
  COMPARE_GREATERTHANOREQUALTO: 'COMPARE_LESSTHANOREQUALTO',
};

const SYMMETRIC = new Set(['COMPARE_EQUAL', 'COMPARE_NOTEQUAL', 'COMPARE_DISTINCT_FROM', 'COMPARE_NOT_DISTINCT_FROM']);

/** Whether a comparison is never true if an operand is NULL. */
export const isStrict = (type: string): boolean => !type.includes('DISTINCT');

/** A literal whole number. */
export const numberTerm = (walk: Walk, value: bigint, type: PlanType): Term =>
  walk.terms.make('number', typeText(type), String(value));

/** A comparison; `a > b` is `b < a`. */
export function comparison(walk: Walk, type: string, left: Term, right: Term): Term {
  if (SYMMETRIC.has(type)) return walk.terms.make(type, asBag([left, right]));
  const turned = TURNED[type];
  return turned ? walk.terms.make(turned, [right, left]) : walk.terms.make(type, [left, right]);
}

/** The result of comparing two literals; null for an unsupported comparison. */
export function compareNumbers(type: string, left: bigint | null, right: bigint | null): boolean | null {
  if (left === null || right === null) return null;
  switch (type) {
    case 'COMPARE_EQUAL':
    case 'COMPARE_NOT_DISTINCT_FROM':
      return left === right;
    case 'COMPARE_NOTEQUAL':
    case 'COMPARE_DISTINCT_FROM':
      return left !== right;
    case 'COMPARE_LESSTHAN':
      return left < right;
    case 'COMPARE_GREATERTHAN':
      return left > right;
    case 'COMPARE_LESSTHANOREQUALTO':
      return left <= right;
    case 'COMPARE_GREATERTHANOREQUALTO':
      return left >= right;
    default:
      return null;
  }
}
