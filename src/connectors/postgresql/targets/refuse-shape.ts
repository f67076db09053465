import type { Column } from '../../../core/definition/nodes/node.ts';
import { modeName } from '../../../core/definition/nodes/target-definition.ts';
import type { FailureText } from '../../../diagnostics/failure-text.ts';
import { postgresType } from './column-types.ts';
import { grantTable } from './locate-table.ts';
import type { ColumnMatch } from './match-columns.ts';
import { isTooLong } from './sql-names.ts';
import { deletesRows, failure, type TargetContext } from './target-context.ts';
import type { Obstacle, TableFacts } from './target-facts.ts';

const SYSTEM_COLUMNS = new Set(['ctid', 'xmin', 'xmax', 'cmin', 'cmax', 'tableoid']);

/** Why columns cannot be written to any table, or not in the target's mode; null if they can. */
export function refuseColumns(columns: readonly Column[], context: TargetContext): FailureText | null {
  return unwritableColumn(columns, context) ?? keyMistake(columns, context);
}

function unwritableColumn(columns: readonly Column[], { request }: TargetContext): FailureText | null {
  const type = columns.find(column => postgresType(column.type) === null);
  if (type) {
    const message = `Column '${type.name}' of ${request.node} has type ${type.type}, which PostgreSQL cannot store.`;
    return failure('target-type', message, 'Cast the column to another type in the query.');
  }
  const long = columns.find(column => isTooLong(column.name));
  if (long) {
    const message = `Column '${long.name}' of ${request.node} has a name of more than 63 bytes, which PostgreSQL cuts.`;
    return failure('name-too-long', message, 'Choose a shorter name for the column.');
  }
  const system = columns.find(column => SYSTEM_COLUMNS.has(column.name));
  if (!system) return null;
  const message = `Column '${system.name}' of ${request.node} has the name of a system column of PostgreSQL.`;
  return failure('target-columns', message, 'Choose another name for the column.');
}

const TIME_TYPES = /^(?:DATE$|TIMESTAMP)/;
const NO_KEYS = /^(?:STRUCT|MAP)\(|\]$/;

function keyMistake(columns: readonly Column[], { request }: TargetContext): FailureText | null {
  const { mode } = request.target;
  const [key, names] =
    mode.kind === 'upsert'
      ? (['unique_keys', mode.keys] as const)
      : (['time_column', mode.kind === 'replace-period' ? [mode.timeColumn] : []] as const);
  for (const name of names) {
    const column = findColumn(columns, name);
    if (column === null) {
      const message = `Column '${name}' of '${key}' does not exist in ${request.node}.`;
      return failure('target-key', message, `Name a column of ${request.node} in '${key}'.`);
    }
    if (key === 'unique_keys' ? !NO_KEYS.test(column.type) : TIME_TYPES.test(column.type)) continue;
    const message = `Column '${name}' of ${request.node} has type ${column.type}, which '${key}' cannot use.`;
    return failure('target-key', message, key === 'time_column' ? 'Use a DATE or a TIMESTAMP.' : 'Use other columns.');
  }
  return null;
}

/** A column by its name; DuckDB ignores case. */
export const findColumn = <T extends { readonly name: string }>(columns: readonly T[], name: string): T | null =>
  columns.find(column => column.name === name) ??
  columns.find(column => column.name.toLowerCase() === name.toLowerCase()) ??
  null;

/** How a table forbids the mode or does not fit the columns; null if it fits. */
export function refuseShape(table: TableFacts, match: ColumnMatch | null, context: TargetContext): FailureText | null {
  return (
    columnDifferences(match, context) ??
    keyTypes(match, context) ??
    addedColumns(table, match, context) ??
    obstacles(table, context)
  );
}

function columnDifferences(match: ColumnMatch | null, context: TargetContext): FailureText | null {
  if (match === null || match.differences.length === 0) return null;
  const hint =
    context.request.target.mode.kind === 'replace'
      ? 'Change the query or the table, or set `cascade: true` to drop and recreate the table.'
      : 'Change the query or the table.';
  const message = `The table does not fit the node: ${match.differences.join('; ')}.`;
  return failure('target-columns', message, hint);
}

/** Types that the server cannot compare. */
const INCOMPARABLE = /^(?:json|xml|point|polygon)$/;

function keyTypes(match: ColumnMatch | null, { shown, request }: TargetContext): FailureText | null {
  const { mode } = request.target;
  const keys = mode.kind === 'upsert' ? mode.keys.flatMap(key => findColumn(match?.columns ?? [], key) ?? []) : [];
  const key = keys.find(({ baseType }) => INCOMPARABLE.test(baseType));
  if (key === undefined) return null;
  const message = `Column '${key.tableName}' of ${shown} has type ${key.tableType}, which 'unique_keys' cannot use.`;
  return failure('target-key', message, 'Use other columns, or change the type of the column.');
}

function addedColumns(table: TableFacts, match: ColumnMatch | null, { shown }: TargetContext): FailureText | null {
  if (match === null || match.added.length === 0 || table.isOwner) return null;
  const names = match.added.map(({ name }) => `'${name}'`).join(', ');
  const message = `must be owner of table ${shown} to add ${names}`;
  return failure('permission-denied', message, `Connect as ${table.owner}, or add the columns.`);
}

function obstacles(table: TableFacts, context: TargetContext): FailureText | null {
  const { shown } = context;
  const mode = modeName(context.request.target.mode);
  if (table.hasRowSecurity)
    return blocked(
      `${shown} has row security, which hides rows from mode ${mode}.`,
      'Connect as a role that bypasses it.',
    );
  if (table.hasChildren)
    return blocked(`${shown} has tables that inherit from it; mode ${mode} writes one table.`, 'Choose another table.');
  const found = table.obstacles.filter(obstacle => breaks(obstacle, context));
  if (found.length === 0) return null;
  const words = found.map(obstacle => phraseOf(obstacle)).join(', ');
  return blocked(`${shown} cannot be written in mode ${mode}: ${words}.`, hintFor(found, context));
}

function breaks({ kind, on, from }: Obstacle, context: TargetContext): boolean {
  // Replacing all rows at once satisfies a key of the table on itself.
  if (kind === 'foreign-key' && from === null && context.request.target.mode.kind === 'replace') return false;
  return on.includes('INSERT') || (deletesRows(context) && on.includes('DELETE'));
}

function phraseOf({ kind, name, on, from }: Obstacle): string {
  switch (kind) {
    case 'foreign-key':
      return `foreign key '${name}' of ${from ?? 'the table itself'} points to it`;
    case 'publication':
      return `publication '${name}' forbids DELETE on a table without a replica identity`;
    default:
      return `${kind} '${name}' reacts to ${on.join(' and ')}`;
  }
}

function hintFor([first]: readonly Obstacle[], { request, name }: TargetContext): string {
  if (first?.kind === 'publication') return `Run ALTER TABLE ${grantTable(name)} REPLICA IDENTITY FULL.`;
  const what = first?.kind === 'foreign-key' ? 'foreign key' : (first?.kind ?? 'trigger');
  const cascade = request.target.mode.kind === 'replace' ? ', or set `cascade: true` to recreate the table' : '';
  return `Drop the ${what}, or choose another table or mode${cascade}.`;
}

const blocked = (message: string, hint: string) => failure('target-blocked', message, hint);
