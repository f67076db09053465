import { canonicalRows } from './canonical-data.ts';
import { type DataSet, shuffled, statementsOf } from './data-sets.ts';
import { printQuery } from './print-query.ts';
import { QueryLab, type Rows, UPSTREAM } from './query-lab.ts';
import type { Fault, Subject } from './query-machine.ts';

/** What other rules of DuckDB's optimizer may not change. */
const VARIANTS: readonly (readonly string[])[] = [
  [],
  ["SET disabled_optimizers = 'join_order,build_side_probe_side,filter_pushdown'"],
  ["SET disabled_optimizers = 'statistics_propagation,filter_pullup,common_subexpressions,cte_inlining'"],
];

const DRAWS = /random\(\)|uuid\(\)/;

/** All but the first two are no faults of the analysis. */
export type Verdict =
  'fault' | 'sign of zero' | 'the order of rows decides' | 'DuckDB contradicts itself' | 'not seen again';

export const isFault = (verdict: Verdict): boolean => verdict === 'fault' || verdict === 'sign of zero';

export interface Report {
  readonly verdict: Verdict;
  readonly text: string;
}

/** What contradicts what, on which data. */
export async function reportOf(fault: Fault, lab: QueryLab): Promise<Report> {
  const verdict = await verdictOf(fault, lab);
  const data = lab.dataSets[fault.set];
  const other = lab.dataSets[fault.set ^ 1];
  const seen = await Promise.all(
    (fault.subjects.length === 1 ? [data, other] : [data, data]).map(async (set, index) => {
      const subject = fault.subjects[index] ?? fault.subjects[0];
      return set && subject ? rowsOn(set, subject, []) : null;
    }),
  );
  const lines = fault.subjects.map((subject, index) => `${textOf(subject)};\n${rowsText(seen[index] ?? null)}`);
  if (fault.subjects.length === 1) lines.push(`-- with the rows in another order:\n${rowsText(seen[1] ?? null)}`);
  return {
    verdict,
    text: [`-- ${verdict}`, ...(data ? statementsOf(data).map(line => `${line};`) : []), ...lines].join('\n'),
  };
}

export const textOf = ({ query, upstream }: Subject): string =>
  `${upstream ? `CREATE OR REPLACE TABLE ${UPSTREAM.schema}.${UPSTREAM.name} AS ${printQuery(upstream)};\n` : ''}${printQuery(query)}`;

const MOST_ROWS = 12;

const rowsText = (rows: Rows | null): string =>
  rows === null
    ? '-- fails'
    : [...canonicalRows(rows).slice(0, MOST_ROWS), ...(rows.length > MOST_ROWS ? ['…'] : [])]
        .map(row => `-- ${row}`)
        .join('\n');

async function rowsOn(data: DataSet, subject: Subject, settings: readonly string[]): Promise<Rows | null> {
  const rows = await QueryLab.runAlone(data, settings, textOf(subject).split(';\n'));
  return rows.at(-1) ?? null;
}

async function verdictOf(fault: Fault, lab: QueryLab): Promise<Verdict> {
  const data = lab.dataSets[fault.set];
  const other = lab.dataSets[fault.set ^ 1];
  const [one, two] = fault.subjects;
  if (!data || !other || !one) throw new Error('a fault without a query or data');
  const pair = [await rowsOn(data, one, []), two ? await rowsOn(data, two, []) : await rowsOn(other, one, [])];
  if (new Set(pair.map(rows => dataText(rows, false))).size === 1) return 'not seen again';
  if (two && (await orderDecides(fault, data))) return 'the order of rows decides';
  if (await isInconsistent(fault, data)) return 'DuckDB contradicts itself';
  return new Set(pair.map(rows => dataText(rows, true))).size === 1 ? 'sign of zero' : 'fault';
}

const SHUFFLES = 6;

async function orderDecides(fault: Fault, data: DataSet): Promise<boolean> {
  for (const subject of fault.subjects) {
    const texts = new Set<string>();
    for (let seed = 0; seed < SHUFFLES; seed++)
      texts.add(dataText(await rowsOn(shuffled(data, seed), subject, []), true));
    if (texts.size > 1) return true;
  }
  return false;
}

/** Whether one query gives other data where DuckDB plans it in another way. Random values may then differ rightly. */
async function isInconsistent(fault: Fault, data: DataSet): Promise<boolean> {
  for (const subject of fault.subjects.filter(each => !DRAWS.test(textOf(each)))) {
    const texts = new Set<string>();
    for (const settings of VARIANTS) texts.add(dataText(await rowsOn(data, subject, settings), true));
    if (texts.size > 1) return true;
  }
  return false;
}

const dataText = (rows: Rows | null, withoutSign: boolean): string => {
  const text = rows === null ? 'fails' : canonicalRows(rows).join('\n');
  return withoutSign ? text.replaceAll('-0', '0') : text;
};
