import type { Column } from '../../../core/definition/nodes/node.ts';
import { ToolError } from '../../../diagnostics/tool-error.ts';
import type { Connection } from '../../../engine/duckdb.ts';
import { scan } from '../../../engine/scan.ts';
import { quoteName } from '../../../engine/sql-text.ts';
import type { TargetWrite } from '../../target-connector.ts';
import { findColumn } from './refuse-shape.ts';

/** A condition that no row may meet. */
interface Check {
  readonly condition: string;
  readonly fail: (rows: number) => ToolError;
}

/** Checks the rows of an artefact before anything is loaded. Throws what is wrong with which column, and in how many rows. */
export async function checkArtefact(connection: Connection, write: TargetWrite, signal: AbortSignal): Promise<void> {
  const checks = [...write.columns.flatMap(column => columnChecks(column, write)), ...timeChecks(write)];
  if (checks.length > 0) {
    const counts = checks.map(({ condition }) => `count(*) FILTER (WHERE ${condition})`);
    const [row = []] = await connection.rows(`SELECT ${counts.join(', ')} FROM ${scan(write.place)}`, signal);
    checks.forEach((check, index) => {
      const rows = Number(row[index]);
      if (rows > 0) throw check.fail(rows);
    });
  }
  await checkKeys(connection, write, signal);
}

const shownRows = (rows: number): string => `${rows} ${rows === 1 ? 'row' : 'rows'}`;

function columnChecks({ name, type }: Column, { request }: TargetWrite): readonly Check[] {
  const value = quoteName(name);
  if (/VARCHAR|JSON|STRUCT|MAP/.test(type)) {
    const text = type === 'VARCHAR' ? value : `CAST(${value} AS VARCHAR)`;
    const fail = (rows: number): ToolError =>
      new ToolError(
        'target-value',
        `Column '${name}' of ${request.node} contains NUL characters in ${shownRows(rows)}.`,
        {
          hint: `PostgreSQL cannot store them: remove them with replace(${name}, chr(0), '').`,
        },
      );
    return [{ condition: `contains(${text}, chr(0))`, fail }];
  }
  if (type !== 'TIMESTAMP_NS') return [];
  const fail = (rows: number): ToolError =>
    new ToolError('target-value', `Column '${name}' of ${request.node} has nanoseconds in ${shownRows(rows)}.`, {
      hint: `PostgreSQL stores microseconds: cast the column to TIMESTAMP or to VARCHAR.`,
    });
  return [{ condition: `CAST(CAST(${value} AS TIMESTAMP) AS TIMESTAMP_NS) <> ${value}`, fail }];
}

function timeChecks({ request, columns }: TargetWrite): readonly Check[] {
  const { mode } = request.target;
  const column = mode.kind === 'replace-period' ? findColumn(columns, mode.timeColumn) : null;
  if (column === null) return [];
  const fail =
    (what: string) =>
    (rows: number): ToolError =>
      new ToolError('target-time', `Column '${column.name}' of ${request.node} is ${what} in ${shownRows(rows)}.`, {
        hint: "Rows without a time belong to no period: filter them out, or choose another 'time_column'.",
      });
  const value = quoteName(column.name);
  return [
    { condition: `${value} IS NULL`, fail: fail('NULL') },
    { condition: `NOT isfinite(${value})`, fail: fail('infinite') },
  ];
}

const EXAMPLES = 3;

async function checkKeys(connection: Connection, write: TargetWrite, signal: AbortSignal): Promise<void> {
  const { mode } = write.request.target;
  if (mode.kind !== 'upsert') return;
  const keys = mode.keys.map(key => findColumn(write.columns, key)?.name ?? key);
  const names = keys.map(quoteName).join(', ');
  const texts = keys.map(key => `CAST(${quoteName(key)} AS VARCHAR)`).join(', ');
  const found = await connection.rows(
    `SELECT ${texts}, count(*) FROM ${scan(write.place)} GROUP BY ${names} HAVING count(*) > 1 ORDER BY ${names} LIMIT ${EXAMPLES}`,
    signal,
  );
  if (found.length === 0) return;
  const examples = found.map(row => `(${row.slice(0, -1).map(shownValue).join(', ')}) ${String(row.at(-1))} times`);
  throw new ToolError(
    'target-keys',
    `Keys (${keys.join(', ')}) repeat in ${write.request.node}: ${examples.join('; ')}.`,
    { hint: "Remove the duplicates in the query, or add columns to 'unique_keys'." },
  );
}

const shownValue = (value: unknown): string => (value === null ? 'NULL' : String(value));
