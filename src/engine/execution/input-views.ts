import { scan, type ScannedPlace } from '../scan.ts';
import { tableName } from '../sql-text.ts';
import type { OpenDatabase, RenewedDatabase } from './renewed-database.ts';

/** The name under which queries find a table. */
export interface TableName {
  readonly schema: string;
  readonly name: string;
}

/** A table that queries read, and where its rows are. */
export interface InputTable extends TableName {
  readonly place: ScannedPlace;
}

/** Shows places to queries as views, one for each table. */
export class InputViews {
  readonly #databases: RenewedDatabase;
  readonly #offered: InputTable[] = [];

  constructor(databases: RenewedDatabase) {
    this.#databases = databases;
  }

  /** A table that queries are going to read: shown together with the next one that has to be. */
  offer(table: InputTable): void {
    this.#offered.push(table);
  }

  /**
   * Returns the database that shows these tables. The catalogue is changed by one statement at a time: two that meet
   * would be a conflict.
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

  /** What could not be shown beside others says why on its own. */
  async #showAlone(on: OpenDatabase, tables: readonly InputTable[]): Promise<void> {
    for (const table of tables.filter(each => !isShown(on, each)))
      await this.#databases.connected(connection => connection.run(viewOf(table)), { on });
  }

  /** The error where it fails, never a rejection: a table that cannot be shown holds up no other. */
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
