import type { QueryAnalysis } from '../../src/core/query/query-analysis.ts';
import type { QueryDatabase } from './database.ts';

/** A query with its analysis and its result in DuckDB. */
export interface Outcome {
  readonly sql: string;
  readonly analysis: QueryAnalysis;
  readonly rows: readonly (readonly unknown[])[];
}

/** Runs and analyses a query; null if it does not bind or fails on the data. */
export async function outcomeOf(database: QueryDatabase, sql: string): Promise<Outcome | null> {
  try {
    const [{ value: analysis }, rows] = [{ value: await database.analyse(sql) }, await database.rows(sql)];
    return analysis.volatile.rows || analysis.volatile.columns.length > 0 ? null : { sql, analysis, rows };
  } catch {
    return null;
  }
}

const multiset = (rows: readonly (readonly unknown[])[]): string =>
  JSON.stringify(rows.map(row => JSON.stringify(row)).sort());

function columnsByHash({ analysis }: Outcome): ReadonlyMap<string, number> {
  return new Map(analysis.relation.columns.map((column, index) => [column.hash, index]));
}

/** How two outcomes contradict their analyses, or null: rows and columns that count as equal must hold equal data. */
export function contradiction(a: Outcome, b: Outcome): string | null {
  if (a.analysis.relation.rows !== b.analysis.relation.rows) return null;
  const [ofA, ofB] = [columnsByHash(a), columnsByHash(b)];
  const common = [...ofA.keys()].filter(hash => ofB.has(hash));
  const pick = (outcome: Outcome, at: ReadonlyMap<string, number>) =>
    multiset(outcome.rows.map(row => common.map(hash => row[at.get(hash) ?? -1])));
  if (pick(a, ofA) !== pick(b, ofB)) return `${a.sql}\n${b.sql}\n${common.length} equal columns, but other data`;
  if (a.analysis.fingerprint !== b.analysis.fingerprint) return null;
  const shape = ({ analysis }: Outcome) =>
    JSON.stringify(analysis.relation.columns.map(({ name, type }) => [name, type]));
  return multiset(a.rows) === multiset(b.rows) && shape(a) === shape(b)
    ? null
    : `${a.sql}\n${b.sql}\nequal fingerprints, but other data`;
}

/** All contradictions among outcomes; each is compared with the first one with the same rows. */
export function contradictions(outcomes: readonly Outcome[]): {
  readonly found: readonly string[];
  readonly compared: number;
} {
  const first = new Map<string, Outcome[]>();
  const found: string[] = [];
  let compared = 0;
  for (const outcome of outcomes) {
    const like = first.get(outcome.analysis.relation.rows) ?? [];
    first.set(outcome.analysis.relation.rows, like);
    for (const other of like.slice(0, 4)) {
      compared++;
      const why = contradiction(other, outcome);
      if (why) found.push(why);
    }
    like.push(outcome);
  }
  return { found, compared };
}
