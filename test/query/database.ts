import type { DuckDBConnection, DuckDBInstance } from '@duckdb/node-api';
import { analyseQuery } from '../../src/core/query/analyse-query.ts';
import { parsePlan } from '../../src/core/query/plan-json/parse-plan.ts';
import type { QueryAnalysis } from '../../src/core/query/query-analysis.ts';
import { sourceRelation } from '../../src/core/query/terms/relation.ts';
import type { InputTable } from '../../src/core/query/walk.ts';

/** Tables of schema `source`: column names → types. */
export type Tables = Readonly<Record<string, Readonly<Record<string, string>>>>;

export interface TestColumn {
  readonly name: string;
  readonly type: string;
}

const quoteName = (name: string): string => `"${name.replaceAll('"', '""')}"`;
const quoteText = (text: string): string => `'${text.replaceAll("'", "''")}'`;

/** Much longer than any query here that ends. */
const MOST_MS = 1_500;

/** An in-memory DuckDB with tables in schema `source`, for analysing and running queries over them. */
export class QueryDatabase {
  readonly #instance: DuckDBInstance;
  readonly #connection: DuckDBConnection;
  readonly #inputs = new Map<string, InputTable>();

  constructor(instance: DuckDBInstance, connection: DuckDBConnection) {
    this.#instance = instance;
    this.#connection = connection;
  }

  static async open(tables: Tables, statements: readonly string[] = []): Promise<QueryDatabase> {
    const { DuckDBInstance } = await import('@duckdb/node-api');
    const instance = await DuckDBInstance.create(':memory:', { threads: '2' });
    const database = new QueryDatabase(instance, await instance.connect());
    await database.run(
      "SET TimeZone='UTC'; SET default_null_order='nulls_last'; CREATE SCHEMA source; CREATE SCHEMA transform; SET schema='source'",
    );
    for (const [name, columns] of Object.entries(tables)) await database.#createTable(name, columns);
    for (const statement of statements) await database.run(statement);
    return database;
  }

  close(): void {
    this.#connection.closeSync();
    this.#instance.closeSync();
  }

  async #createTable(name: string, columns: Readonly<Record<string, string>>): Promise<void> {
    const list = Object.entries(columns).map(([column, type]) => `${quoteName(column)} ${type}`);
    await this.run(`CREATE TABLE source.${quoteName(name)} (${list.join(', ')})`);
    const typed = Object.entries(columns).map(([column, type]) => ({ name: column, type }));
    this.#inputs.set(`source.${name}`, sourceRelation(`content of ${name}`, typed));
  }

  async run(sql: string): Promise<void> {
    await this.#connection.run(sql);
  }

  /** Runs a query with a time limit, since a mutated recursion may never end. */
  async rows(sql: string): Promise<readonly (readonly unknown[])[]> {
    const timer = setTimeout(() => this.#connection.interrupt(), MOST_MS);
    try {
      return (await this.#connection.runAndReadAll(sql)).getRowsJson();
    } finally {
      clearTimeout(timer);
    }
  }

  setInput(id: string, input: InputTable): void {
    this.#inputs.set(id, input);
  }

  async columns(sql: string): Promise<readonly TestColumn[]> {
    const prepared = await this.#connection.prepare(sql);
    const columns = Array.from({ length: prepared.columnCount }, (_, index) => ({
      name: prepared.columnName(index),
      type: String(prepared.columnType(index)),
    }));
    prepared.destroySync();
    return columns;
  }

  async planText(sql: string): Promise<string> {
    const [[text] = []] = await this.rows(`SELECT json_serialize_plan(${quoteText(sql)})`);
    return String(text);
  }

  async analyse(sql: string): Promise<QueryAnalysis> {
    const columns = await this.columns(sql);
    const plan = parsePlan(await this.planText(sql));
    const inputs = (schema: string, table: string): InputTable | null => this.#inputs.get(`${schema}.${table}`) ?? null;
    const analysis = analyseQuery(plan, { inputs, columns, text: sql });
    if ('error' in analysis) throw new Error(`${sql}: ${analysis.error}`);
    return analysis;
  }

  /** Adds the query as a node: an empty table with its columns, and its analysis. */
  async addNode(name: string, sql: string): Promise<QueryAnalysis> {
    const analysis = await this.analyse(sql);
    await this.run(`CREATE OR REPLACE TABLE transform.${quoteName(name)} AS ${sql.replace(/;\s*$/, '')} WITH NO DATA`);
    this.#inputs.set(`transform.${name}`, analysis.relation);
    return analysis;
  }
}
