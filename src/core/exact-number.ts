import type { Json, JsonObject } from './json.ts';

/** A number among parameters that JSON would write otherwise than it was written: `1.10`, `00501`, twenty digits. */
export interface ExactNumber extends JsonObject {
  readonly $number: string;
}

/** A number with the text in which it was written; a plain one where JSON keeps that. */
export function exactNumber(written: string): number | ExactNumber {
  const value = Number(written);
  return String(value) === written ? value : { $number: written };
}

export const isExactNumber = (value: Json): value is ExactNumber =>
  isObject(value) && typeof value['$number'] === 'string' && Object.keys(value).length === 1;

/** A mapping of a user's. */
export const isMapping = (value: Json): value is JsonObject => isObject(value) && !isExactNumber(value);

const isObject = (value: Json): value is JsonObject =>
  value !== null && typeof value === 'object' && !Array.isArray(value);

/** What JSON can carry of a number: the text where that is not its value. */
export function inexact({ $number: written }: ExactNumber): number | string {
  const value = Number(written);
  const kept = Number.isInteger(value) ? Number.isSafeInteger(value) : Number.isFinite(value);
  return kept ? value : written;
}
