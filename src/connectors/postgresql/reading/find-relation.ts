import { createHash } from 'node:crypto';
import type { SourceNode } from '../../../core/definition/nodes/node.ts';
import { shownTableName, TABLE_FORM, tableMistake, tableNameParts } from '../../../core/definition/nodes/table-name.ts';
import { ToolError } from '../../../diagnostics/tool-error.ts';
import { tableName } from '../../../engine/sql-text.ts';
import { type DescribedField, type PostgresClient, PostgresError } from '../client.ts';
import {
  type CatalogueColumn,
  catalogueColumn,
  COLUMNS_OF_FIELDS,
  COLUMNS_OF_RELATION,
} from '../types/catalogue-column.ts';
import { missingTable, notReadable } from './missing-relation.ts';
import { queryText } from './query-text.ts';
import type { DescribedRelation, Relation, SourceOfServer } from './relation.ts';

export type FoundRelation = Omit<DescribedRelation, 'wanted'>;

/** Finds the table or describes the query of a source; asks the server's catalogue only. */
export async function findRelation(of: SourceOfServer): Promise<FoundRelation> {
  const { table, options, id } = of.source;
  const query = options['query'];
  if (table !== '' && query !== undefined)
    throw badSource(id, '`table` and `params.query` exclude each other', 'Remove one of them.');
  if (typeof query === 'string') return findQuery(of, query);
  if (table === '' || query !== undefined)
    throw badSource(id, 'it names no table', 'Add `table: schema.table`, or a query as `params.query`.');
  return findTable(of);
}

const KINDS: Readonly<Record<string, Relation['kind']>> = {
  r: 'table',
  v: 'view',
  m: 'materialized view',
  p: 'partitioned table',
  f: 'foreign table',
};

const TABLE = `SELECT c.oid::text, c.relkind::text,
  has_schema_privilege(n.oid, 'USAGE')::text, has_table_privilege(c.oid, 'SELECT')::text,
  CASE WHEN c.relkind = 'v' THEN ' ' || md5(pg_get_viewdef(c.oid)) ELSE '' END
FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE n.nspname = $1 AND c.relname = $2 AND c.relkind <> ALL ('{i,I,t,c}')`;

async function findTable(of: SourceOfServer): Promise<FoundRelation> {
  const { source, settings, client } = of;
  const place = placeOf(source, settings.schema);
  const { schema, name } = place;
  const label = shownTableName([schema, name]);
  const [found] = await client.rows(TABLE, [schema, name]);
  if (!found) throw await missingTable(of, place);
  const [oid = '', relkind = '', usage, select, definition = ''] = found.map(String);
  const kind = KINDS[relkind];
  if (kind === undefined)
    throw badSource(source.id, `${label} is not a table`, 'Name a table or a view, or use `params.query`.');
  const columns = (await client.rows(COLUMNS_OF_RELATION, [oid])).map(catalogueColumn);
  if (usage !== 'true') throw notReadable(of, { ...place, what: `schema ${schema}` });
  if (select !== 'true' && !columns.some(({ readable }) => readable))
    throw notReadable(of, { ...place, what: `${kind} ${label}` });
  const hidden = columns.filter(({ readable }) => !readable).map(({ name }) => `'${name}'`);
  if (hidden.length > 0) throw notReadable(of, { ...place, what: `column ${hidden.join(', ')} of ${label}` });
  return { relation: { kind, id: oid + definition, label, sql: tableName(place) }, columns };
}

/** A parameter may have made the name, so that it was not checked before. */
function placeOf({ id, table }: SourceNode, otherwise: string): { readonly schema: string; readonly name: string } {
  const mistake = tableMistake(table);
  if (mistake !== null) throw badSource(id, mistake.replace(/\.$/, ''), TABLE_FORM);
  const [name = '', schema = otherwise] = (tableNameParts(table) ?? []).toReversed();
  return { schema, name };
}

async function findQuery({ source, client }: SourceOfServer, text: string): Promise<FoundRelation> {
  const parsed = queryText(text);
  if ('mistake' in parsed)
    throw badSource(source.id, `'params.query' is not a query: ${parsed.mistake}`, 'Write one SELECT.');
  const { query } = parsed;
  const columns = await columnsOfFields(client, await describeQuery(source, client, query));
  const id = `query ${createHash('sha256').update(query).digest('hex').slice(0, 16)}`;
  return { relation: { kind: 'query', id, label: 'the query', sql: `(${query}\n)` }, columns };
}

/** Describes the query as it will run, in parentheses; errors are about the query as it is written. */
async function describeQuery(
  { id }: SourceNode,
  client: PostgresClient,
  query: string,
): Promise<readonly DescribedField[]> {
  try {
    return await client.describe(`SELECT * FROM (${query}\n) AS r`);
  } catch (error) {
    if (!(error instanceof PostgresError)) throw error;
    await client.describe(query);
    throw badSource(id, `'params.query' is not a query that reads (${error.message})`, 'Write one SELECT.');
  }
}

async function columnsOfFields(
  client: PostgresClient,
  fields: readonly DescribedField[],
): Promise<readonly CatalogueColumn[]> {
  const described = fields.map(({ name, type, modifier, table, column }, index) => ({
    position: index + 1,
    ...{ name, type, modifier, relation: table, attribute: column },
  }));
  return (await client.rows(COLUMNS_OF_FIELDS, [JSON.stringify(described)])).map(catalogueColumn);
}

const badSource = (id: string, what: string, hint: string): ToolError =>
  new ToolError('bad-source', `${id} cannot be read: ${what}.`, { hint });
