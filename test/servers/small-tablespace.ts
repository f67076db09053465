import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'vitest';
import { describePostgres, type TestPostgres } from './postgres.ts';
import { giveToServers } from './server-account.ts';

const MOUNT = ['-t', 'tmpfs', '-o'];
let made = 0;

/** Creates a tablespace on a disk of its own of this size, for tests of a full disk; returns its name. */
export async function smallTablespace(postgres: TestPostgres, megabytes: number): Promise<string> {
  const name = `small_${(made += 1)}`;
  const folder = join(postgres.folder, name);
  mkdirSync(folder);
  execFileSync('mount', [...MOUNT, `size=${megabytes}m`, 'tmpfs', folder], { stdio: 'pipe' });
  postgres.unmountAtEnd(folder);
  giveToServers(folder);
  await postgres.rows(`CREATE TABLESPACE ${name} LOCATION '${folder}'`);
  return name;
}

/** `describePostgres` that is skipped, also in CI, where no small disk can be made: that takes root on Linux. */
export function describeFullDisk(name: string, body: () => void): void {
  const reason = mountRefusal();
  if (reason === null) {
    describePostgres(name, body);
    return;
  }
  describe(`${name}`, () => {
    it('can be tested here', context => context.skip(reason));
  });
}

/** Containers often forbid mounts even to root. */
function mountRefusal(): string | null {
  if (process.platform !== 'linux' || process.getuid?.() !== 0) return 'Mounting a small disk needs root on Linux.';
  const folder = mkdtempSync(join(tmpdir(), 'seeknal-mount-'));
  try {
    execFileSync('mount', [...MOUNT, 'size=1m', 'tmpfs', folder], { stdio: 'pipe' });
    execFileSync('umount', [folder], { stdio: 'pipe' });
    return null;
  } catch {
    return 'This machine forbids root to mount a small disk.';
  } finally {
    rmdirSync(folder);
  }
}
