import type { Column } from '../../../core/definition/nodes/node.ts';
import type { ExecutionSession } from '../../../engine/execution/execution-session.ts';
import { quoteName } from '../../../engine/sql-text.ts';
import { withFileLine } from '../faults/file-line.ts';
import type { FileReading } from '../reader-call.ts';
import type { RetypedColumn } from './schema-change.ts';

/** The earlier columns, and the types that DuckDB detects now. */
export interface TypesToKeep {
  readonly before: readonly Column[];
  /** By lower-case name; a missing column counts as unchanged. */
  readonly found: ReadonlyMap<string, string>;
  /** A query in which the given columns have the given types. */
  call(types: readonly Column[]): string;
}

/**
 * Columns with values that their earlier type cannot hold, each with the first such value. Compares types, because DuckDB's
 * readers round `2.5` to an integer, so a successful cast proves nothing.
 */
export async function retypedColumns(
  session: ExecutionSession,
  reading: FileReading,
  types: TypesToKeep,
): Promise<readonly RetypedColumn[]> {
  const typeNow = ({ name, type }: Column): string => types.found.get(name.toLowerCase()) ?? type;
  const now = types.before.map(column => ({ ...column, type: typeNow(column) }));
  const misfits = types.before.filter(column => !fits(typeNow(column), column.type));
  const unknown = misfits.filter(column => hasNoValue(typeNow(column)));
  const empty = await emptyColumns(session, types.call(now), unknown);
  const retyped: RetypedColumn[] = [];
  for (const column of misfits.filter(({ name }) => !empty.some(other => other.name === name))) {
    const wanted = now.map(other => (other.name === column.name ? column : other));
    const said = await failureOf(session, `SELECT ${countOf(column)} FROM (${types.call(wanted)})`);
    const { name, type: from } = column;
    retyped.push({
      name,
      from,
      to: typeNow(column),
      ...evidenceIn(await withFileLine(session, reading, said ?? ''), reading),
    });
  }
  return retyped;
}

/** Columns without any value, which fit any type. */
export async function emptyColumns(
  session: ExecutionSession,
  query: string,
  columns: readonly Column[],
): Promise<readonly Column[]> {
  if (columns.length === 0) return [];
  try {
    const [counts = []] = await session.rows(`SELECT ${columns.map(countOf).join(', ')} FROM (${query})`);
    return columns.filter((_, index) => Number(counts[index]) === 0);
  } catch {
    // The reading itself reports a line that cannot be read.
    return [];
  }
}

/** The type that DuckDB detects for a CSV column without values. */
export const UNKNOWN = 'VARCHAR';

const hasNoValue = (type: string): boolean => type === UNKNOWN || type === 'JSON';

const INTEGERS = ['TINYINT', 'SMALLINT', 'INTEGER', 'BIGINT', 'HUGEINT'];
const TIMES = ['DATE', 'TIMESTAMP', 'TIMESTAMP WITH TIME ZONE'];

export const isInteger = (type: string): boolean => INTEGERS.includes(type);

/** Whether every value of one type can be converted to another without loss. */
function fits(type: string, wanted: string): boolean {
  if (type === wanted || wanted === 'VARCHAR') return true;
  const isWider = (types: readonly string[]): boolean =>
    types.includes(type) && types.indexOf(wanted) >= types.indexOf(type);
  if (isWider(INTEGERS) || isWider(TIMES)) return true;
  return isInteger(type) && (wanted === 'DOUBLE' || wanted.startsWith('DECIMAL'));
}

const countOf = ({ name }: Column): string => `count(${quoteName(name)})`;

async function failureOf(session: ExecutionSession, query: string): Promise<string | null> {
  try {
    await session.rows(query);
    return null;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

/** File, line and text of the value that DuckDB could not convert. */
function evidenceIn(said: string, { root, files }: FileReading): Pick<RetypedColumn, 'file' | 'line' | 'value'> {
  const line = /CSV Error on Line: (\d+)/.exec(said)?.[1] ?? /in line (\d+)/.exec(said)?.[1];
  const value =
    /Could not convert string "(.*?)" to/.exec(said)?.[1] ??
    /Failed to cast value[^:\n]*: "?([^"\n]*)"?/.exec(said)?.[1];
  const file = /^ *file = (.+)$/m.exec(said)?.[1] ?? /in file "(.+?)"/.exec(said)?.[1];
  return {
    file: file?.replaceAll(`${root}/`, '') ?? files[0]?.path ?? '',
    line: line === undefined ? null : Number(line),
    value: value ?? null,
  };
}
