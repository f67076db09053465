import type { Connection } from '../../../engine/duckdb.ts';
import { ATTACHED } from '../../../engine/attached/attached-database.ts';
import { scan } from '../../../engine/scan.ts';
import { quoteName as duckName } from '../../../engine/sql-text.ts';
import type { TargetWrite, WriteProgress } from '../../target-connector.ts';
import { carrierOf } from './column-carrier.ts';
import { quoteText } from './sql-names.ts';
import { quoteTable } from './locate-table.ts';
import type { StagingTable } from './staging-table.ts';
import type { TargetSession } from './target-session.ts';

const LOOK_EVERY_MS = 500;

export interface Loading {
  readonly session: TargetSession;
  readonly write: TargetWrite;
  readonly staging: StagingTable;
  readonly progress: WriteProgress;
}

/** Loads the rows of an artefact into its staging table, which nobody else reads. */
export async function loadRows(connection: Connection, loading: Loading): Promise<void> {
  const { session, write, staging, progress } = loading;
  const names = staging.columns.map(column => duckName(column.tableName)).join(', ');
  const values = staging.columns.map(column => carrierOf(column).load).join(', ');
  const into = `${ATTACHED}.${duckName(staging.name.schema)}.${duckName(staging.name.table)}`;
  const stop = watchProgress(loading);
  try {
    const sql = `INSERT INTO ${into} (${names}) SELECT ${values} FROM ${scan(write.place)}`;
    await connection.run(sql, session.servers.signal);
  } finally {
    stop();
  }
  progress.loaded(write, write.rows);
}

/** Reports the rows that the server has received, until the returned function is called. */
function watchProgress({ session: { servers, settings }, write, staging, progress }: Loading): () => void {
  const sql = `
    SELECT tuples_processed FROM pg_stat_progress_copy WHERE relid = to_regclass(${quoteText(quoteTable(staging.name))})`;
  let isRunning = true;
  const look = async (): Promise<void> => {
    const client = await servers.shared(settings);
    const [[rows] = []] = await client.rows(sql);
    if (isRunning && rows !== undefined) progress.loaded(write, Math.min(Number(rows), write.rows));
  };
  // Before PostgreSQL 14 the server does not tell; progress then comes at the end only.
  const timer = setInterval(() => void look().catch(() => undefined), LOOK_EVERY_MS);
  return () => {
    isRunning = false;
    clearInterval(timer);
  };
}
