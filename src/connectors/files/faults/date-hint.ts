import type { JsonObject } from '../../../core/json.ts';
import type { ExecutionSession } from '../../../engine/execution/execution-session.ts';
import type { FileFault } from './other-kind.ts';
import type { FileReading } from '../reader-call.ts';
import type { SourceFile } from '../source-files.ts';
import { canRead, withOptions } from '../try-reading.ts';

/** A value that is no date or time in the form in which the file's others are read. */
export interface OddDate {
  readonly value: string;
  readonly line: string;
  readonly column: string;
  readonly type: string;
  /** As DuckDB reads the others; empty where it is ISO. */
  readonly format: string;
}

const DATES = ['%Y-%m-%d', '%d/%m/%Y', '%m/%d/%Y', '%d.%m.%Y', '%d-%m-%Y', '%m-%d-%Y', '%Y/%m/%d', '%Y%m%d'];
const TIMES = ['%H:%M:%S', '%H:%M'];

export const isDateType = (type: string): boolean => /^(?:DATE|TIMESTAMP)/.test(type);

/** Whether a text is written like a date, in whatever form. */
export const looksLikeDate = (value: string): boolean =>
  /^\s*\d{1,4}[-/. ]\d{1,2}[-/. ]\d{1,4}(?:[ T]\d|\s*$)/.test(value);

/** Names the forms that read the whole file; where none does, the file has several. */
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
    message: `the column '${odd.column}' of ${file.path} holds dates in several forms: '${odd.value}' in line ${odd.line} is not written as ${others}.`,
    hint: `Write all dates in one form and set \`${option}\` under \`params\` to it; or declare the column VARCHAR under \`schema\`.`,
  };
}

/** Without a type given, a column in another form would be read as text. */
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
