import { chmodSync, closeSync, lstatSync, openSync, renameSync, rmSync, writeSync } from 'node:fs';
import { extname } from 'node:path';
import { placeOutsideTarget } from '../project/files/outside-target.ts';
import { temporaryBeside } from '../project/files/temporary-beside.ts';
import { unwritable } from '../project/files/writing-files.ts';
import { ToolError } from '../diagnostics/tool-error.ts';
import { plural } from '../views/text/columns.ts';
import { renderRows, takeRows } from './print-result.ts';
import type { ReplOutput } from './repl-output.ts';
import type { QueryResult, ReplSession } from './repl-session.ts';
import { formatRows, type RowFormat } from './result-formats.ts';
import { asQueryError } from './run-statement.ts';
import { countStatements } from './statement-buffer.ts';

/** Values of `--format`. */
export const FORMATS = ['table', 'json', 'ndjson', 'csv'] as const;
export type Format = (typeof FORMATS)[number];

/** Formats by file extension. */
const EXTENSIONS: Readonly<Record<string, RowFormat | 'parquet'>> = {
  '.csv': 'csv',
  '.json': 'json',
  '.ndjson': 'ndjson',
  '.jsonl': 'ndjson',
  '.parquet': 'parquet',
};

/** Options of `-e`. */
export interface OnceOptions {
  readonly format: Format;
  /** Rows; null for all. */
  readonly limit: number | null;
  /** The path as the user wrote it, relative to the working directory; null for stdout. */
  readonly file: string | null;
  readonly cwd: string;
  /** Project root; null outside a project. */
  readonly root: string | null;
  readonly signal: AbortSignal;
}

/** The format of a file by its extension. Throws `bad-option` for an unknown extension. */
export function formatOfFile(file: string): RowFormat | 'parquet' {
  const format = EXTENSIONS[extname(file).toLowerCase()];
  if (format) return format;
  throw new ToolError('bad-option', `--output ${file}: unknown format.`, {
    hint: 'Use .csv, .json, .ndjson or .parquet.',
  });
}

/** Runs the SQL of `-e` and writes to stdout or a file. Throws if a statement fails. */
export async function runOnce(
  session: ReplSession,
  sql: string,
  { output, options }: { readonly output: ReplOutput; readonly options: OnceOptions },
): Promise<void> {
  assertStatements(sql, options);
  try {
    if (options.file !== null) return await intoFile(session, sql, { output, options, file: options.file });
    for await (const result of session.statements(sql, options.signal)) await onStdout(result, options, output);
  } catch (error) {
    throw asQueryError(error);
  }
}

/** Refuses several statements if the format can hold only one result. */
function assertStatements(sql: string, { format, file }: OnceOptions): void {
  const count = countStatements(sql);
  if (count === 0) throw new ToolError('empty-query', 'The SQL contains no statement.');
  if (count === 1 || (format === 'table' && file === null)) return;
  throw new ToolError(
    'several-statements',
    `The SQL contains ${count} statements; only --format table can show several results.`,
    { hint: 'Pass one statement.' },
  );
}

async function onStdout(result: QueryResult, { format, limit }: OnceOptions, output: ReplOutput): Promise<void> {
  if (format === 'table') {
    const { rows } = await takeRows(result, limit ?? Number.POSITIVE_INFINITY);
    return output.out(renderRows(result, rows));
  }
  for await (const text of formatRows(result, format, limit)) {
    if (output.closed()) return;
    if (text !== '') await output.out(text);
  }
}

interface IntoFile {
  readonly output: ReplOutput;
  readonly options: OnceOptions;
  readonly file: string;
}

/** Writes under a temporary name, and renames the complete file. */
async function intoFile(session: ReplSession, sql: string, { output, options, file }: IntoFile): Promise<void> {
  const format = formatOfFile(file);
  const path = placeOutsideTarget(file, options);
  const part = temporaryBeside(path);
  try {
    const rows =
      format === 'parquet'
        ? await session.writeParquet(sql, part, { limit: options.limit, signal: options.signal })
        : await writeText(session, sql, { part, format, options });
    keepMode(path, part);
    renameSync(part, path);
    await output.err(`${output.errorStyle.good('✓')} ${plural(rows, 'row')} written to ${file}\n`);
  } catch (error) {
    rmSync(part, { force: true });
    throw unwritable(error, file);
  }
}

/** A file that replaces another keeps its permissions. */
function keepMode(path: string, part: string): void {
  const replaced = lstatSync(path, { throwIfNoEntry: false });
  if (replaced?.isFile() === true) chmodSync(part, replaced.mode & 0o777);
}

interface TextTarget {
  readonly part: string;
  readonly format: RowFormat;
  readonly options: OnceOptions;
}

async function writeText(session: ReplSession, sql: string, { part, format, options }: TextTarget): Promise<number> {
  let rows = 0;
  const descriptor = openSync(part, 'wx');
  try {
    for await (const result of session.statements(sql, options.signal)) {
      const texts = formatRows(result, format, options.limit);
      for (let next = await texts.next(); ; next = await texts.next()) {
        if (next.done === true) {
          rows = next.value;
          break;
        }
        writeSync(descriptor, next.value);
      }
    }
  } finally {
    closeSync(descriptor);
  }
  return rows;
}
