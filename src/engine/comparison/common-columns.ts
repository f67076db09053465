import type { SchemaDifference } from '../../core/plan/changes/compare-schemas.ts';
import type { Column } from '../../core/definition/nodes/node.ts';
import { storedType } from '../../core/types/type-map.ts';
import type { Connection } from '../duckdb.ts';
import { scan, type ScannedPlace } from '../scan.ts';
import { quoteName } from '../sql-text.ts';

export interface ComparedTable {
  readonly place: ScannedPlace;
  readonly columns: readonly Column[];
  readonly rows: number;
}

/** Two tables as SQL, reduced to their common columns; retyped columns have a common type. */
export interface AlignedTables {
  readonly left: string;
  readonly right: string;
  /** In the order of the second table. */
  readonly columns: readonly Column[];
}

/** Casts retyped columns to a type that holds both, such as DOUBLE for INTEGER and DOUBLE, or else to text. */
export async function alignTables(
  connection: Connection,
  { left, right }: { readonly left: ComparedTable; readonly right: ComparedTable },
  { common, retyped }: SchemaDifference,
): Promise<AlignedTables> {
  const tables = { left: scan(left.place), right: scan(right.place) };
  if (retyped.length === 0) return { ...tables, columns: common };
  const types = new Map<string, string>();
  for (const { name, from, to } of retyped) types.set(name, await commonType(connection, from, to));
  const kept = right.columns.filter(
    ({ name, type }) => types.has(name) || common.some(c => c.name === name && c.type === type),
  );
  const select = kept.map(({ name }) => expressionOf(name, types.get(name) ?? null)).join(', ');
  const columns = kept.map(({ name, type }) => ({ name, type: hashedType(types.get(name) ?? null) ?? type }));
  return { left: `(SELECT ${select} FROM ${tables.left})`, right: `(SELECT ${select} FROM ${tables.right})`, columns };
}

async function commonType(connection: Connection, from: string, to: string): Promise<string> {
  if (from === 'VARCHAR' || to === 'VARCHAR') return 'VARCHAR';
  try {
    const [[type] = []] = await connection.rows(
      `SELECT typeof(CASE WHEN true THEN NULL::${from} ELSE NULL::${to} END)`,
    );
    return storedType(String(type)) ?? 'VARCHAR';
  } catch {
    return 'VARCHAR';
  }
}

/** The common DECIMAL may be too narrow for some values; those are compared as text. */
const isDecimal = (type: string): boolean => type.startsWith('DECIMAL');

const hashedType = (type: string | null): string | null => (type !== null && isDecimal(type) ? 'VARCHAR' : type);

function expressionOf(name: string, type: string | null): string {
  const column = quoteName(name);
  if (type === null) return column;
  if (isDecimal(type)) return `coalesce(TRY_CAST(${column} AS ${type})::VARCHAR, ${column}::VARCHAR) AS ${column}`;
  return `CAST(${column} AS ${type}) AS ${column}`;
}
