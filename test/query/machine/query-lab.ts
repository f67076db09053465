import { analyseQuery } from '../../../src/core/query/analyse-query.ts';
import { parsePlan } from '../../../src/core/query/plan-json/parse-plan.ts';
import type { QueryAnalysis } from '../../../src/core/query/query-analysis.ts';
import { type Relation, symbolicRelation } from '../../../src/core/query/terms/relation.ts';
import { AnalysisSession } from '../../../src/engine/analysis/analysis-session.ts';
import { type Connection, Database } from '../../../src/engine/duckdb.ts';
import { EngineFailure } from '../../../src/engine/engine-failure.ts';
import { type DataSet, dataSet, shuffled, statementsOf, TABLES } from './data-sets.ts';

export type Rows = readonly (readonly unknown[])[];

/** By data set; null if the query fails. */
export type RowsBySet = readonly (Rows | null)[];

/** The part of an analysis to use; a reduced one tests the machine itself. */
export type Reading = (analysis: QueryAnalysis) => QueryAnalysis;

export interface LabOptions {
  readonly reading?: Reading;
  /** Called with each query before DuckDB runs it. */
  readonly trace?: (sql: string) => void;
}

const MOST_MS = 2_000;

/** The table of an upstream node. */
export const UPSTREAM = { schema: 'transform', name: 'm' };

/** Analyses queries as the product does, without data, and runs them on several data sets. */
export class QueryLab {
  readonly dataSets: readonly DataSet[];
  readonly #session: AnalysisSession;
  readonly #options: LabOptions;
  #database: Database;
  #connections: readonly Connection[];
  #upstream: Relation | null = null;

  private constructor(parts: {
    readonly dataSets: readonly DataSet[];
    readonly session: AnalysisSession;
    readonly options: LabOptions;
    readonly database: Database;
    readonly connections: readonly Connection[];
  }) {
    this.dataSets = parts.dataSets;
    this.#session = parts.session;
    this.#options = parts.options;
    this.#database = parts.database;
    this.#connections = parts.connections;
  }

  /** Data sets in pairs: the second of each holds the rows of the first in another order. */
  static async open(dataSets: readonly DataSet[], options: LabOptions = {}): Promise<QueryLab> {
    const session = await AnalysisSession.open();
    await session.declare(TABLES.map(table => ({ schema: 'source', name: bare(table.name), columns: table.columns })));
    const { database, connections } = await openData(dataSets);
    return new QueryLab({ dataSets, session, options, database, connections });
  }

  close(): void {
    this.#session.close();
    this.#connections.forEach(connection => connection.close());
    this.#database.close();
  }

  /** Analyses of queries; null for a query that does not bind or cannot be a node. */
  async analyse(queries: readonly string[]): Promise<readonly (QueryAnalysis | null)[]> {
    const described = await this.#session.describe(queries.map(query => ({ prepare: [], query })));
    const { reading = analysis => analysis } = this.#options;
    return described.map((answer, index) => {
      if (answer.kind === 'mistake' || answer.plan === null || answer.unstorable.length > 0) return null;
      const inputs = (schema: string, table: string): Relation | null => this.#input(schema, table);
      const context = { inputs, columns: answer.columns, text: queries[index] ?? '' };
      const analysis = analyseQuery(parsePlan(answer.plan), context);
      return 'error' in analysis ? null : reading(analysis);
    });
  }

  #input(schema: string, table: string): Relation | null {
    if (schema === UPSTREAM.schema) return this.#upstream;
    return RELATIONS.get(`${schema}.${table}`) ?? null;
  }

  /** Uses the query's data as the upstream node; false if it fails on any data set. */
  async setUpstream(sql: string, analysis: QueryAnalysis): Promise<boolean> {
    this.#upstream = analysis.relation;
    await this.#session.declare([{ ...UPSTREAM, columns: analysis.relation.columns }]);
    const made = await this.run(`CREATE OR REPLACE TABLE ${UPSTREAM.schema}.${UPSTREAM.name} AS ${sql}`);
    return made.every(rows => rows !== null);
  }

  /** Runs a query on all data sets, or without `all` only on the first of each pair. */
  async run(sql: string, all = true): Promise<RowsBySet> {
    this.#options.trace?.(sql);
    const timer = setTimeout(() => this.#connections.forEach(connection => connection.raw.interrupt()), MOST_MS);
    const answers = await Promise.all(
      this.#connections.map((connection, index) => (all || index % 2 === 0 ? rowsOf(connection, sql) : null)),
    );
    clearTimeout(timer);
    if (answers.includes('invalid')) await this.#reopen();
    return answers.map(answer => (answer === 'invalid' ? null : answer));
  }

  /** Runs statements on one data set in a separate database with settings. */
  static async runAlone(data: DataSet, settings: readonly string[], queries: readonly string[]): Promise<RowsBySet> {
    const { database, connections } = await openData([data]);
    const [connection] = connections;
    const found: (Rows | null)[] = [];
    for (const statement of settings) await connection?.run(statement);
    for (const sql of queries) {
      const rows = connection ? await rowsOf(connection, sql) : null;
      found.push(rows === 'invalid' ? null : rows);
    }
    connection?.close();
    database.close();
    return found;
  }

  /** Reopens the database after a fatal error. */
  async #reopen(): Promise<void> {
    this.#connections.forEach(connection => connection.close());
    this.#database.close();
    const { database, connections } = await openData(this.dataSets);
    [this.#database, this.#connections] = [database, connections];
  }
}

const bare = (name: string): string => name.slice(name.indexOf('.') + 1);

const RELATIONS: ReadonlyMap<string, Relation> = new Map(
  TABLES.map(table => [table.name, symbolicRelation(table.name, table.columns)]),
);

async function rowsOf(connection: Connection, sql: string): Promise<Rows | null | 'invalid'> {
  try {
    return await connection.rows(sql);
  } catch (error) {
    return error instanceof EngineFailure ? 'invalid' : null;
  }
}

async function openData(dataSets: readonly DataSet[]) {
  const database = await Database.open({ threads: '1' });
  const connections: Connection[] = [];
  for (const [index, data] of dataSets.entries()) {
    const connection = await database.connect();
    const schemas = `ATTACH ':memory:' AS d${index}; USE d${index}; CREATE SCHEMA source; CREATE SCHEMA transform`;
    await connection.run([schemas, ...statementsOf(data)].join(';\n'));
    connections.push(connection);
  }
  return { database, connections };
}

/** Pairs of data sets, each with its rows in two orders. */
export const dataSetsOf = (seed: number, pairs = 2): readonly DataSet[] =>
  Array.from({ length: pairs }, (_, index) => dataSet(seed * 1_000 + index)).flatMap((data, index) => [
    data,
    shuffled(data, seed + index),
  ]);
