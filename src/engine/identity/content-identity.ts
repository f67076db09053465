import { byName, type ContentParts, type ContentScope, identityFrom } from '../../core/state/content-parts.ts';
import type { Connection } from '../duckdb.ts';
import { type ScannedPlace, scanEach } from '../scan.ts';
import { exactParts } from './exact-hash.ts';

export interface ContentIdentity {
  /** Equal for equal rows in any order; with `ordered`, only in the same order. */
  readonly identity: string;
  readonly rows: number;
  /** One for each file, in order. */
  readonly parts: readonly ContentParts[];
}

/** A place, and the columns to read. */
export interface PlaceScope extends ContentScope {
  readonly place: ScannedPlace;
}

/**
 * Content identities of places, each over some columns. An identity covers names and types, the number of rows, and the sum
 * of the row hashes. Values that DuckDB's `=` treats as equal but a query can distinguish are hashed as text or with their
 * sign. One statement covers all places, which halves the time for small files.
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

/** DuckDB's sum over no rows is NULL. */
const partsFrom = (rows: unknown, sum: unknown): ContentParts => ({ rows: Number(rows), sum: String(sum ?? '0') });

const contentOf = (scope: PlaceScope, parts: readonly ContentParts[]): ContentIdentity => ({
  identity: identityFrom(scope, parts),
  rows: parts.reduce((total, { rows }) => total + rows, 0),
  parts,
});

/** One query for each file: the number of rows and the sum of their hashes. */
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

/** A row's position in the whole place: its position in the file plus the rows of earlier files. */
const position = (before: readonly string[]): string =>
  ['file_row_number', ...before.map(from => `(SELECT count(*) FROM ${from})`)].join(' + ');
