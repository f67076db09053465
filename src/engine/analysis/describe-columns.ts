import type { Column } from '../../core/definition/nodes/node.ts';
import type { Connection } from '../duckdb.ts';
import { EngineFailure } from '../engine-failure.ts';
import type { QueryMistake } from './described.ts';
import { mistakeUnlessFatal } from './engine-mistake.ts';

type Columns = readonly Column[] | Omit<QueryMistake, 'statement'>;

/** Columns of each query, described in one statement; one by one if DuckDB refuses that. */
export async function columnsOf(
  connection: Connection,
  queries: readonly (string | null)[],
): Promise<readonly Columns[]> {
  const asked = queries.flatMap((text, index) => (text === null ? [] : [{ text, index }]));
  const found: Columns[] = queries.map(() => []);
  if (asked.length === 0) return found;
  try {
    const parts = asked.map(({ text, index }) => `SELECT ${index} AS i, * FROM (DESCRIBE ${text}\n)`);
    const rows = await connection.rows(parts.join('\nUNION ALL\n'));
    for (const [index, name, type] of rows) {
      (found[Number(index)] as Column[]).push({ name: String(name), type: String(type) });
    }
    return found;
  } catch (error) {
    if (error instanceof EngineFailure) throw error;
    for (const { text, index } of asked) found[index] = await columnsOfOne(connection, text);
    return found;
  }
}

async function columnsOfOne(connection: Connection, text: string): Promise<Columns> {
  try {
    const rows = await connection.rows(`DESCRIBE ${text}`);
    return rows.map(([name, type]) => ({ name: String(name), type: String(type) }));
  } catch (error) {
    return mistakeUnlessFatal(error);
  }
}
