import { spawn, spawnSync } from 'node:child_process';
import { closeSync, existsSync, openSync } from 'node:fs';
import { beforeAll, describe, expect, it } from 'vitest';
import { baselineProject, type TestProject } from '../acceptance/harness.ts';
import { BINARY } from '../support/run-binary.ts';

let project: TestProject;
beforeAll(async () => {
  project = await baselineProject();
});

describe('what a command prints', () => {
  it.skipIf(!existsSync('/dev/full'))('fails if it cannot be written', () => {
    const full = openSync('/dev/full', 'w');
    for (const words of [['repl', '-e', 'FROM range(3)'], ['--version']]) {
      const { status, stderr } = spawnSync(process.execPath, [BINARY, ...words], {
        cwd: project.root,
        stdio: ['ignore', full, 'pipe'],
      });
      expect([status, stderr.toString()]).toEqual([
        1,
        'error[output-unwritable]: The output cannot be written (ENOSPC).\n',
      ]);
    }
    closeSync(full);
  });

  it('may be closed by its reader at any time without an error', async () => {
    const words = ['repl', '-e', 'FROM range(1_000_000)', '--format', 'csv', '--limit', '1000000'];
    const child = spawn(process.execPath, [BINARY, ...words], {
      cwd: project.root,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let stderr = '';
    child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
    child.stdout.once('data', () => child.stdout.destroy());
    const code = await new Promise(resolve => child.on('close', resolve));
    expect([code, stderr]).toEqual([0, '']);
  });

  it('shows a TIMESTAMPTZ in UTC on any machine, also in nested values', async () => {
    const sql = "SELECT ts, [ts] AS list, {'at': ts} AS pair FROM (SELECT TIMESTAMPTZ '2024-07-31 23:30:00Z' AS ts)";
    const text = '2024-07-31 23:30:00+00';
    for (const zone of ['America/New_York', 'Asia/Kolkata']) {
      const shown = async (format: string) =>
        (await project.spawn(['repl', '-e', sql, '--format', format], { env: { TZ: zone } })).stdout;
      expect(JSON.parse(await shown('json'))).toEqual([{ ts: text, list: [text], pair: { at: text } }]);
      expect((await shown('csv')).split('\r\n')[1]).toBe(`${text},['${text}'],{'at': '${text}'}`);
      expect(await shown('table')).toContain(text);
    }
  });

  it('shows all times in UTC, in the banner of the REPL and in lists of environments and generations', async () => {
    await project.ok('env', 'plan', 'dev');
    for (const command of [['repl'], ['env', 'list'], ['env', 'history']]) {
      const inZone = async (TZ: string) => {
        const { stdout, stderr } = await project.spawn(command, { env: { TZ } });
        return (stdout + stderr).match(/\d{4}-\d\d-\d\d \d\d:\d\d/);
      };
      const [utc, eastern] = [await inZone('UTC'), await inZone('Asia/Kolkata')];
      expect(utc, command.join(' ')).not.toBeNull();
      expect(eastern?.[0], command.join(' ')).toBe(utc?.[0]);
    }
  });
});
