import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import type { Scenario } from './scenarios.fixture.ts';

/** Builds the program that a test's child processes run; the caller removes the folder. */
export async function buildChild(): Promise<{ readonly folder: string; readonly program: string }> {
  const folder = mkdtempSync(join(tmpdir(), 'seeknal-child-'));
  const program = join(folder, 'child.mjs');
  const entry = join(dirname(fileURLToPath(import.meta.url)), 'child.fixture.ts');
  await build({
    entryPoints: [entry],
    outfile: program,
    bundle: true,
    platform: 'node',
    format: 'esm',
    logLevel: 'silent',
  });
  return { folder, program };
}

export interface ChildArguments {
  readonly program: string;
  readonly root: string;
  readonly scenario: Scenario;
}

export const startChild = ({ program, root, scenario }: ChildArguments): ChildProcess =>
  spawn(process.execPath, [program, root, scenario], { stdio: ['ignore', 'pipe', 'inherit'] });

/** Resolves with the exit code, or with the signal that ended it. */
export const ended = (child: ChildProcess): Promise<number | string | null> =>
  new Promise(resolve => child.once('exit', (code, signal) => resolve(signal ?? code)));
