import type { JsonObject } from '../../../core/json.ts';
import type { ExecutionSession } from '../../../engine/execution/execution-session.ts';
import type { FileFault } from './other-kind.ts';
import type { FileReading } from '../reader-call.ts';
import type { SourceFile } from '../source-files.ts';
import { canRead, withOptions } from '../try-reading.ts';

/** A value that does not match the date or time format of the file. */
export interface OddDate {
  readonly value: string;
  readonly line: string;
  readonly column: string;
  readonly type: string;
  /** The format that DuckDB detected; empty for ISO. */
  readonly format: string;
}

const DATES = ['%Y-%m-%d', '%d/%m/%Y', '%m/%d/%Y', '%d.%m.%Y', '%d-%m-%Y', '%m-%d-%Y', '%Y/%m/%d', '%Y%m%d'];
const TIMES = ['%H:%M:%S', '%H:%M'];

export const isDateType = (type: string): boolean => /^(?:DATE|TIMESTAMP)/.test(type);

/** Whether a text looks like a date in any format. */
export const looksLikeDate = (value: string): boolean =>
  /^\s*\d{1,4}[-/. ]\d{1,2}[-/. ]\d{1,4}(?:[ T]\d|\s*$)/.test(value);

/** Names the formats that read the whole file; if none does, reports mixed formats. */
export async function dateFault(
  session: ExecutionSession,
  reading: FileReading,
  { file, odd }: { readonly file: SourceFile; readonly odd: OddDate },
): Promise<FileFault> {
  const option = odd.type === 'DATE' ? 'dateformat' : 'timestampformat';
  const reads = await formatsThatRead(session, reading, { file, option, odd });
  const place = `'${odd.value}' in line ${odd.line} of ${file.path}`;
  if (reads.length > 0)
    return {
      message: `${place} is not a valid ${odd.type} (column '${odd.column}').`,
      hint: `Set \`${option}: '${reads.join("'` or `'")}'\` under \`params\`, which reads this file.`,
    };
  const others = odd.format === '' ? 'YYYY-MM-DD' : `'${odd.format}'`;
  return {
    message: `column '${odd.column}' of ${file.path} mixes date formats: '${odd.value}' in line ${odd.line} does not match ${others}.`,
    hint: `Write all dates in one format and set \`${option}\` under \`params\` to it, or declare the column VARCHAR under \`schema\`.`,
  };
}

/** Fixes the column's type; otherwise DuckDB would read another format as text. */
function typed({ options, schema }: FileReading, { column, type }: OddDate): JsonObject {
  const given = ['columns', 'types', 'dtypes', 'column_types'].some(name => name in options);
  return schema !== null || given ? options : { ...options, types: { [column]: type } };
}

async function formatsThatRead(
  session: ExecutionSession,
  reading: FileReading,
  { file, option, odd }: { readonly file: SourceFile; readonly option: string; readonly odd: OddDate },
): Promise<readonly string[]> {
  const formats = option === 'dateformat' ? DATES : DATES.flatMap(date => TIMES.map(time => `${date} ${time}`));
  const found: string[] = [];
  for (const format of formats) {
    const options = withOptions(typed(reading, odd), { [option]: format });
    if (await canRead(session, reading, { file, options })) found.push(format);
  }
  return found;
}
