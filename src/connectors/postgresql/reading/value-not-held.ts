import type { SourceNode } from '../../../core/definition/nodes/node.ts';
import { ToolError } from '../../../diagnostics/tool-error.ts';
import { quoteName } from '../../../engine/sql-text.ts';
import type { CatalogueColumn } from '../types/catalogue-column.ts';

/** A value that the type of its column cannot hold. */
export interface UnheldValue {
  readonly column: CatalogueColumn;
  /** As the server prints it. */
  readonly value: string;
  /** The type in which the column is read. */
  readonly type: string;
}

/** The error for such a value: names column, value and the cast that keeps it. */
export function valueNotHeld({ id }: SourceNode, { column, value, type }: UnheldValue): ToolError {
  const { name, declared } = column;
  const what = `column '${name}' (${declared}) contains ${value}, which ${type} cannot hold`;
  const cast = `${quoteName(name)}::text`;
  return new ToolError('value-not-held', `${id} cannot be read: ${what}.`, {
    hint: `Declare the column as ${widerType({ column, value, type })} under \`schema\`, or cast it in \`params.query\`: ${cast}.`,
  });
}

function widerType({ column, value, type }: UnheldValue): string {
  if (column.dimensions > 0) {
    const dimensions = /^(?:[^{]*=)?(\{+)/.exec(value)?.[1]?.length ?? 0;
    const other = type.replace(/(?:\[\])+$/, '') + '[]'.repeat(dimensions);
    return dimensions > 0 && other !== type ? `${other} or VARCHAR` : 'VARCHAR';
  }
  if (column.base !== 'numeric') return 'VARCHAR';
  return /^(?:NaN|-?Infinity)$/.test(value) ? 'DOUBLE or VARCHAR' : 'VARCHAR or a DECIMAL with enough digits';
}
