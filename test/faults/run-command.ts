import type { Disk } from '../../src/core/disk.ts';
import type { Outcome } from '../support/run-binary.ts';
import { runInProcess } from '../support/run-in-process.ts';

/** Runs one command line in this process, on the given disk. */
export const runCommand = (root: string, words: readonly string[], disk?: Disk): Promise<Outcome> =>
  runInProcess(words, { cwd: root, ...(disk ? { disk } : {}) });

/** Runs a command that must succeed; returns its stdout. */
export async function succeed(root: string, ...words: readonly string[]): Promise<string> {
  const { code, stdout, stderr } = await runCommand(root, words);
  if (code !== 0) throw new Error(`seeknal ${words.join(' ')} exited ${code}\n${stdout}\n${stderr}`);
  return stdout;
}
