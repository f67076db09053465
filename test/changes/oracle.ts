import type { DuckDBConnection, DuckDBInstance } from '@duckdb/node-api';
import { storedType } from '../../src/core/types/type-map.ts';

const quoteName = (name: string): string => `"${name.replaceAll('"', '""')}"`;
export const quoteText = (text: string): string => `'${text.replaceAll("'", "''")}'`;

/** What a table holds: names and types of its columns, and its rows as JSON arrays, in the order in which they stand. */
export interface TableData {
  readonly columns: readonly string[];
  readonly rows: readonly string[];
}

export const sameMultiset = (a: TableData, b: TableData): boolean =>
  JSON.stringify([a.columns, [...a.rows].sort()]) === JSON.stringify([b.columns, [...b.rows].sort()]);

export const sameSequence = (a: TableData, b: TableData): boolean =>
  JSON.stringify([a.columns, a.rows]) === JSON.stringify([b.columns, b.rows]);

/** DuckDB by itself, which knows nothing of fingerprints: it says what queries give. */
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

  /** Makes `transform.name` hold what a query gives, in stored types. */
  async build(name: string, sql: string): Promise<TableData> {
    await this.run(`CREATE OR REPLACE TABLE transform.${quoteName(name)} AS ${await this.#stored(sql)}`);
    return this.data(`transform.${quoteName(name)}`);
  }

  /** What a query gives, in stored types. */
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

  /** Lets queries find a Parquet file under `kind.name`. */
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

/** SQL as DuckDB gets it. */
export const plainSql = (sql: string): string => sql.replace(/ref\('([^']+)'\)/g, '$1').replace(/;\s*$/, '');
