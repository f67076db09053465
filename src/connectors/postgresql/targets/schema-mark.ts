import type { StoreMark } from '../../../core/plan/targets/target-action.ts';

/** The beginning of every comment that Seeknal writes. */
export const MARK_PREFIX = 'seeknal: ';

/** The comment of a schema that an environment made. */
export const schemaComment = ({ lineage, environment }: StoreMark): string =>
  MARK_PREFIX + JSON.stringify({ lineage, environment });

/** The mark in the comment of a schema; null if no environment made it. */
export function schemaMark(comment: string | null): { readonly lineage: string; readonly environment: string } | null {
  const value = markedValue(comment);
  if (typeof value?.['lineage'] !== 'string' || typeof value['environment'] !== 'string') return null;
  return { lineage: value['lineage'], environment: value['environment'] };
}

/** Whether a schema's comment says that this environment of this store made it. */
export function isMarkedBy(comment: string | null, { lineage, environment }: StoreMark): boolean {
  const mark = schemaMark(comment);
  return mark !== null && mark.lineage === lineage && mark.environment === environment;
}

/** The comment of a table that a target created: a retry knows it even if the first answer was lost. */
export const tableComment = ({ lineage, environment }: StoreMark): string =>
  MARK_PREFIX + JSON.stringify({ table: lineage, environment });

/** Whether a table's comment says that this environment of this store created it. */
export const isTableMarkedBy = (comment: string | null, mark: StoreMark): boolean =>
  mark.lineage !== null && comment === tableComment(mark);

/** The comment of a staging table: the store that loads it. */
export const stagingComment = ({ lineage }: StoreMark): string => MARK_PREFIX + JSON.stringify({ staging: lineage });

function markedValue(comment: string | null): Readonly<Record<string, unknown>> | null {
  if (comment === null || !comment.startsWith(MARK_PREFIX)) return null;
  try {
    const value: unknown = JSON.parse(comment.slice(MARK_PREFIX.length));
    // An object has keys of any value.
    return typeof value === 'object' && value !== null ? (value as Readonly<Record<string, unknown>>) : null;
  } catch {
    return null;
  }
}
