import type { TargetDefinition } from '../../../core/definition/nodes/target-definition.ts';
import { shownTableName, TABLE_FORM, tableMistake, tableNameParts } from '../../../core/definition/nodes/table-name.ts';
import { type EnvironmentName, environmentPrefix } from '../../../core/environment/environment-name.ts';
import { ToolError } from '../../../diagnostics/tool-error.ts';
import { quoteName } from '../../../engine/sql-text.ts';
import { grantName, isTooLong, MAX_NAME_BYTES } from './sql-names.ts';

/** A table of a database by its exact names. */
export interface TableName {
  readonly schema: string;
  readonly table: string;
}

/** Name of the table in which targets of mode `append` record what was written; it is in the schema of the target. */
export const LEDGER = 'seeknal_ledger';

/** What decides where a target's table is, besides its definition. */
export interface TargetSurroundings {
  /** Where tables without a schema are. */
  readonly schema: string;
  /** null is production. */
  readonly environment: EnvironmentName | null;
}

/** The table that a definition means. Throws `target-name` or `name-too-long`. */
export function locateTable({ table: text }: TargetDefinition, around: TargetSurroundings): TableName {
  const mistake = tableMistake(text);
  if (mistake !== null) throw new ToolError('target-name', mistake, { hint: TABLE_FORM });
  const parts = tableNameParts(text) ?? [];
  const [table = '', schema = around.schema] = parts.toReversed();
  const prefix = around.environment === null ? '' : `${environmentPrefix(around.environment)}_`;
  const name = { schema: prefix + schema, table };
  refuseLongNames(name);
  refuseReservedNames(name);
  return name;
}

function refuseLongNames({ schema, table }: TableName): void {
  const long = [schema, table].find(isTooLong);
  if (long === undefined) return;
  throw new ToolError(
    'name-too-long',
    `'${long}' has ${Buffer.byteLength(long, 'utf8')} bytes; PostgreSQL cuts names after ${MAX_NAME_BYTES} bytes.`,
    { hint: 'Choose a shorter name.' },
  );
}

function refuseReservedNames(name: TableName): void {
  const { schema, table } = name;
  if (table === LEDGER || isStagingName(table))
    throw new ToolError('target-name', `The table name '${table}' is reserved.`, { hint: 'Choose another table.' });
  if (/^(?:pg_|information_schema$)/.test(schema))
    throw new ToolError('target-name', `The schema '${schema}' is reserved.`, { hint: 'Choose another schema.' });
}

/** Whether a table has the name of a staging table. */
export const isStagingName = (name: string): boolean => /^_seeknal_[0-9a-f]{12}$/.test(name);

/** A table's name for people. */
export const shownTable = ({ schema, table }: TableName): string => shownTableName([schema, table]);

/** A table's name in SQL. */
export const quoteTable = ({ schema, table }: TableName): string => `${quoteName(schema)}.${quoteName(table)}`;

/** A table's name in a GRANT. */
export const grantTable = ({ schema, table }: TableName): string => `${grantName(schema)}.${grantName(table)}`;
