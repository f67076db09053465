import { Database } from '../duckdb.ts';
import { loadPostgres } from './attach-postgres.ts';

/** Loads DuckDB's extension for PostgreSQL once. Throws `extension-missing` or `extension-unusable`; asks no network. */
export async function checkExtension(folders: readonly string[]): Promise<void> {
  const database = await Database.open();
  const connection = await database.connect();
  try {
    await loadPostgres(connection, folders);
  } finally {
    connection.close();
    database.close();
  }
}
