import { ToolError } from '../../diagnostics/tool-error.ts';
import type { Column } from '../../core/definition/nodes/node.ts';
import { storedType } from '../../core/types/type-map.ts';
import { kindOf, readHead } from './file-head.ts';
import { type FileFault, otherKind } from './faults/other-kind.ts';
import type { FileReading } from './reader-call.ts';

/** Throws `source-unreadable` if the first file has another type, which DuckDB might misread. */
export function checkKind(reading: FileReading): void {
  const [first] = reading.files;
  const fault = first && first.size > 0 ? otherKind(reading, first) : null;
  if (fault) throw refusal(reading.id, fault);
}

/** Throws `source-unreadable` if all CSV files are empty and nothing else names the columns. */
export function checkContent(reading: FileReading): void {
  const named = ['names', 'column_names', 'columns'].some(name => name in reading.options);
  const fault = reading.source === 'csv' && !named ? emptyFault(reading) : null;
  if (fault) throw refusal(reading.id, fault);
}

/** The fault of files that are all empty; null if one has content, and for Parquet. */
export function emptyFault({ source, files }: FileReading): FileFault | null {
  if (source === 'parquet' || !files.every(file => kindOf(readHead(file)) === 'empty')) return null;
  const names = files.map(file => file.path).join(', ');
  return {
    message: `${names} ${files.length === 1 ? 'is' : 'are'} empty.`,
    hint:
      source === 'csv'
        ? 'Add a header line with the column names.'
        : 'Declare the columns under `schema`, or write the file again.',
  };
}

/** Throws `source-unreadable` for a column name that SQL cannot quote. */
export function checkNames({ id, files }: FileReading, columns: readonly Column[]): void {
  const index = columns.findIndex(column => column.name.includes('\u0000'));
  const name = columns[index]?.name.replaceAll('\u0000', '\\0');
  if (index < 0) return;
  const where = files.length === 1 ? (files[0]?.path ?? '') : 'the files';
  throw refusal(id, {
    message: `the name of column ${index + 1} in ${where} contains a NUL character: '${name}'.`,
    hint: 'Remove the NUL from the file. For a CSV file, you can also set other `names` under `params`.',
  });
}

/** Throws `unstorable-type` for a column type that cannot be stored. */
export function checkTypes({ id, files }: FileReading, columns: readonly Column[]): void {
  const column = columns.find(each => storedType(each.type) === null);
  if (!column) return;
  const where = files.length === 1 ? (files[0]?.path ?? '') : 'the files';
  throw new ToolError(
    'unstorable-type',
    `${id} cannot be read: column '${column.name}' of ${where} has type ${column.type}, which cannot be stored.`,
    { hint: 'Declare all columns under `schema`, with this one as VARCHAR.' },
  );
}

export const refusal = (id: string, { message, hint }: FileFault): ToolError =>
  new ToolError('source-unreadable', `${id} cannot be read: ${message}`, { hint });
