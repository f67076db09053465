import type { QueryAnalysis } from '../../../src/core/query/query-analysis.ts';
import { canonicalData } from './canonical-data.ts';
import type { RowsBySet } from './query-lab.ts';

/** A query with what the product says of it, and what DuckDB gives on each data set. */
export interface Outcome {
  readonly sql: string;
  readonly analysis: QueryAnalysis;
  readonly rows: RowsBySet;
  /** Whether the order of rows may decide what an upstream node holds. */
  readonly belowOrder?: boolean;
}

export const allColumns = ({ analysis }: Outcome): readonly number[] =>
  analysis.relation.columns.map((_, index) => index);

/** Whether the order of rows may decide the data, as far as the analysis says. */
export const readsOrder = ({ analysis, belowOrder = false }: Outcome): boolean =>
  belowOrder || analysis.reads.some(read => read.order);

/** Something that the analysis names, and what it holds on each data set: equal names promise equal data. */
export interface Promised {
  readonly name: string;
  /** Which columns of the query these are. */
  readonly columns: readonly number[];
  /** Null where the query fails, or where the order of input rows decides and may do so. */
  readonly data: readonly (string | null)[];
}

/** The row set, columns of it alone and in pairs, all of them, and the artefact. */
export function promisesOf(outcome: Outcome): readonly Promised[] {
  const { relation, fingerprint } = outcome.analysis;
  const columns = relation.columns.map(({ hash }, at) => ({ hash, at }));
  const pairs = columns.flatMap((one, index) => columns.slice(index + 1).map(other => [one, other]));
  const sets = [[], ...columns.map(column => [column]), ...pairs, ...(columns.length > 2 ? [columns] : [])];
  const byOrder = readsOrder(outcome);
  const parts = sets.map(set => {
    const sorted = [...set].sort((a, b) => (a.hash < b.hash ? -1 : 1));
    const at = sorted.map(column => column.at);
    const name = [relation.rows, ...sorted.map(column => column.hash)].join(' ');
    return { name, columns: at, data: dataOf(outcome.rows, at, byOrder) };
  });
  const all = columns.map(column => column.at);
  return [...parts, { name: fingerprint, columns: all, data: dataOf(outcome.rows, all, byOrder) }];
}

function dataOf(bySet: RowsBySet, columns: readonly number[], byOrder: boolean): readonly (string | null)[] {
  const data = bySet.map(rows => rows && canonicalData(rows.map(row => columns.map(at => row[at]))));
  if (!byOrder) return data;
  return data.map((text, index) => (text === data[index ^ 1] ? text : null));
}

/** The data set on which two of the same name differ, or null. */
function differingSet(a: Promised, b: Promised): number | null {
  const at = a.data.findIndex((text, index) => text !== null && b.data[index] !== null && text !== b.data[index]);
  return at < 0 ? null : at;
}

export interface Contradiction {
  readonly set: number;
  /** Which columns of each of the two differ. */
  readonly columns: readonly [readonly number[], readonly number[]];
}

/** Where two outcomes contradict what is said of both. */
export function contradiction(a: Outcome, b: Outcome): Contradiction | null {
  const byName = new Map(promisesOf(a).map(promised => [promised.name, promised]));
  for (const promised of promisesOf(b)) {
    const other = byName.get(promised.name);
    const set = other ? differingSet(other, promised) : null;
    if (other && set !== null) return { set, columns: [other.columns, promised.columns] };
  }
  return null;
}

/** On which data set the order of the input's rows decides, though the analysis says that nothing sees it. */
export function orderSeen(outcome: Outcome): number | null {
  if (readsOrder(outcome)) return null;
  const data = outcome.rows.map(each => each && canonicalData(each));
  const at = data.findIndex((text, index) => text !== null && data[index ^ 1] !== null && text !== data[index ^ 1]);
  return at < 0 ? null : at;
}
