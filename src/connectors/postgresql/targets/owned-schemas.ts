import type { StoreMark } from '../../../core/plan/targets/target-action.ts';
import { ToolError } from '../../../diagnostics/tool-error.ts';
import { quoteName } from '../../../engine/sql-text.ts';
import type { OwnedSchema } from '../../target-connector.ts';
import type { CatalogueReader } from './read-facts.ts';
import { isMarkedBy } from './schema-mark.ts';
import type { TargetSession } from './target-session.ts';

/** SQL that says what a row `c` of `pg_class` is. */
const KIND = `CASE c.relkind
  WHEN 'v' THEN 'view' WHEN 'm' THEN 'materialized view' WHEN 'f' THEN 'foreign table' WHEN 'S' THEN 'sequence'
  WHEN 'c' THEN 'type' ELSE 'table' END`;

const CONTENTS = `
  SELECT ${KIND} || ' ' || quote_ident($1) || '.' || quote_ident(c.relname) FROM pg_class c
  WHERE c.relnamespace = $1::regnamespace AND c.relkind IN ('r', 'p', 'v', 'm', 'f', 'S', 'c')
    AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.deptype IN ('a', 'i') AND d.refclassid = 'pg_class'::regclass)
  UNION ALL SELECT 'function ' || p.oid::regprocedure FROM pg_proc p WHERE p.pronamespace = $1::regnamespace
  UNION ALL SELECT 'type ' || format_type(t.oid, NULL) FROM pg_type t
  WHERE t.typnamespace = $1::regnamespace AND t.typtype IN ('d', 'e', 'r')
  ORDER BY 1`;

/** Objects that depend on an object of one of the schemas in $1 and are in none of the schemas in $2. */
const DEPENDENTS = `
  WITH inside(class, id) AS (
    SELECT 'pg_class'::regclass, oid FROM pg_class WHERE relnamespace = ANY ($1::regnamespace[])
    UNION ALL SELECT 'pg_proc'::regclass, oid FROM pg_proc WHERE pronamespace = ANY ($1::regnamespace[])
    UNION ALL SELECT 'pg_type'::regclass, oid FROM pg_type WHERE typnamespace = ANY ($1::regnamespace[])
  ), dependent AS (
    SELECT DISTINCT d.classid, d.objid, k.conname,
      coalesce(r.ev_class, nullif(k.conrelid, 0), a.adrelid, t.tgrelid,
        CASE WHEN d.classid = 'pg_class'::regclass THEN d.objid END) AS relation
    FROM inside i JOIN pg_depend d ON d.refclassid = i.class AND d.refobjid = i.id
    LEFT JOIN pg_rewrite r ON d.classid = 'pg_rewrite'::regclass AND r.oid = d.objid
    LEFT JOIN pg_constraint k ON d.classid = 'pg_constraint'::regclass AND k.oid = d.objid
    LEFT JOIN pg_attrdef a ON d.classid = 'pg_attrdef'::regclass AND a.oid = d.objid
    LEFT JOIN pg_trigger t ON d.classid = 'pg_trigger'::regclass AND t.oid = d.objid)
  SELECT DISTINCT CASE WHEN d.conname IS NULL THEN '' ELSE 'constraint ' || quote_ident(d.conname) || ' of ' END
    || ${KIND} || ' ' || quote_ident(n.nspname) || '.' || quote_ident(c.relname)
  FROM dependent d JOIN pg_class c ON c.oid = d.relation JOIN pg_namespace n ON n.oid = c.relnamespace
  WHERE c.relnamespace <> ALL ($2::regnamespace[]) AND n.nspname NOT LIKE 'pg\\_toast%'
  UNION SELECT 'function ' || p.oid::regprocedure FROM dependent d JOIN pg_proc p ON p.oid = d.objid
  WHERE d.classid = 'pg_proc'::regclass AND p.pronamespace <> ALL ($2::regnamespace[])
  ORDER BY 1`;

/** The schemas that an environment made, with what is in them and what depends on them. */
export async function ownedSchemas(
  client: CatalogueReader,
  mark: StoreMark,
  endpoint: string,
): Promise<readonly OwnedSchema[]> {
  const names = await markedSchemas(client, mark);
  const schemas: OwnedSchema[] = [];
  for (const name of names) {
    const contents = (await client.rows(CONTENTS, [name])).map(([text]) => text ?? '');
    schemas.push({ endpoint, name, contents, dependents: await dependentsOf(client, [name], names) });
  }
  return schemas;
}

async function markedSchemas(client: CatalogueReader, mark: StoreMark): Promise<readonly string[]> {
  const rows = await client.rows("SELECT nspname, obj_description(oid, 'pg_namespace') FROM pg_namespace ORDER BY 1");
  return rows.flatMap(([name, comment = null]) => (name && isMarkedBy(comment, mark) ? [name] : []));
}

/** What depends on some schemas, apart from what is dropped along with them. */
async function dependentsOf(
  client: CatalogueReader,
  schemas: readonly string[],
  dropped: readonly string[],
): Promise<readonly string[]> {
  const rows = await client.rows(DEPENDENTS, [regnamespaces(schemas), regnamespaces(dropped)]);
  return rows.map(([text]) => text ?? '');
}

/** The text of a `regnamespace[]`. */
const regnamespaces = (names: readonly string[]): string =>
  `{${names.map(name => `"${quoteName(name).replaceAll(/["\\]/g, char => `\\${char}`)}"`).join(',')}}`;

/** Drops schemas of an environment; throws `schema-not-ours` or `schema-in-use` and then drops none. */
export async function dropOwnedSchemas(
  session: TargetSession,
  mark: StoreMark,
  names: readonly string[],
): Promise<void> {
  if (names.length === 0) return;
  await session.transaction(`Schema ${names.join(', ')}`, async client => {
    const marked = await markedSchemas(client, mark);
    const foreign = names.find(name => !marked.includes(name));
    if (foreign !== undefined) {
      throw new ToolError('schema-not-ours', `Schema ${foreign} was not created by this environment.`, {
        hint: 'Drop it yourself if it is no longer needed.',
      });
    }
    const dependents = await dependentsOf(client, names, names);
    if (dependents.length > 0) throw inUse(names, dependents);
    await client.run(`DROP SCHEMA ${names.map(quoteName).join(', ')} CASCADE`);
  });
}

function inUse(names: readonly string[], dependents: readonly string[]): ToolError {
  const [schemas, them] = names.length === 1 ? ['Schema', 'it'] : ['Schemas', 'them'];
  const depend = dependents.length === 1 ? 'depends' : 'depend';
  const message = `${schemas} ${names.join(', ')} cannot be dropped: ${dependents.join(', ')} ${depend} on ${them}.`;
  return new ToolError('schema-in-use', message, { hint: 'Drop these objects first.' });
}
