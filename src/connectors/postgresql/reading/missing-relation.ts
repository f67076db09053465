import { didYouMean } from '../../../diagnostics/suggest.ts';
import { ToolError } from '../../../diagnostics/tool-error.ts';
import { grantName } from '../targets/sql-names.ts';
import type { SourceOfServer } from './relation.ts';
import { shownTableName } from '../../../core/definition/nodes/table-name.ts';

interface TablePlace {
  readonly schema: string;
  readonly name: string;
}

const TABLES = `SELECT n.nspname::text, c.relname::text
FROM pg_catalog.pg_namespace n
LEFT JOIN pg_catalog.pg_class c ON c.relnamespace = n.oid AND c.relkind = ANY ('{r,v,m,p,f}')
WHERE n.nspname = $1 OR (c.relname = $2 AND n.nspname <> 'information_schema' AND n.nspname !~ '^pg_')
ORDER BY 1, 2`;

const SCHEMAS = `SELECT nspname::text FROM pg_catalog.pg_namespace
WHERE nspname !~ '^pg_(toast|temp)' ORDER BY 1`;

/** The error for a table that does not exist; suggests similar names, and other schemas that have it. */
export async function missingTable(of: SourceOfServer, { schema, name }: TablePlace): Promise<ToolError> {
  const { source, settings, client } = of;
  const found = await client.rows(TABLES, [schema, name]);
  const inSchema = found.filter(([own]) => own === schema);
  const elsewhere = found.flatMap(([own, table]) =>
    own !== schema && own && table === name ? [shownTableName([own, name])] : [],
  );
  const other = elsewhere.length === 0 ? null : `It exists as ${elsewhere.join(', ')}.`;
  if (inSchema.length === 0) {
    const schemas = (await client.rows(SCHEMAS)).map(([own]) => String(own));
    const hint =
      other ?? didYouMean(schema, schemas, `Database ${settings.database} has the schemas ${schemas.join(', ')}.`);
    return missing(source.id, `schema ${schema} does not exist`, hint);
  }
  const tables = inSchema.flatMap(([, table]) => (table === null || table === undefined ? [] : [table]));
  const hint =
    other ??
    didYouMean(
      name,
      tables,
      tables.length === 0
        ? `Schema ${schema} has no tables.`
        : `Check the name; schema ${schema} has ${listed(tables)}.`,
    );
  return missing(source.id, `table ${shownTableName([schema, name])} does not exist`, hint);
}

const SHOWN = 5;

const listed = (tables: readonly string[]): string =>
  tables.length > SHOWN
    ? `${tables.slice(0, SHOWN).join(', ')} and ${tables.length - SHOWN} more tables`
    : tables.join(', ');

const missing = (id: string, what: string, hint: string): ToolError =>
  new ToolError('source-missing', `${id} cannot be read: ${what}.`, { hint });

/** The error for a relation that the user may not read, with the statement that allows it. */
export function notReadable(
  { source, settings }: SourceOfServer,
  { schema, name, what }: TablePlace & { readonly what: string },
): ToolError {
  const user = grantName(settings.user);
  const grant = what.startsWith('schema ')
    ? `GRANT USAGE ON SCHEMA ${grantName(schema)} TO ${user}`
    : `GRANT SELECT ON ${grantName(schema)}.${grantName(name)} TO ${user}`;
  return new ToolError(
    'permission-denied',
    `${source.id} cannot be read: user ${settings.user} may not read ${what}.`,
    {
      hint: `Run \`${grant}\` as its owner.`,
    },
  );
}
