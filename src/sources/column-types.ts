import type { Column } from '../core/project/node.ts';
import type { ExecutionSession } from '../engine/execution-session.ts';
import { quoteName } from '../engine/sql-text.ts';
import type { FileReading } from './reader-call.ts';
import type { RetypedColumn } from './schema-change.ts';

/** Columns for which DuckDB finds another type than they had. */
export interface TypesToKeep {
  /** The types that they had. */
  readonly before: readonly Column[];
  /** The types that were found now, by lower-case name. */
  readonly found: ReadonlyMap<string, string>;
  /** A query of the files in which the given columns have the given types. */
  call(types: readonly Column[]): string;
}

/** The columns that hold something that their earlier type does not take, each with the first such value; the files are read for it. */
export async function retypedColumns(
  session: ExecutionSession,
  reading: FileReading,
  { before, found, call }: TypesToKeep,
): Promise<readonly RetypedColumn[]> {
  const retyped: RetypedColumn[] = [];
  let kept = before.filter(column => found.get(column.name.toLowerCase()) !== column.type);
  while (kept.length > 0) {
    const types = before.map(column => ({ ...column, type: typeNow(column, retyped) }));
    const error = await failureOf(session, `SELECT ${kept.map(countOf).join(', ')} FROM (${call(types)})`);
    if (error === null) break;
    const misfit = misfitIn(error, reading);
    const column = kept.find(({ name }) => name.toLowerCase() === misfit.column?.toLowerCase());
    // DuckDB does not say which column it is, or it is about something else.
    if (!column)
      return [...retyped, ...(isConversion(error) ? kept.map(entry => asRetyped(entry, found, misfit)) : [])];
    retyped.push(asRetyped(column, found, misfit));
    kept = kept.filter(entry => entry !== column);
  }
  return retyped;
}

/** Those of the columns that hold no value at all, so that any type fits. */
export async function emptyColumns(
  session: ExecutionSession,
  query: string,
  columns: readonly Column[],
): Promise<readonly Column[]> {
  if (columns.length === 0) return [];
  const [counts = []] = await session.rows(`SELECT ${columns.map(countOf).join(', ')} FROM (${query})`);
  return columns.filter((_, index) => Number(counts[index]) === 0);
}

const countOf = ({ name }: Column): string => `count(${quoteName(name)})`;

const typeNow = (column: Column, retyped: readonly RetypedColumn[]): string =>
  retyped.find(({ name }) => name === column.name)?.to ?? column.type;

async function failureOf(session: ExecutionSession, query: string): Promise<string | null> {
  try {
    await session.rows(query);
    return null;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

const isConversion = (said: string): boolean =>
  /convert|cast/i.test(said.split('\n')[0] ?? '') || /convert/i.test(said);

interface Misfit {
  readonly column: string | null;
  readonly value: string | null;
  readonly line: number | null;
  readonly file: string;
}

function misfitIn(said: string, { root, files }: FileReading): Misfit {
  const [, line] = /CSV Error on Line: (\d+)|in line (\d+)/.exec(said)?.filter(part => part !== undefined) ?? [];
  const [, column] = /Error when converting column "(.+?)"/.exec(said) ?? [];
  const [, value] = /Could not convert string "(.*?)" to|Failed to cast value[^:]*: "?(.*?)"?$/m.exec(said) ?? [];
  const file = /^ *file = (.+)$/m.exec(said)?.[1] ?? /in file "(.+?)"/.exec(said)?.[1];
  return {
    column: column ?? null,
    value: value ?? null,
    line: line === undefined ? null : Number(line),
    file: file?.replaceAll(`${root}/`, '') ?? files[0]?.path ?? '',
  };
}

const asRetyped = ({ name, type }: Column, found: ReadonlyMap<string, string>, misfit: Misfit): RetypedColumn => ({
  name,
  from: type,
  to: found.get(name.toLowerCase()) === type ? 'VARCHAR' : (found.get(name.toLowerCase()) ?? 'VARCHAR'),
  file: misfit.file,
  line: misfit.line,
  value: misfit.value,
});
