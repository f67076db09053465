import type { DuckDBConnection, DuckDBInstance } from '@duckdb/node-api';
import { storedType } from '../../src/core/types/type-map.ts';

const quoteName = (name: string): string => `"${name.replaceAll('"', '""')}"`;
export const quoteText = (text: string): string => `'${text.replaceAll("'", "''")}'`;

/** The content of a table: names and types of its columns, and its rows as JSON arrays in order. */
export interface TableData {
  readonly columns: readonly string[];
  readonly rows: readonly string[];
}

export const sameMultiset = (a: TableData, b: TableData): boolean =>
  JSON.stringify([a.columns, [...a.rows].sort()]) === JSON.stringify([b.columns, [...b.rows].sort()]);

export const sameSequence = (a: TableData, b: TableData): boolean =>
  JSON.stringify([a.columns, a.rows]) === JSON.stringify([b.columns, b.rows]);

/** Plain DuckDB, without fingerprints: computes the results of queries. */
export class Oracle {
  readonly #instance: DuckDBInstance;
  readonly #connection: DuckDBConnection;

  private constructor(instance: DuckDBInstance, connection: DuckDBConnection) {
    this.#instance = instance;
    this.#connection = connection;
  }

  static async open(): Promise<Oracle> {
    const { DuckDBInstance: Instance } = await import('@duckdb/node-api');
    const instance = await Instance.create(':memory:', { threads: '1' });
    const oracle = new Oracle(instance, await instance.connect());
    await oracle.run(
      "SET TimeZone = 'UTC'; SET default_null_order = 'nulls_last'; CREATE SCHEMA source; CREATE SCHEMA transform",
    );
    return oracle;
  }

  close(): void {
    this.#connection.closeSync();
    this.#instance.closeSync();
  }

  async run(sql: string): Promise<void> {
    await this.#connection.run(sql);
  }

  async rows(sql: string): Promise<readonly (readonly unknown[])[]> {
    return (await this.#connection.runAndReadAll(sql)).getRowsJson();
  }

  /** Creates `transform.name` with the result of a query, in stored types. */
  async build(name: string, sql: string): Promise<TableData> {
    await this.run(`CREATE OR REPLACE TABLE transform.${quoteName(name)} AS ${await this.#stored(sql)}`);
    return this.data(`transform.${quoteName(name)}`);
  }

  /** The result of a query, in stored types. */
  async query(sql: string): Promise<TableData> {
    return this.data(`(${await this.#stored(sql)})`);
  }

  async forgetTransforms(): Promise<void> {
    await this.run('DROP SCHEMA transform CASCADE; CREATE SCHEMA transform');
  }

  async #stored(sql: string): Promise<string> {
    const described = await this.rows(`DESCRIBE ${sql}`);
    const columns = described.map(([column, type]) => {
      const stored = storedType(String(type)) ?? String(type);
      const name = quoteName(String(column));
      return stored === type ? name : `CAST(${name} AS ${stored}) AS ${name}`;
    });
    return `SELECT ${columns.join(', ')} FROM (${sql}\n)`;
  }

  /** Makes a Parquet file available to queries as `kind.name`. */
  async show(id: string, path: string): Promise<void> {
    const [kind = '', name = ''] = [id.slice(0, id.indexOf('.')), id.slice(id.indexOf('.') + 1)];
    await this.run(`CREATE OR REPLACE VIEW ${kind}.${quoteName(name)} AS FROM ${parquet(path)}`);
  }

  async data(from: string): Promise<TableData> {
    const result = await this.#connection.runAndReadAll(`SELECT * FROM ${from}`);
    const types = result.columnTypes();
    return {
      columns: result.columnNames().map((name, index) => `${name} ${String(types[index])}`),
      rows: result.getRowsJson().map(row => JSON.stringify(row)),
    };
  }

  file(path: string): Promise<TableData> {
    return this.data(parquet(path));
  }
}

const parquet = (path: string): string => `read_parquet(${quoteText(path)}, hive_partitioning = false)`;

/** SQL as it is passed to DuckDB. */
export const plainSql = (sql: string): string => sql.replace(/ref\('([^']+)'\)/g, '$1').replace(/;\s*$/, '');
