import { canonicalRows } from './canonical-data.ts';
import { type DataSet, shuffled, statementsOf } from './data-sets.ts';
import { readsOrder } from './outcomes.ts';
import { printQuery } from './print-query.ts';
import { QueryLab, type Rows, UPSTREAM } from './query-lab.ts';
import type { Fault, Member, Subject } from './query-machine.ts';
import { outcomesOf } from './subject-outcomes.ts';

/** Settings of DuckDB's optimizer that must not change results. */
const VARIANTS: readonly (readonly string[])[] = [
  [],
  ["SET disabled_optimizers = 'join_order,build_side_probe_side,filter_pushdown'"],
  ["SET disabled_optimizers = 'statistics_propagation,filter_pullup,common_subexpressions,cte_inlining'"],
];

const DRAWS = /random\(\)|uuid\(\)/;

/** Only the first two are faults of the analysis. */
export type Verdict =
  'fault' | 'sign of zero' | 'the order of rows decides' | 'DuckDB contradicts itself' | 'not seen again';

export const isFault = (verdict: Verdict): boolean => verdict === 'fault' || verdict === 'sign of zero';

export interface Report {
  readonly verdict: Verdict;
  readonly text: string;
}

/** Describes a contradiction and its data. */
export async function reportOf(fault: Fault, lab: QueryLab): Promise<Report> {
  const { data, other } = setsOf(fault, lab);
  const verdict = await verdictOf(fault, lab);
  const [first, second] = fault.members;
  const lines = first ? [await queryText(data, first)] : [];
  if (second) lines.push(await queryText(data, second));
  else if (first) lines.push(`-- with the rows in another order:\n${rowsText(await rowsOn(other, first))}`);
  const tables = statementsOf(data).map(line => `${line};`);
  return { verdict, text: [`-- ${verdict}`, ...tables, ...lines].join('\n') };
}

/** The data set on which results differ, and the same rows in another order. */
function setsOf({ set }: Fault, lab: QueryLab): { readonly data: DataSet; readonly other: DataSet } {
  const [data, other] = [lab.dataSets[set], lab.dataSets[set ^ 1]];
  if (!data || !other) throw new Error(`no data set ${set}`);
  return { data, other };
}

const queryText = async (data: DataSet, member: Member): Promise<string> =>
  `${textOf(member)};\n-- columns ${member.columns.map(at => at + 1).join(', ')}:\n${rowsText(await rowsOn(data, member))}`;

export const textOf = ({ query, upstream }: Subject): string =>
  `${upstream ? `CREATE OR REPLACE TABLE ${UPSTREAM.schema}.${UPSTREAM.name} AS ${printQuery(upstream)};\n` : ''}${printQuery(query)}`;

const MOST_ROWS = 12;

const rowsText = (rows: Rows | null): string =>
  rows === null
    ? '-- fails'
    : [...canonicalRows(rows).slice(0, MOST_ROWS), ...(rows.length > MOST_ROWS ? ['…'] : [])]
        .map(row => `-- ${row}`)
        .join('\n');

async function rowsOn(data: DataSet, member: Member, settings: readonly string[] = []): Promise<Rows | null> {
  const rows = await QueryLab.runAlone(data, settings, textOf(member).split(';\n'));
  return rows.at(-1)?.map(row => member.columns.map(at => row[at])) ?? null;
}

async function verdictOf(fault: Fault, lab: QueryLab): Promise<Verdict> {
  const { data, other } = setsOf(fault, lab);
  const [one, two] = fault.members;
  const pair = [one ? await rowsOn(data, one) : null];
  if (two) pair.push(await rowsOn(data, two));
  else if (one) pair.push(await rowsOn(other, one));
  if (new Set(pair.map(rows => dataText(rows, false))).size === 1) return 'not seen again';
  if (two && (await mayReadOrder(fault, lab)) && (await orderDecides(fault, data))) return 'the order of rows decides';
  if (await isInconsistent(fault, data)) return 'DuckDB contradicts itself';
  return new Set(pair.map(rows => dataText(rows, true))).size === 1 ? 'sign of zero' : 'fault';
}

async function mayReadOrder(fault: Fault, lab: QueryLab): Promise<boolean> {
  for (const member of fault.members) {
    const [found] = await outcomesOf([member], lab);
    if (found && readsOrder(found.outcome)) return true;
  }
  return false;
}

const SHUFFLES = 6;

async function orderDecides(fault: Fault, data: DataSet): Promise<boolean> {
  for (const member of fault.members) {
    const texts = new Set<string>();
    for (let seed = 0; seed < SHUFFLES; seed++) texts.add(dataText(await rowsOn(shuffled(data, seed), member), true));
    if (texts.size > 1) return true;
  }
  return false;
}

/** Whether a query gives other data under another plan of DuckDB. Skips queries with random values, which may differ. */
async function isInconsistent(fault: Fault, data: DataSet): Promise<boolean> {
  for (const member of fault.members.filter(each => !DRAWS.test(textOf(each)))) {
    const texts = new Set<string>();
    for (const settings of VARIANTS) texts.add(dataText(await rowsOn(data, member, settings), true));
    if (texts.size > 1) return true;
  }
  return false;
}

const dataText = (rows: Rows | null, withoutSign: boolean): string => {
  const text = rows === null ? 'fails' : canonicalRows(rows).join('\n');
  return withoutSign ? text.replaceAll('-0', '0') : text;
};
