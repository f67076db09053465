import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { REPOSITORY } from '../support/repository.ts';
import { CACHE_FOLDER } from './cache-folder.ts';
import type { Unavailable } from './unavailable.ts';

const FOLDER = join(CACHE_FOLDER, 'extensions');
const SYSTEMS: Readonly<Record<string, string>> = { darwin: 'osx', win32: 'windows' };
const PROCESSORS: Readonly<Record<string, string>> = { x64: 'amd64' };

/** The folder with the DuckDB extensions that `npm test` prepared: `v1.5.5/linux_amd64/NAME.duckdb_extension`. */
export function extensionFolder(): string {
  return FOLDER;
}

/** Where DuckDB looks for an extension below a folder of extensions. */
export function extensionPath(folder: string, name: string): string {
  const system = SYSTEMS[process.platform] ?? process.platform;
  const processor = PROCESSORS[process.arch] ?? process.arch;
  return join(folder, `v${duckdbVersion()}`, `${system}_${processor}`, `${name}.duckdb_extension`);
}

/** Null if an extension is prepared; else what to do. */
export function missingExtension(name: string): Unavailable | null {
  if (existsSync(extensionPath(FOLDER, name))) return null;
  return { reason: `The DuckDB extension '${name}' is missing. Run 'npm test', which downloads it.` };
}

/** For example `1.5.5`. An extension loads only into the version that it was built for. */
export function duckdbVersion(): string {
  const path = join(REPOSITORY, 'node_modules', '@duckdb', 'node-api', 'package.json');
  const { version } = JSON.parse(readFileSync(path, 'utf8')) as { readonly version: string };
  return version.replace(/-.*/, '');
}
