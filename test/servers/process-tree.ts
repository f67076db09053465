import { execFileSync } from 'node:child_process';
import { readFileSync, readdirSync } from 'node:fs';
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
  return processes().flatMap(([pid, parent]) => (parent === root ? [pid] : []));
}

/** All processes, each with its parent. Small Linux images have no `ps`. */
function processes(): readonly (readonly [pid: number, parent: number])[] {
  if (process.platform === 'linux')
    return readdirSync('/proc')
      .filter(isNumber)
      .map(pid => [Number(pid), parentOf(pid)]);
  const lines = execFileSync('ps', ['-A', '-o', 'pid=,ppid='], { encoding: 'utf8' }).trim().split('\n');
  return lines.map(line => {
    const [pid = 0, parent = 0] = line.trim().split(/\s+/).map(Number);
    return [pid, parent];
  });
}

function isNumber(name: string): boolean {
  return /^\d+$/.test(name);
}

/** The parent's id; 0 if the process has ended. */
function parentOf(pid: string): number {
  try {
    return Number(/^PPid:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]);
  } catch {
    return 0;
  }
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It ended by itself.
  }
}

/** Whether a process runs. A dead one keeps its id until its parent asks for the exit code, but does not run. */
export function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return process.platform !== 'linux' || !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return false;
  }
}
