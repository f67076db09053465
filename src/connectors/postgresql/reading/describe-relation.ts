import type { Column, SourceNode } from '../../../core/definition/nodes/node.ts';
import { ToolError } from '../../../diagnostics/tool-error.ts';
import type { AttachedDatabase } from '../../../engine/attached/attached-database.ts';
import { describeRows } from '../../../engine/execution/write-file.ts';
import { quoteName } from '../../../engine/sql-text.ts';
import type { CatalogueColumn } from '../types/catalogue-column.ts';
import { columnReading, type ColumnReading } from '../types/column-reading.ts';
import { findRelation } from './find-relation.ts';
import type { DescribedRelation, SourceOfServer } from './relation.ts';

/** Describes what a source reads. `engine` is opened only to parse the types of a schema. */
export async function describeRelation(
  of: SourceOfServer,
  engine: () => Promise<AttachedDatabase>,
): Promise<DescribedRelation> {
  const { source } = of;
  const { relation, columns } = await findRelation(of);
  if (columns.length === 0) throw unreadable(source, `${relation.label} has no columns`, 'Read a table with columns.');
  refuseTwins(source, columns, relation.label);
  if (source.schema === null) return { relation, columns, wanted: null };
  const wanted = await parsedTypes(source, source.schema, engine);
  return { relation, columns: inOrderOf(source, wanted, columns), wanted };
}

/** How each column travels, in the order of the output. */
export const readingsOf = ({ columns, wanted }: DescribedRelation): readonly ColumnReading[] =>
  columns.map((column, index) => columnReading(column, index, wanted?.[index] ?? null));

/** DuckDB ignores case in names. */
function refuseTwins(source: SourceNode, columns: readonly CatalogueColumn[], label: string): void {
  const seen = new Map<string, string>();
  for (const { name } of columns) {
    const twin = seen.get(name.toLowerCase());
    if (twin !== undefined) {
      const both =
        twin === name ? `two columns '${name}'` : `columns '${twin}' and '${name}', which differ only in case`;
      throw unreadable(
        source,
        `${label} has ${both}`,
        'Select the columns in `params.query` and give each an alias of its own.',
      );
    }
    seen.set(name.toLowerCase(), name);
  }
}

/** The columns in the order of the schema, which names exactly these. */
function inOrderOf(
  { id }: SourceNode,
  wanted: readonly Column[],
  columns: readonly CatalogueColumn[],
): readonly CatalogueColumn[] {
  const key = ({ name }: { readonly name: string }): string => name.toLowerCase();
  const found = new Map(columns.map(column => [key(column), column]));
  const missing = wanted.filter(column => !found.has(key(column))).map(({ name }) => name);
  const declared = new Set(wanted.map(key));
  const extra = columns.filter(column => !declared.has(key(column))).map(({ name }) => name);
  if (missing.length + extra.length === 0) return wanted.flatMap(column => found.get(key(column)) ?? []);
  const parts = [
    ...(missing.length > 0 ? [`lacks ${missing.join(', ')}`] : []),
    ...(extra.length > 0 ? [`has ${extra.join(', ')}, which the schema does not declare`] : []),
  ];
  throw new ToolError('schema-mismatch', `The data of ${id} does not match its schema: it ${parts.join(' and ')}.`, {
    hint: "Correct `schema` to match the table, or remove it to use the table's names and types.",
  });
}

/** The types of a schema as DuckDB prints them. */
async function parsedTypes(
  source: SourceNode,
  schema: readonly Column[],
  engine: () => Promise<AttachedDatabase>,
): Promise<readonly Column[]> {
  const nulls = schema.map(({ name, type }) => `CAST(NULL AS ${type}) AS ${quoteName(name)}`);
  const database = await engine();
  try {
    return await database.connected(connection => describeRows(connection, `SELECT ${nulls.join(', ')}`));
  } catch (error) {
    if (error instanceof ToolError || !(error instanceof Error)) throw error;
    const said = error.message.split('\n')[0]?.replace(/^\w+ Error: /, '') ?? '';
    throw unreadable(source, `its schema is not valid (${said})`, 'Correct the types under `schema`.');
  }
}

const unreadable = ({ id }: SourceNode, what: string, hint: string): ToolError =>
  new ToolError('source-unreadable', `${id} cannot be read: ${what}.`, { hint });
