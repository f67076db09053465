import type { Column } from '../core/definition/nodes/node.ts';
import type { QueryResult } from './repl-session.ts';

/** Formats that are written row by row. */
export type RowFormat = 'json' | 'ndjson' | 'csv';

type Row = readonly unknown[];

interface RowWriter {
  readonly head: string;
  row(row: Row, first: boolean): string;
  /** The text after the last row; `empty` if there were no rows. */
  end(empty: boolean): string;
}

/** A result as pieces of text; at most `limit` rows are read. Returns their number. */
export async function* formatRows(
  result: QueryResult,
  format: RowFormat,
  limit: number | null,
): AsyncGenerator<string, number> {
  const writer = WRITERS[format](result);
  let count = 0;
  yield writer.head;
  if (limit !== 0) {
    for await (const chunk of result.chunks) {
      const wanted = limit === null ? chunk : chunk.slice(0, limit - count);
      yield wanted.map((row, index) => writer.row(row, count + index === 0)).join('');
      count += wanted.length;
      if (limit !== null && count >= limit) break;
    }
  }
  yield writer.end(count === 0);
  return count;
}

const WRITERS: Readonly<Record<RowFormat, (result: QueryResult) => RowWriter>> = {
  json: result => {
    const object = objectWriter(result);
    return {
      head: '[',
      row: (row, first) => `${first ? '\n' : ',\n'}${object(row)}`,
      end: empty => (empty ? ']\n' : '\n]\n'),
    };
  },
  ndjson: result => {
    const object = objectWriter(result);
    return { head: '', row: row => `${object(row)}\n`, end: () => '' };
  },
  csv: result => ({
    head: csvLine(result.columns.map(column => column.name)),
    row: row => csvLine(row.map((value, column) => result.toText(value, column))),
    end: () => '',
  }),
};

function objectWriter(result: QueryResult): (row: Row) => string {
  const keys = uniqueNames(result.columns).map(name => JSON.stringify(name));
  return row =>
    `{${row.map((value, column) => `${keys[column]}:${JSON.stringify(result.toJson(value, column))}`).join(',')}}`;
}

/** Column names made unique for the keys of an object, as DuckDB does for tables. */
export function uniqueNames(columns: readonly Column[]): readonly string[] {
  const taken = new Set(columns.map(column => column.name));
  const used = new Set<string>();
  return columns.map(({ name }) => {
    let unique = name;
    for (let number = 1; used.has(unique) || (unique !== name && taken.has(unique)); number += 1)
      unique = `${name}_${number}`;
    used.add(unique);
    return unique;
  });
}

/** RFC 4180; NULL is empty, and an empty text is `""`. */
const csvLine = (values: readonly (string | null)[]): string => `${values.map(csvValue).join(',')}\r\n`;

function csvValue(value: string | null): string {
  if (value === null) return '';
  return value === '' || /[",\r\n]/.test(value) ? `"${value.replaceAll('"', '""')}"` : value;
}
