import { ToolError } from '../diagnostics/tool-error.ts';
import type { Column } from '../core/project/node.ts';
import { storedType } from '../core/type-map.ts';
import { kindOf, readHead } from './file-head.ts';
import { otherKind } from './other-kind.ts';
import type { FileReading } from './reader-call.ts';

/** Throws where DuckDB would read something else than the user has: a file of another type, or one that holds nothing. */
export function checkFiles(reading: FileReading): void {
  const { id, files, options } = reading;
  const [first] = files;
  const fault = first && first.size > 0 ? otherKind(reading, first) : null;
  if (fault) throw refusal(id, fault.message, fault.hint);
  if (isNamed(reading) || !files.every(file => kindOf(readHead(file)) === 'empty')) return;
  const [names, be] = files.length === 1 ? [first?.path, 'is'] : [files.map(file => file.path).join(', '), 'are'];
  const json = reading.source === 'json' || reading.source === 'jsonl';
  const hint = json
    ? 'Declare its columns under `schema`, or write the file again.'
    : 'Write a line with the names of its columns at least.';
  if (reading.source !== 'parquet' && options['columns'] === undefined)
    throw refusal(id, `${names} ${be} empty.`, hint);
}

/** An empty file has the columns that its source names. */
function isNamed({ source, options, schema }: FileReading): boolean {
  if (source === 'parquet') return true;
  if (source !== 'csv') return schema !== null;
  return options['names'] !== undefined || options['column_names'] !== undefined;
}

/** Throws for a name that SQL cannot quote. */
export function checkNames({ id, files }: FileReading, columns: readonly Column[]): void {
  const index = columns.findIndex(column => column.name.includes('\u0000'));
  const name = columns[index]?.name.replaceAll('\u0000', '\\0');
  if (index < 0) return;
  const where = files.length === 1 ? (files[0]?.path ?? '') : 'its files';
  throw refusal(
    id,
    `the name of column ${index + 1} in ${where} holds a NUL character: '${name}'.`,
    'Remove the NUL from the file; of a CSV file, `names` under `params` gives other names.',
  );
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

const refusal = (id: string, message: string, hint: string): ToolError =>
  new ToolError('source-unreadable', `${id} cannot be read: ${message}`, { hint });
