import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { ToolError } from '../../diagnostics/tool-error.ts';
import type { Connection } from '../duckdb.ts';

/** The folder of the first that has this extension for the running DuckDB. Throws `extension-missing`; asks no network. */
export async function findExtension(connection: Connection, name: string, folders: readonly string[]): Promise<string> {
  const [version = ''] = await firstRow(connection, 'PRAGMA version');
  const [platform = ''] = await firstRow(connection, 'PRAGMA platform');
  const file = join(version, platform, `${name}.duckdb_extension`);
  const folder = folders.find(each => existsSync(join(each, file)));
  if (folder !== undefined) return folder;
  const searched = folders.length === 0 ? 'no folder is given' : `searched ${folders.join(', ')}`;
  throw new ToolError('extension-missing', `DuckDB's extension ${file} was not found: ${searched}.`, {
    hint: `Run INSTALL ${name} in DuckDB ${version.replace(/^v/, '')}, or set SEEKNAL_EXTENSIONS to a folder that contains this file.`,
  });
}

const firstRow = async (connection: Connection, sql: string): Promise<readonly string[]> =>
  ((await connection.rows(sql))[0] ?? []).map(String);
