import { scan, type ScannedPlace } from '../scan.ts';
import { tableName } from '../sql-text.ts';
import type { OpenDatabase, RenewedDatabase } from './renewed-database.ts';

/** The name of a table in queries. */
export interface TableName {
  readonly schema: string;
  readonly name: string;
}

/** A table that queries read, and the place of its rows. */
export interface InputTable extends TableName {
  readonly place: ScannedPlace;
}

/** Makes places readable in queries; creates one view per table. */
export class InputViews {
  readonly #databases: RenewedDatabase;
  readonly #offered: InputTable[] = [];

  constructor(databases: RenewedDatabase) {
    this.#databases = databases;
  }

  /** Announces a table that later queries read; its view is created together with the next one. */
  offer(table: InputTable): void {
    this.#offered.push(table);
  }

  /**
   * Returns a database with views of these tables. Creates views one statement at a time, since concurrent changes of the
   * catalogue conflict.
   */
  async show(tables: readonly InputTable[]): Promise<OpenDatabase> {
    const opened = await this.#databases.current();
    let failure: unknown = null;
    if (!tables.every(table => isShown(opened, table))) {
      const missing = [...tables, ...this.#offered.splice(0)].filter(table => !isShown(opened, table));
      for (const table of missing) opened.views.set(tableName(table), scan(table.place));
      opened.catalogue = opened.catalogue.then(async () => {
        const found = await this.#makeViews(opened, missing);
        if (missing.every(table => tables.includes(table))) failure = found;
      });
    }
    await opened.catalogue;
    if (failure !== null) throw failure;
    await this.#showAlone(opened, tables);
    return opened;
  }

  /** Retries failed views one by one, so that each reports its own error. */
  async #showAlone(on: OpenDatabase, tables: readonly InputTable[]): Promise<void> {
    for (const table of tables.filter(each => !isShown(on, each)))
      await this.#databases.connected(connection => connection.run(viewOf(table)), { on });
  }

  /** Returns the error instead of rejecting, so that one failed view does not block later ones. */
  async #makeViews(on: OpenDatabase, tables: readonly InputTable[]): Promise<unknown> {
    try {
      await this.#databases.connected(connection => connection.run(tables.map(viewOf).join('; ')), { on });
      return null;
    } catch (error) {
      for (const table of tables) on.views.delete(tableName(table));
      return error;
    }
  }
}

const isShown = ({ views }: OpenDatabase, table: InputTable): boolean =>
  views.get(tableName(table)) === scan(table.place);

const viewOf = (table: InputTable): string => `CREATE OR REPLACE VIEW ${tableName(table)} AS FROM ${scan(table.place)}`;
