import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { until } from '../support/until.ts';

/** Kills a process and its children with SIGKILL; resolves when none of them runs. */
export async function killTree(root: number): Promise<void> {
  const family = [root, ...childrenOf(root)];
  for (const pid of family) kill(pid);
  await until(
    () => !family.some(isRunning),
    () => `the end of the processes ${family.join(', ')}`,
  );
}

function childrenOf(root: number): readonly number[] {
  const lines = execFileSync('ps', ['-A', '-o', 'pid=,ppid='], { encoding: 'utf8' }).trim().split('\n');
  const pairs = lines.map(line => line.trim().split(/\s+/).map(Number));
  return pairs.flatMap(([pid, parent]) => (parent === root && pid !== undefined ? [pid] : []));
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It ended by itself.
  }
}

/** A dead process whose parent has not asked for its exit code still has an id, but does not run. */
function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return process.platform !== 'linux' || !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return false;
  }
}
