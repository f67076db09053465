import { DuckDBInstance } from '@duckdb/node-api';
import { describe, expect, it } from 'vitest';
import { extensionFolder, extensionPath, missingExtension } from './extensions.ts';

async function duckdb(sql: string): Promise<readonly unknown[]> {
  const settings = { extension_directory: extensionFolder(), autoinstall_known_extensions: 'false' };
  const instance = await DuckDBInstance.create(':memory:', settings);
  const connection = await instance.connect();
  const reader = await connection.runAndReadAll(sql);
  instance.closeSync();
  return reader.getRows();
}

describe('extensions for tests', () => {
  it('lie where this DuckDB looks for them', async () => {
    const [[version], [platform]] = [
      await duckdb('SELECT library_version FROM pragma_version()'),
      await duckdb('PRAGMA platform'),
    ] as [[unknown[]], [unknown[]]];
    expect(extensionPath('folder', 'x')).toBe(`folder/${version[0]}/${platform[0]}/x.duckdb_extension`);
  });

  it('are missed with what to do', () => {
    expect(missingExtension('nothing')).toEqual({
      reason: "The DuckDB extension 'nothing' is missing. Run 'npm test', which downloads it.",
    });
  });

  it('are known to the workers', () => {
    expect(process.env['SEEKNAL_EXTENSIONS']).toBe(extensionFolder());
  });
});
