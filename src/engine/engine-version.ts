import { createRequire } from 'node:module';

/** The version of DuckDB, found without loading it; plans and hashes depend on it. */
export function engineVersion(): string {
  // The package is a dependency, so it is installed.
  const { version } = createRequire(import.meta.url)('@duckdb/node-api/package.json') as { readonly version: string };
  return version;
}
