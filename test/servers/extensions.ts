import { join } from 'node:path';
import { CACHE_FOLDER } from './cache-folder.ts';

/** The folder with the DuckDB extensions that `npm test` prepared: `v1.5.5/PLATFORM/NAME.duckdb_extension`. */
export function extensionFolder(): string {
  return join(CACHE_FOLDER, 'extensions');
}
