import type { PostgresClient } from '../client.ts';
import type { TableName } from './locate-table.ts';
import { MARK_PREFIX } from './schema-mark.ts';
import {
  type ColumnFacts,
  type Obstacle,
  type SchemaFacts,
  type ServerFacts,
  TABLE_PRIVILEGES,
  type TableFacts,
  type TargetFacts,
} from './target-facts.ts';

/** The parts of a client that reading the catalogue needs. */
export type CatalogueReader = Pick<PostgresClient, 'rows'>;

type Values = readonly (string | null)[];

/** Reads what the catalogue says about the place of a target; locks and changes nothing. */
export async function readFacts(client: CatalogueReader, name: TableName): Promise<TargetFacts> {
  const [row = []] = await client.rows(SERVER, [name.schema]);
  const table = row[5] === null ? null : await readTable(client, name);
  return { server: serverFacts(row), schema: row[5] === null ? null : schemaFacts(row), table };
}

const SERVER = `
  SELECT current_database(), current_user, pg_is_in_recovery() OR current_setting('transaction_read_only')::bool,
    has_database_privilege(current_database(), 'CREATE'), current_setting('server_version_num'), n.oid,
    obj_description(n.oid, 'pg_namespace'), has_schema_privilege(n.oid, 'USAGE'), has_schema_privilege(n.oid, 'CREATE')
  FROM (SELECT 1) AS one LEFT JOIN pg_namespace n ON n.nspname = $1`;

const serverFacts = ([database, user, readOnly, create, version]: Values): ServerFacts => ({
  database: database ?? '',
  user: user ?? '',
  isReadOnly: readOnly === 't',
  mayCreateSchemas: create === 't',
  version: Number(version),
});

const schemaFacts = ([, , , , , , comment, use, create]: Values): SchemaFacts => ({
  comment: comment ?? null,
  mayUse: use === 't',
  mayCreate: create === 't',
});

const TABLE = `
  SELECT c.oid, c.relkind, pg_get_userbyid(c.relowner), pg_has_role(c.relowner, 'USAGE'),
    obj_description(c.oid, 'pg_class'), row_security_active(c.oid),
    EXISTS (SELECT FROM pg_inherits WHERE inhparent = c.oid),
    ${TABLE_PRIVILEGES.map(privilege => `has_table_privilege(c.oid, '${privilege}')`).join(', ')}
  FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
  WHERE n.nspname = $1 AND c.relname = $2`;

async function readTable(client: CatalogueReader, name: TableName): Promise<TableFacts | null> {
  const [row] = await client.rows(TABLE, [name.schema, name.table]);
  if (row === undefined) return null;
  const [id, kind, owner, isOwner, comment, rowSecurity, children, ...privileges] = row;
  return {
    id: id ?? '',
    kind: kind ?? '',
    owner: owner ?? '',
    isOwner: isOwner === 't',
    comment: comment ?? null,
    hasRowSecurity: rowSecurity === 't',
    hasChildren: children === 't',
    privileges: TABLE_PRIVILEGES.filter((_, index) => privileges[index] === 't'),
    columns: (await client.rows(COLUMNS, [id ?? ''])).map(columnFacts),
    obstacles: (await client.rows(OBSTACLES, [id ?? ''])).map(obstacle),
    rows: null,
    lost: [],
  };
}

const COLUMNS = `
  SELECT a.attname, format_type(a.atttypid, a.atttypmod), a.attgenerated, a.attidentity, (
    WITH RECURSIVE layer(type, modifier) AS (
      SELECT a.atttypid, a.atttypmod
      UNION ALL
      SELECT d.typbasetype, d.typtypmod FROM layer JOIN pg_type d ON d.oid = layer.type WHERE d.typtype = 'd')
    SELECT format_type(type, modifier) FROM layer JOIN pg_type t ON t.oid = layer.type WHERE t.typtype <> 'd')
  FROM pg_attribute a
  WHERE a.attrelid = $1::oid AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attnum`;

const columnFacts = ([name, type, generated, identity, base]: Values): ColumnFacts => ({
  name: name ?? '',
  type: type ?? '',
  baseType: base ?? '',
  generated: generated === 's' ? 'stored' : identity === 'a' ? 'identity' : null,
});

/**
 * What reacts to writes or forbids them. A table in a publication needs a replica identity for DELETE.
 * Bits of `pg_trigger.tgtype`: 4 is INSERT, 8 is DELETE. Types of `pg_rewrite`: 3 is INSERT, 4 is DELETE.
 */
const OBSTACLES = `
  SELECT 'trigger', tgname, tgtype & 4 <> 0, tgtype & 8 <> 0, NULL FROM pg_trigger
  WHERE tgrelid = $1::oid AND NOT tgisinternal AND tgenabled IN ('O', 'A') AND tgtype & 12 <> 0
  UNION ALL SELECT 'rule', rulename, ev_type = '3', ev_type = '4', NULL FROM pg_rewrite
  WHERE ev_class = $1::oid AND ev_type IN ('3', '4') AND ev_enabled IN ('O', 'A')
  UNION ALL SELECT 'foreign-key', conname, false, true, CASE WHEN conrelid <> confrelid THEN conrelid::regclass::text END
  FROM pg_constraint
  WHERE confrelid = $1::oid AND contype = 'f' AND conparentid = 0
  UNION ALL SELECT 'publication', p.pubname, false, true, NULL
  FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    JOIN pg_publication_tables t ON t.schemaname = n.nspname AND t.tablename = c.relname
    JOIN pg_publication p ON p.pubname = t.pubname AND p.pubdelete
  WHERE c.oid = $1::oid AND c.relreplident <> 'f' AND NOT EXISTS (
    SELECT FROM pg_index WHERE indrelid = c.oid
      AND CASE c.relreplident WHEN 'd' THEN indisprimary WHEN 'i' THEN indisreplident ELSE false END)
  ORDER BY 1, 2`;

const obstacle = ([kind, name, insert, remove, from]: Values): Obstacle => ({
  // The query gives these kinds.
  kind: kind as Obstacle['kind'],
  name: name ?? '',
  on: [...(insert === 't' ? (['INSERT'] as const) : []), ...(remove === 't' ? (['DELETE'] as const) : [])],
  from: from ?? null,
});

/** Rows are counted up to this number, and estimated beyond. */
const COUNTED = 10_000;

/** How many rows a table has. Waits for locks: call it in a transaction with a `lock_timeout`. */
export async function countRows(client: CatalogueReader, quoted: string): Promise<{ rows: number; isExact: boolean }> {
  const [[counted] = []] = await client.rows(
    `SELECT count(*) FROM (SELECT FROM ${quoted} LIMIT ${COUNTED}) AS counted`,
  );
  if (Number(counted) < COUNTED) return { rows: Number(counted), isExact: true };
  const [[estimate] = []] = await client.rows('SELECT reltuples::bigint FROM pg_class WHERE oid = $1::regclass', [
    quoted,
  ]);
  return { rows: Math.max(Number(estimate), COUNTED), isExact: false };
}

const LOST = `
  SELECT 'view ' || c.oid::regclass FROM pg_class c
  WHERE c.oid IN (
    WITH RECURSIVE reader(id) AS (
      SELECT $1::oid
      UNION
      SELECT r.ev_class FROM reader JOIN pg_depend d ON d.refobjid = reader.id AND d.refclassid = 'pg_class'::regclass
        AND d.classid = 'pg_rewrite'::regclass JOIN pg_rewrite r ON r.oid = d.objid)
    SELECT id FROM reader WHERE id <> $1::oid)
  UNION ALL SELECT 'foreign key ' || quote_ident(conname) || ' on ' || conrelid::regclass FROM pg_constraint
  WHERE confrelid = $1::oid AND contype = 'f' AND conrelid <> confrelid AND conparentid = 0
  UNION ALL SELECT 'grant ' || string_agg(g.privilege_type, ', ' ORDER BY g.privilege_type) || ' to '
    || CASE g.grantee WHEN 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(g.grantee)) END
  FROM pg_class c, aclexplode(c.relacl) g WHERE c.oid = $1::oid AND g.grantee <> c.relowner GROUP BY g.grantee
  UNION ALL SELECT 'grant ' || string_agg(g.privilege_type, ', ' ORDER BY g.privilege_type) || ' (' || quote_ident(a.attname)
    || ') to ' || CASE g.grantee WHEN 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(g.grantee)) END
  FROM pg_attribute a, aclexplode(a.attacl) g WHERE a.attrelid = $1::oid GROUP BY a.attname, g.grantee
  UNION ALL SELECT 'index ' || quote_ident(relname) FROM pg_class JOIN pg_index ON indexrelid = oid WHERE indrelid = $1::oid
  UNION ALL SELECT 'trigger ' || quote_ident(tgname) FROM pg_trigger WHERE tgrelid = $1::oid AND NOT tgisinternal
  UNION ALL SELECT 'policy ' || quote_ident(polname) FROM pg_policy WHERE polrelid = $1::oid
  UNION ALL SELECT 'comment' FROM pg_class WHERE oid = $1::oid AND obj_description(oid, 'pg_class') NOT LIKE '${MARK_PREFIX}%'
  ORDER BY 1`;

/** What is dropped along with a table, as phrases: views, foreign keys of other tables, grants, indexes, triggers, policies. */
export const readLost = async (client: CatalogueReader, id: string): Promise<readonly string[]> =>
  (await client.rows(LOST, [id])).map(([phrase]) => phrase ?? '');
