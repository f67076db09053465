import { ToolError } from '../../diagnostics/tool-error.ts';
import type { Column } from '../../core/definition/nodes/node.ts';
import { storedType } from '../../core/types/type-map.ts';
import { kindOf, readHead } from './file-head.ts';
import { type FileFault, otherKind } from './faults/other-kind.ts';
import type { FileReading } from './reader-call.ts';

/** Throws for a file of another type, which DuckDB might read as something else than the user has. */
export function checkKind(reading: FileReading): void {
  const [first] = reading.files;
  const fault = first && first.size > 0 ? otherKind(reading, first) : null;
  if (fault) throw refusal(reading.id, fault);
}

/** Throws for CSV files that hold nothing, and so no column of the schema. */
export function checkContent(reading: FileReading): void {
  const named = ['names', 'column_names', 'columns'].some(name => name in reading.options);
  const fault = reading.source === 'csv' && !named ? emptyFault(reading) : null;
  if (fault) throw refusal(reading.id, fault);
}

/** What to say of files that hold nothing at all; null where one of them does. */
export function emptyFault({ source, files }: FileReading): FileFault | null {
  if (source === 'parquet' || !files.every(file => kindOf(readHead(file)) === 'empty')) return null;
  const names = files.map(file => file.path).join(', ');
  return {
    message: `${names} ${files.length === 1 ? 'is' : 'are'} empty.`,
    hint:
      source === 'csv'
        ? 'Add a header line with the names of its columns.'
        : 'Declare its columns under `schema`, or write the file again.',
  };
}

/** Throws for a name that SQL cannot quote. */
export function checkNames({ id, files }: FileReading, columns: readonly Column[]): void {
  const index = columns.findIndex(column => column.name.includes('\u0000'));
  const name = columns[index]?.name.replaceAll('\u0000', '\\0');
  if (index < 0) return;
  const where = files.length === 1 ? (files[0]?.path ?? '') : 'its files';
  throw refusal(id, {
    message: `the name of column ${index + 1} in ${where} holds a NUL character: '${name}'.`,
    hint: 'Remove the NUL from the file; of a CSV file, `names` under `params` gives other names.',
  });
}

/** Throws for a type that nothing stores, with the way to have it as text. */
export function checkTypes({ id, files }: FileReading, columns: readonly Column[]): void {
  const column = columns.find(each => storedType(each.type) === null);
  if (!column) return;
  const where = files.length === 1 ? (files[0]?.path ?? '') : 'its files';
  throw new ToolError(
    'unstorable-type',
    `${id} cannot be read: the column '${column.name}' of ${where} has the type ${column.type}, which cannot be stored.`,
    { hint: 'Declare all columns under `schema`, this one as VARCHAR.' },
  );
}

export const refusal = (id: string, { message, hint }: FileFault): ToolError =>
  new ToolError('source-unreadable', `${id} cannot be read: ${message}`, { hint });
