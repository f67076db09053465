import type { SourceNode } from '../../../core/definition/nodes/node.ts';
import { ToolError } from '../../../diagnostics/tool-error.ts';

export interface LostColumn {
  readonly name: string;
  readonly type: string;
  /** The file that lacks the column, and the line of its header, if any. */
  readonly file: string;
  readonly line: number | null;
  /** The name in its place in the header. */
  readonly instead: string | null;
  /** Whether the file is empty. */
  readonly empty: boolean;
}

export interface RetypedColumn {
  readonly name: string;
  readonly from: string;
  readonly to: string;
  readonly file: string;
  /** The first line with such a value, and the value; null if unknown, or if the file declares the type. */
  readonly line: number | null;
  readonly value: string | null;
}

/** How the files of a source differ from the last reading with the same definition. */
export interface SchemaChange {
  readonly lost: readonly LostColumn[];
  readonly retyped: readonly RetypedColumn[];
  readonly delimiter: { readonly file: string; readonly from: string; readonly to: string } | null;
}

/** A change as phrases: one for each file that lacks columns, and one for each retyped column. */
export function changePhrases({ lost, retyped, delimiter }: SchemaChange): readonly string[] {
  return [
    ...(delimiter ? [delimiterPhrase(delimiter)] : []),
    ...lostByFile(lost).map(lostPhrase),
    ...retyped.map(retypedPhrase),
  ];
}

/** The error for a change that the source does not accept. */
export function schemaChanged({ id, file }: Pick<SourceNode, 'id' | 'file'>, change: SchemaChange): ToolError {
  const { delimiter } = change;
  const first = delimiter
    ? `Set \`delimiter: ${JSON.stringify(delimiter.to)}\` under \`params\``
    : 'Restore the columns in the file';
  return new ToolError('schema-changed', `${id} cannot be read as before: ${changePhrases(change).join('; ')}.`, {
    hint: `${first}, or set \`on_schema_change: evolve\` in ${file} to accept the change.`,
  });
}

const delimiterPhrase = ({ file, from, to }: NonNullable<SchemaChange['delimiter']>): string =>
  `${file} is now separated by ${JSON.stringify(to)} instead of ${JSON.stringify(from)}`;

const lostByFile = (lost: readonly LostColumn[]): readonly (readonly LostColumn[])[] =>
  [...new Set(lost.map(({ file }) => file))].map(file => lost.filter(column => column.file === file));

function lostPhrase(lost: readonly LostColumn[]): string {
  const [{ file = '', line = null, empty = false } = {}] = lost;
  const place = line === null ? file : `line ${line} of ${file}`;
  const names = lost.map(({ name, type }) => `'${name}' (${type})`).join(', ');
  const instead = lost.flatMap(column => (column.instead === null ? [] : [`'${column.instead}'`]));
  const found = instead.length === 0 ? '' : `, which has ${instead.join(', ')} instead`;
  const are = lost.length === 1 ? `column ${names} is` : `columns ${names} are`;
  return `${are} missing from ${place}${empty ? ', which is empty' : found}`;
}

function retypedPhrase({ name, from, to, file, line, value }: RetypedColumn): string {
  const place = line === null ? `in ${file}` : `in line ${line} of ${file}`;
  const shown = value === null ? '' : ` ('${value}')`;
  return `column '${name}' changed from ${from} to ${to} ${place}${shown}`;
}
