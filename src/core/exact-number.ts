import type { Json, JsonObject } from './json.ts';

/** A parameter number whose text JSON would not keep, such as `1.10`, `00501` or twenty digits. */
export interface ExactNumber extends JsonObject {
  readonly $number: string;
}

/** Returns a plain number if JSON keeps its text, otherwise an exact one. */
export function exactNumber(written: string): number | ExactNumber {
  const value = Number(written);
  return String(value) === written ? value : { $number: written };
}

export const isExactNumber = (value: Json): value is ExactNumber =>
  isObject(value) && typeof value['$number'] === 'string' && Object.keys(value).length === 1;

/** Whether a value is a user's mapping rather than an exact number. */
export const isMapping = (value: Json): value is JsonObject => isObject(value) && !isExactNumber(value);

const isObject = (value: Json): value is JsonObject =>
  value !== null && typeof value === 'object' && !Array.isArray(value);

/** The number as JSON can carry it; its text if a JavaScript number would lose digits. */
export function inexact({ $number: written }: ExactNumber): number | string {
  const value = Number(written);
  const kept = Number.isInteger(value) ? Number.isSafeInteger(value) : Number.isFinite(value);
  return kept ? value : written;
}
