import type { SerialisedPlan } from './plan-tree.ts';

const TOKEN = /"(?:[^"\\]|\\.)*"|-?(?:Infinity|NaN)|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/g;
const SAFE_NUMBER = /^(?:0|-?[1-9]\d{0,14})$/;

/** Parses a plan; numbers that `JSON.parse` would change (64 bits, fractions, infinities, -0) become texts `#<number>`. */
export function parsePlan(json: string): unknown {
  return JSON.parse(
    json.replace(TOKEN, token => (token.startsWith('"') || SAFE_NUMBER.test(token) ? token : `"#${token}"`)),
  );
}

/** Checks the outermost shape of a parsed plan; the walk checks everything inside field by field. */
export function isSerialisedPlan(value: unknown): value is SerialisedPlan {
  if (typeof value !== 'object' || value === null || !('error' in value)) return false;
  return value.error === true || ('plans' in value && Array.isArray(value.plans) && value.plans.length === 1);
}
