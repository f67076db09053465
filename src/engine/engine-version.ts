import { createRequire } from 'node:module';

/** The version of DuckDB that would be loaded, without loading it: plans and hashes belong to it. */
export function engineVersion(): string {
  // DuckDB's own package says it; that it is there is settled by the installation.
  const { version } = createRequire(import.meta.url)('@duckdb/node-api/package.json') as { readonly version: string };
  return version;
}
