import type { QueryAnalysis } from '../../../src/core/query/query-analysis.ts';
import { canonicalData } from './canonical-data.ts';
import type { Table } from './data-sets.ts';
import { mutated } from './mutations.ts';
import { allColumns, orderSeen, type Outcome, promisesOf, readsOrder } from './outcomes.ts';
import { printQuery } from './print-query.ts';
import { dataSetsOf, type LabOptions, QueryLab, UPSTREAM } from './query-lab.ts';
import type { Query, Type } from './query-tree.ts';
import { RandomQueries } from './random-query.ts';
import { Random } from './random.ts';

/** A query, alone or over an upstream node. */
export interface Subject {
  readonly query: Query;
  readonly upstream: Query | null;
}

/** A subject, with the columns whose data contradicts the analysis. */
export interface Member extends Subject {
  readonly columns: readonly number[];
}

export interface Fault {
  /** Two contradicting members, or one whose data depends on the order of its input although the analysis denies it. */
  readonly members: readonly Member[];
  readonly set: number;
}

export interface Counts {
  /** Queries that bind and ran. */
  queries: number;
  /** Compared pairs with equal names. */
  compared: number;
  /** Mutants with the same data as their original but another fingerprint. */
  needless: number;
  mutants: number;
}

/** The result of a query under one name. */
interface Witness extends Member {
  readonly data: string;
}

const MUTANTS = 9;
/** Seeds per round. */
export const FAMILIES = 10;
const CONSUMERS = 3;

/** The queries of one seed: an original and its mutants. */
export function familyOf(seed: number): readonly Query[] {
  const queries = new RandomQueries(new Random(seed));
  const original = queries.query();
  const mutants: Query[] = [];
  for (let index = 0; index < MUTANTS; index++) {
    const from = queries.random.chance(0.3) ? queries.random.any(mutants) : null;
    mutants.push(mutated(from ?? original, queries));
  }
  return [original, ...mutants];
}

/**
 * Bugs of DuckDB: ASOF joins below set operations or positional joins crash its process, and `lead` over all rows of a join
 * repeats some rows.
 */
const isBrokenInDuckDb = (sql: string): boolean =>
  (sql.includes('ASOF') && /EXCEPT ALL|POSITIONAL/.test(sql)) || (sql.includes('lead(') && sql.includes('OVER ()'));

/** Generates queries and groups them by the names that the analysis gives; members of a group must hold equal data. */
export class QueryMachine {
  readonly counts: Counts = { queries: 0, compared: 0, needless: 0, mutants: 0 };
  readonly lab: QueryLab;
  /** By name: the first result on each data set. */
  readonly #groups = new Map<string, (Witness | undefined)[]>();

  private constructor(lab: QueryLab) {
    this.lab = lab;
  }

  static async open(dataSeed: number, options: LabOptions = {}): Promise<QueryMachine> {
    return new QueryMachine(await QueryLab.open(dataSetsOf(dataSeed), options));
  }

  close(): void {
    this.lab.close();
  }

  /** Runs the queries of several seeds and returns the contradictions. */
  async round(firstSeed: number): Promise<readonly Fault[]> {
    const faults: Fault[] = [];
    const families = Array.from({ length: FAMILIES }, (_, index) => familyOf(firstSeed + index));
    const subjects = families.map(family => uniqueBySql(family.map(query => ({ query, upstream: null }))));
    const analyses = await this.lab.analyse(subjects.flat().map(subject => printQuery(subject.query)));
    let at = 0;
    for (const [index, family] of subjects.entries()) {
      const outcomes = await this.#family(family, analyses.slice(at, (at += family.length)), faults);
      if ((firstSeed + index) % 4 === 0) await this.#consumers(firstSeed + index, outcomes, faults);
    }
    return faults;
  }

  async #family(
    subjects: readonly Subject[],
    analyses: readonly (QueryAnalysis | null)[],
    faults: Fault[],
    belowOrder = false,
  ): Promise<readonly (Outcome & { readonly subject: Subject })[]> {
    const outcomes: (Outcome & { readonly subject: Subject })[] = [];
    for (const [index, subject] of subjects.entries()) {
      const analysis = analyses[index];
      const sql = printQuery(subject.query);
      if (!analysis || isBrokenInDuckDb(sql)) continue;
      const rows = await this.lab.run(sql, belowOrder || this.#looksAtOrder(analysis));
      if (rows.every(each => each === null)) continue;
      const outcome = { sql, analysis, rows, subject, belowOrder };
      this.#record(outcome, faults);
      outcomes.push(outcome);
    }
    this.#countNeedless(outcomes);
    return outcomes;
  }

  /** True if the analysis says that order matters, and for every fourth other query. */
  #looksAtOrder(analysis: QueryAnalysis): boolean {
    return this.counts.queries % 4 === 0 || analysis.reads.some(read => read.order);
  }

  #record(outcome: Outcome & { readonly subject: Subject }, faults: Fault[]): void {
    this.counts.queries++;
    const { subject } = outcome;
    const alone = orderSeen(outcome);
    if (alone !== null) faults.push({ members: [{ ...subject, columns: allColumns(outcome) }], set: alone });
    for (const { name, columns, data } of promisesOf(outcome)) {
      const member = { ...subject, columns };
      const set = this.#contradicts(name, member, data);
      if (set === null) continue;
      const known = this.#groups.get(name)?.[set];
      faults.push({ members: known ? [known, member] : [member], set });
      return;
    }
  }

  /** The data set on which a member differs from the known result under its name. */
  #contradicts(name: string, member: Member, data: readonly (string | null)[]): number | null {
    const group = this.#groups.get(name) ?? [];
    if (this.#groups.has(name)) this.counts.compared++;
    else this.#groups.set(name, group);
    for (const [set, text] of data.entries()) {
      if (text === null) continue;
      const known = (group[set] ??= { ...member, data: text });
      if (known.data !== text) return set;
    }
    return null;
  }

  #countNeedless(outcomes: readonly Outcome[]): void {
    const [original, ...mutants] = outcomes;
    if (!original) return;
    this.counts.mutants += mutants.length;
    const data = wholeData(original);
    this.counts.needless += mutants.filter(
      mutant => mutant.analysis.fingerprint !== original.analysis.fingerprint && wholeData(mutant) === data,
    ).length;
  }

  /** The same random consumers for each member of a family. */
  async #consumers(
    seed: number,
    upstreams: readonly (Outcome & { readonly subject: Subject })[],
    faults: Fault[],
  ): Promise<void> {
    for (const upstream of upstreams) {
      const { analysis, sql, subject } = upstream;
      if (!(await this.lab.setUpstream(sql, analysis))) continue;
      const readers = readersOf(seed, analysis);
      const read = readers.map(query => ({ query, upstream: subject.query }));
      const analyses = await this.lab.analyse(readers.map(printQuery));
      await this.#family(read, analyses, faults, readsOrder(upstream));
    }
  }
}

function uniqueBySql(subjects: readonly Subject[]): readonly Subject[] {
  return [...new Map(subjects.map(subject => [printQuery(subject.query), subject])).values()];
}

function wholeData({ rows, analysis }: Outcome): string {
  const shape = analysis.relation.columns.map(({ name, type }) => [name, type]);
  return JSON.stringify([shape, rows.flatMap((each, index) => (index % 2 === 0 && each ? [canonicalData(each)] : []))]);
}

/** Random queries, most of which read the upstream node. */
export function readersOf(seed: number, { relation, volatile }: QueryAnalysis): readonly Query[] {
  const drawn = new Set(volatile.columns);
  const columns = relation.columns.map(({ name, type }) => ({
    name,
    type: (drawn.has(name) ? (type === 'UUID' ? 'UUID' : 'RANDOM') : type) as Type,
  }));
  const table: Table = { name: `${UPSTREAM.schema}.${UPSTREAM.name}`, columns };
  return Array.from({ length: CONSUMERS }, (_, index) => {
    return new RandomQueries(new Random(seed * 31 + index), [table]).query();
  });
}
