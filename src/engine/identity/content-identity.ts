import { byName, type ContentParts, type ContentScope, identityFrom } from '../../core/state/content-parts.ts';
import type { Connection } from '../duckdb.ts';
import { type ScannedPlace, scanEach } from '../scan.ts';
import { exactParts } from './exact-hash.ts';

export interface ContentIdentity {
  /** Equal for equal rows in any order, or in the same one where `ordered`. */
  readonly identity: string;
  readonly rows: number;
  /** Of each file, in their order. */
  readonly parts: readonly ContentParts[];
}

/** A place, and what of it is looked at. */
export interface PlaceScope extends ContentScope {
  readonly place: ScannedPlace;
}

/**
 * What places hold, each in some columns, as texts: names and types, the number of rows, and the sum of the rows'
 * hashes. Values that DuckDB's `=` confuses but a query could tell apart are hashed as texts, or with their sign. One
 * statement looks at all of them: for small files that takes half the time.
 */
export async function identitiesOf(
  connection: Connection,
  scopes: readonly PlaceScope[],
  signal?: AbortSignal,
): Promise<readonly ContentIdentity[]> {
  const queries = scopes.map(partQueries);
  const numbered = queries.flat().map((query, index) => `SELECT ${index}, ${query}`);
  const found = await connection.rows(numbered.join('\nUNION ALL\n'), signal);
  const parts = new Map(found.map(([index, rows, sum]) => [Number(index), partsFrom(rows, sum)]));
  let next = 0;
  return scopes.map((scope, index) => {
    const own = (queries[index] ?? []).map(() => parts.get(next++) ?? NO_ROWS);
    return contentOf(scope, own);
  });
}

const NO_ROWS: ContentParts = { rows: 0, sum: '0' };

/** A sum of no hashes is NULL. */
const partsFrom = (rows: unknown, sum: unknown): ContentParts => ({ rows: Number(rows), sum: String(sum ?? '0') });

const contentOf = (scope: PlaceScope, parts: readonly ContentParts[]): ContentIdentity => ({
  identity: identityFrom(scope, parts),
  rows: parts.reduce((total, { rows }) => total + rows, 0),
  parts,
});

/** One query for each file: its rows and the sum of their hashes. */
function partQueries({ place, columns, ordered = false }: PlaceScope): readonly string[] {
  const values = byName(columns)
    .flatMap(exactParts)
    .map(part => part.sql);
  const scans = scanEach(place, { numbered: ordered });
  return scans.map((from, index) => {
    const hashed = ordered ? [...values, position(scans.slice(0, index))] : values;
    const sum = hashed.length === 0 ? "'0'" : `sum(hash(${hashed.join(', ')})::HUGEINT)::VARCHAR`;
    return `count(*)::VARCHAR, ${sum} FROM ${from}`;
  });
}

/** A row's position in the whole place: after the rows of all files before its own. */
const position = (before: readonly string[]): string =>
  ['file_row_number', ...before.map(from => `(SELECT count(*) FROM ${from})`)].join(' + ');
