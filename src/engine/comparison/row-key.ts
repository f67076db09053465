import type { Column } from '../../core/definition/nodes/node.ts';
import { isNested } from '../../core/types/type-map.ts';
import type { Connection } from '../duckdb.ts';
import { exactHashPair } from '../identity/exact-hash.ts';
import { quoteName } from '../sql-text.ts';

export interface KeySearch {
  /** Both sides, as SQL. */
  readonly tables: readonly string[];
  /** Common columns. */
  readonly columns: readonly Column[];
  readonly signal?: AbortSignal | undefined;
}

/** How many columns are considered for a key, and how many candidates are checked exactly. */
const CONSIDERED = 16;
const CHECKED = 4;

const NAMED_LIKE_KEY = /(^|_)(id|key|uuid|code)$/i;
const NEVER_KEY = /^(FLOAT|DOUBLE|BOOLEAN|INTERVAL|BLOB|VARIANT|JSON)$/;
const LIKE_DATE = /^(DATE|TIMESTAMP)/;

/** Whether these columns are unique in a table, which is given as SQL. */
export async function isUnique(
  connection: Connection,
  table: string,
  columns: readonly Column[],
  signal?: AbortSignal,
): Promise<boolean> {
  const [first, second] = exactHashPair(columns);
  const twice = `SELECT ${first} AS h1, ${second} AS h2 FROM ${table} GROUP BY 1, 2 HAVING count(*) > 1`;
  return (await connection.rows(`SELECT 1 FROM (${twice}) LIMIT 1`, signal)).length === 0;
}

/**
 * Columns that are unique and never NULL on both sides; null if none were found. Prefers a single column, first one that is
 * named like a key; then all columns named like keys, then those with the dates. Needs one scan per side with approximate
 * counters, then at most six exact checks.
 */
export async function findKey(connection: Connection, search: KeySearch): Promise<readonly Column[] | null> {
  const candidates = candidatesOf(search.columns);
  if (candidates.length === 0) return null;
  const sides: SideCounts[] = [];
  for (const table of search.tables) sides.push(await countSide(connection, table, { candidates, search }));
  const filled = candidates.filter((_, index) => sides.every(side => side.filled[index] === side.rows));
  const distinct = (column: Column, side: SideCounts): number => side.distinct[candidates.indexOf(column)] ?? 0;
  // The counts are estimates, off by a few percent, so they can only rule columns out.
  const mayBeUnique = (columns: readonly Column[]): boolean =>
    sides.every(side => columns.reduce((product, column) => product * distinct(column, side), 1) >= side.rows * 0.8);
  const singles = filled
    .map(column => [column])
    .filter(mayBeUnique)
    .slice(0, CHECKED);
  const several = combinations(filled).filter(mayBeUnique);
  for (const columns of [...singles, ...several]) if (await isKey(connection, columns, search)) return columns;
  return null;
}

async function isKey(connection: Connection, columns: readonly Column[], search: KeySearch): Promise<boolean> {
  for (const table of search.tables) if (!(await isUnique(connection, table, columns, search.signal))) return false;
  return true;
}

function candidatesOf(columns: readonly Column[]): readonly Column[] {
  const possible = columns.filter(({ type }) => !isNested(type) && !NEVER_KEY.test(type));
  const named = possible.filter(({ name }) => NAMED_LIKE_KEY.test(name));
  return [...named, ...possible.filter(column => !named.includes(column))].slice(0, CONSIDERED);
}

function combinations(columns: readonly Column[]): readonly (readonly Column[])[] {
  const named = columns.filter(({ name }) => NAMED_LIKE_KEY.test(name));
  const dated = columns.filter(({ name, type }) => LIKE_DATE.test(type) || NAMED_LIKE_KEY.test(name));
  return [named, dated].filter((list, index, all) => list.length > 1 && list.length !== all[index - 1]?.length);
}

interface SideCounts {
  readonly rows: number;
  /** By candidate: the number of values that are not NULL, and about how many of them are distinct. */
  readonly filled: readonly number[];
  readonly distinct: readonly number[];
}

async function countSide(
  connection: Connection,
  table: string,
  { candidates, search }: { readonly candidates: readonly Column[]; readonly search: KeySearch },
): Promise<SideCounts> {
  const names = candidates.map(column => quoteName(column.name));
  const counts = [
    'count(*)',
    ...names.map(name => `count(${name})`),
    ...names.map(name => `approx_count_distinct(${name})`),
  ];
  const [row = []] = await connection.rows(`SELECT ${counts.join(', ')} FROM ${table}`, search.signal);
  const [rows = 0, ...rest] = row.map(Number);
  return { rows, filled: rest.slice(0, names.length), distinct: rest.slice(names.length) };
}
