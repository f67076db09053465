import type { QueryAnalysis } from '../../../src/core/query/query-analysis.ts';
import { canonicalData } from './canonical-data.ts';
import type { RowsBySet } from './query-lab.ts';

/** A query with its analysis, and its result on each data set. */
export interface Outcome {
  readonly sql: string;
  readonly analysis: QueryAnalysis;
  readonly rows: RowsBySet;
  /** Whether the order of rows may affect the data of the upstream node. */
  readonly belowOrder?: boolean;
}

export const allColumns = ({ analysis }: Outcome): readonly number[] =>
  analysis.relation.columns.map((_, index) => index);

/** Whether the order of rows may affect the data, according to the analysis. */
export const readsOrder = ({ analysis, belowOrder = false }: Outcome): boolean =>
  belowOrder || analysis.reads.some(read => read.order);

/** A name that the analysis gives, and the data on each data set; equal names promise equal data. */
export interface Promised {
  readonly name: string;
  /** Indexes of the columns in the query. */
  readonly columns: readonly number[];
  /** null if the query fails, or if its data differs between row orders and the analysis allows that. */
  readonly data: readonly (string | null)[];
}

/** Names for the row set, for single columns, pairs and all columns, and for the artefact. */
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

/** The data set on which two results with the same name differ, or null. */
function differingSet(a: Promised, b: Promised): number | null {
  const at = a.data.findIndex((text, index) => text !== null && b.data[index] !== null && text !== b.data[index]);
  return at < 0 ? null : at;
}

export interface Contradiction {
  readonly set: number;
  /** The differing columns of each outcome. */
  readonly columns: readonly [readonly number[], readonly number[]];
}

/** A contradiction between two outcomes and their analyses, or null. */
export function contradiction(a: Outcome, b: Outcome): Contradiction | null {
  const byName = new Map(promisesOf(a).map(promised => [promised.name, promised]));
  for (const promised of promisesOf(b)) {
    const other = byName.get(promised.name);
    const set = other ? differingSet(other, promised) : null;
    if (other && set !== null) return { set, columns: [other.columns, promised.columns] };
  }
  return null;
}

/** The data set on which the order of input rows matters although the analysis denies it. */
export function orderSeen(outcome: Outcome): number | null {
  if (readsOrder(outcome)) return null;
  const data = outcome.rows.map(each => each && canonicalData(each));
  const at = data.findIndex((text, index) => text !== null && data[index ^ 1] !== null && text !== data[index ^ 1]);
  return at < 0 ? null : at;
}
