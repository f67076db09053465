import type { TargetRequest } from '../../target-connector.ts';
import type { FailureText } from '../../../diagnostics/failure-text.ts';
import { grantTable } from './locate-table.ts';
import { isMarkedBy, schemaMark } from './schema-mark.ts';
import { grantName } from './sql-names.ts';
import { deletesRows, failure, isOurs, type TargetContext } from './target-context.ts';
import type { SchemaFacts, TableFacts, TablePrivilege, TargetFacts } from './target-facts.ts';

/** Why a target must not be written where it is, whatever its columns; null if it may be. */
export function refusePlace(facts: TargetFacts, context: TargetContext): FailureText | null {
  return (
    readOnlyServer(facts, context) ??
    missingTable(facts, context) ??
    missingSchema(facts, context) ??
    (facts.schema && forbiddenSchema(facts, facts.schema, context)) ??
    (facts.schema && foreignSchema(facts, facts.schema, context)) ??
    (facts.table && refuseTable(facts, facts.table, context))
  );
}

function readOnlyServer({ server }: TargetFacts, { shown }: TargetContext): FailureText | null {
  if (!server.isReadOnly) return null;
  const message = `${shown} cannot be written: database ${server.database} is read-only.`;
  return failure('read-only-server', message, 'Connect to the primary server.');
}

function missingTable({ table }: TargetFacts, { shown, request }: TargetContext): FailureText | null {
  if (table !== null || request.target.createTable) return null;
  const hint = 'Create the table, or remove `create_table: false`.';
  return failure('target-missing', `Table ${shown} does not exist.`, hint);
}

function missingSchema({ schema, server }: TargetFacts, { name }: TargetContext): FailureText | null {
  if (schema !== null || server.mayCreateSchemas) return null;
  const hint = `GRANT CREATE ON DATABASE ${grantName(server.database)} TO ${grantName(server.user)}`;
  return failure('permission-denied', `permission denied for schema ${name.schema}`, hint);
}

function forbiddenSchema(
  { server }: TargetFacts,
  { mayUse, mayCreate }: SchemaFacts,
  { name }: TargetContext,
): FailureText | null {
  const missing = [...(mayUse ? [] : ['USAGE']), ...(mayCreate ? [] : ['CREATE'])];
  if (missing.length === 0) return null;
  const hint = `GRANT ${missing.join(', ')} ON SCHEMA ${grantName(name.schema)} TO ${grantName(server.user)}`;
  return failure('permission-denied', `permission denied for schema ${name.schema}`, hint);
}

/** An environment writes into schemas that it made, and production into none that an environment made. */
function foreignSchema({ table }: TargetFacts, { comment }: SchemaFacts, context: TargetContext): FailureText | null {
  const { request, name } = context;
  const mark = schemaMark(comment);
  const fits = request.mark.environment === null ? mark === null : isMarkedBy(comment, request.mark);
  if (fits || request.adopt || !request.target.createTable || (table !== null && isOurs(context, table))) return null;
  const owner =
    mark === null
      ? 'was not created by this environment'
      : `belongs to environment '${mark.environment}'${mark.lineage === request.mark.lineage ? '' : ' of another project'}`;
  const hint = `Pass --adopt${toPlanning(request)} to use the schema, or choose another one.`;
  return failure('schema-not-ours', `Schema ${name.schema} ${owner}.`, hint);
}

/** An apply takes over only what its plan says. */
const toPlanning = ({ mark }: TargetRequest): string =>
  mark.environment === null ? '' : " to 'env plan' or 'env promote'";

const KINDS: Readonly<Record<string, string>> = {
  v: 'a view',
  m: 'a materialized view',
  f: 'a foreign table',
  p: 'a partitioned table',
  S: 'a sequence',
  c: 'a composite type',
  i: 'an index',
  I: 'an index',
};

function refuseTable(facts: TargetFacts, table: TableFacts, context: TargetContext): FailureText | null {
  const { shown, request } = context;
  if (table.kind !== 'r') {
    const message = `${shown} is ${KINDS[table.kind] ?? 'not a table'}, which cannot be a target.`;
    return failure('target-kind', message, 'Name an ordinary table, or one that does not exist yet.');
  }
  const denied = missingPrivileges(facts, table, context);
  if (denied || table.rows === null || table.rows.rows === 0 || request.adopt) return denied;
  const rows = `${table.rows.isExact ? '' : 'about '}${table.rows.rows} ${table.rows.rows === 1 ? 'row' : 'rows'}`;
  const message = `Table ${shown} exists and was not written by this project (${rows}, owner ${table.owner}).`;
  const hint = `Pass --adopt${toPlanning(request)} to let this project write it, or set \`create_table: false\` in the target.`;
  return failure('target-not-ours', message, hint);
}

function missingPrivileges({ server }: TargetFacts, table: TableFacts, context: TargetContext): FailureText | null {
  const needed: readonly TablePrivilege[] = ['SELECT', 'INSERT', ...(deletesRows(context) ? ['DELETE' as const] : [])];
  const missing = needed.filter(privilege => !table.privileges.includes(privilege));
  if (missing.length === 0) return null;
  const hint = `GRANT ${missing.join(', ')} ON ${grantTable(context.name)} TO ${grantName(server.user)}`;
  return failure('permission-denied', `permission denied for table ${context.shown}`, hint);
}
