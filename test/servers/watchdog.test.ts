import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { buildFixture, type Fixture } from '../faults/child-command.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { until } from '../support/until.ts';
import { isRunning } from './process-tree.ts';

let fixture: Fixture;
beforeAll(async () => {
  fixture = await buildFixture('../servers/abandoned.fixture.ts');
});
afterAll(() => fixture.remove());

describe.skipIf(process.platform === 'win32')('a watchdog', () => {
  it.each(['SIGKILL', 'SIGINT'] as const)(
    'ends the server and deletes its folder after %s to the tests',
    async signal => {
      const folder = temporaryFolder();
      const tests = spawn(process.execPath, [fixture.program, folder], { stdio: ['ignore', 'pipe', 'inherit'] });
      const [printed] = (await once(tests.stdout, 'data')) as [Buffer];
      const server = Number(printed.toString());
      expect(isRunning(server)).toBe(true);
      tests.kill(signal);
      await until(
        () => !isRunning(server) && !existsSync(folder),
        () => `the end of process ${server} and folder ${folder}`,
      );
    },
  );
});
