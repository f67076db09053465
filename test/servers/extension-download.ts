import { execFileSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { CACHE_FOLDER } from './cache-folder.ts';
import { duckdbVersion, extensionFolder, extensionPath } from './extensions.ts';
import { reasonOf } from './reason-of.ts';

/** Packages of the Python registry name these extensions otherwise than DuckDB does. */
const PACKAGED: Readonly<Record<string, string>> = {
  postgres_scanner: 'postgres',
  mysql_scanner: 'mysql',
  sqlite_scanner: 'sqlite',
};

/** Puts an extension at its path below a folder, or throws. */
type Source = (name: string, folder: string) => Promise<void>;
const SOURCES: Readonly<Record<string, Source>> = {
  "the user's extensions": copyOfUser,
  PyPI: fromPackage,
  "DuckDB's server": installed,
};

/**
 * Brings a DuckDB extension into the folder of `extensionFolder`: from the user's own, the Python registry, or DuckDB's
 * server. Those that it needs must be there already. Throws why if no place has one that loads.
 */
export async function downloadExtension(name: string): Promise<void> {
  const failures: string[] = [];
  for (const [place, source] of Object.entries(SOURCES)) {
    const failure = await downloadFrom(source, name);
    if (failure === null) return;
    failures.push(`${place}: ${failure}`);
  }
  throw new Error(failures.join('; '));
}

/** An extension appears in the folder whole, and only if DuckDB loads it. */
async function downloadFrom(source: Source, name: string): Promise<string | null> {
  mkdirSync(CACHE_FOLDER, { recursive: true });
  const staged = mkdtempSync(join(CACHE_FOLDER, 'extension-'));
  try {
    mkdirSync(dirname(extensionPath(staged, name)), { recursive: true });
    await source(name, staged);
    await withDuckdb(extensionFolder(), `LOAD '${extensionPath(staged, name)}'`);
    const target = extensionPath(extensionFolder(), name);
    mkdirSync(dirname(target), { recursive: true });
    renameSync(extensionPath(staged, name), target);
    return null;
  } catch (error) {
    return reasonOf(error);
  } finally {
    rmSync(staged, { recursive: true, force: true });
  }
}

async function copyOfUser(name: string, folder: string): Promise<void> {
  const own = extensionPath(join(homedir(), '.duckdb', 'extensions'), name);
  if (!existsSync(own)) throw new Error('none');
  copyFileSync(own, extensionPath(folder, name));
}

async function fromPackage(name: string, folder: string): Promise<void> {
  const packaged = PACKAGED[name] ?? name;
  const wanted = `duckdb-extension-${packaged}==${duckdbVersion()}`;
  const options = ['--no-deps', '--only-binary=:all:', '--quiet', '--disable-pip-version-check', '--retries=1'];
  python(folder, ['-m', 'pip', 'download', ...options, '--dest', '.', wanted]);
  const [wheel] = readdirSync(folder).filter(file => file.endsWith('.whl'));
  if (wheel === undefined) throw new Error(`pip downloaded no wheel of ${wanted}`);
  python(folder, ['-m', 'zipfile', '--extract', wheel, 'wheel']);
  const versions = join(folder, 'wheel', `duckdb_extension_${packaged}`, 'extensions', `v${duckdbVersion()}`);
  renameSync(join(versions, `${packaged}.duckdb_extension`), extensionPath(folder, name));
}

function python(cwd: string, args: readonly string[]): void {
  execFileSync('python3', args, { cwd, stdio: 'pipe' });
}

async function installed(name: string, folder: string): Promise<void> {
  await withDuckdb(folder, `INSTALL ${name}`);
}

async function withDuckdb(folder: string, sql: string): Promise<void> {
  const settings = { extension_directory: folder, autoinstall_known_extensions: 'false' };
  const instance = await DuckDBInstance.create(':memory:', settings);
  try {
    const connection = await instance.connect();
    await connection.run(sql);
  } finally {
    instance.closeSync();
  }
}
