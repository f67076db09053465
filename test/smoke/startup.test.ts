import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { TestProject } from '../acceptance/harness.ts';
import { REPOSITORY } from '../support/repository.ts';

const { version } = JSON.parse(readFileSync(join(REPOSITORY, 'package.json'), 'utf8')) as { version: string };

describe('the built program', () => {
  it('shows its version and its help, and exits with 64 for a wrong command line', async () => {
    const project = new TestProject();
    expect(await project.spawn(['--version'])).toEqual({ code: 0, stdout: `${version}\n`, stderr: '' });
    const help = await project.spawn(['--help']);
    expect([help.code, help.stdout.split('\n')[0], help.stderr]).toEqual([0, 'Usage: seeknal [options] [command]', '']);
    const wrong = await project.spawn(['rnu']);
    expect([wrong.code, wrong.stdout, wrong.stderr.split('\n')[0]]).toEqual([
      64,
      '',
      "error[usage]: Unknown command 'rnu'.",
    ]);
  });

  it('creates a project in the working directory, runs it, and reads a query from stdin', async () => {
    const project = new TestProject();
    expect(await project.spawn(['init'])).toMatchObject({ code: 0, stderr: '' });
    expect(await project.spawn(['run'])).toMatchObject({ code: 0 });
    const query = 'SELECT count(*) AS n FROM transform_orders_merged';
    const { stdout } = await project.spawn(['repl', '-e', '-', '--format', 'json'], { input: query });
    expect(JSON.parse(stdout)).toEqual([{ n: 14 }]);
  });
});
