import type { DuckDBResult, DuckDBType } from '@duckdb/node-api';
import type { Column } from '../../core/definition/nodes/node.ts';
import type { Json } from '../../core/json.ts';
import { valueToJson, valueToText } from './value-text.ts';

/** The streamed rows of one statement. */
export interface ShellResult {
  readonly columns: readonly Column[];
  readonly chunks: AsyncIterable<readonly (readonly unknown[])[]>;
  toJson(value: unknown, column: number): Json;
  toText(value: unknown, column: number): string | null;
}

/** Reads a result lazily, chunk by chunk. If its rows end early, throws what `failure` finds as the reason. */
export function resultOf(result: DuckDBResult, failure: () => Promise<unknown>): ShellResult {
  const types: readonly DuckDBType[] = result.columnTypes();
  const columns = result
    .columnNames()
    .map((name, index) => ({ name, type: String(types[index]?.alias ?? types[index]) }));
  return {
    columns,
    chunks: chunksOf(result, failure),
    toJson: (value, column) => valueToJson(value, types[column] as DuckDBType),
    toText: (value, column) =>
      value === null || value === undefined ? null : valueToText(value, types[column] as DuckDBType),
  };
}

async function* chunksOf(
  result: DuckDBResult,
  failure: () => Promise<unknown>,
): AsyncGenerator<readonly (readonly unknown[])[]> {
  const { isStreaming } = result;
  for (let chunk = await result.fetchChunk(); chunk && chunk.rowCount > 0; chunk = await result.fetchChunk())
    yield chunk.getRows();
  // The driver ends the rows of a failed query as if there were no more; only this shows the difference.
  if (isStreaming && !result.isStreaming) throw await failure();
}
