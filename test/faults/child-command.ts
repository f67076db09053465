import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const HERE = dirname(fileURLToPath(import.meta.url));

/** Bundles a fixture of this folder below node_modules, so that DuckDB can be resolved. The caller removes it. */
export async function buildFixture(name: string): Promise<Fixture> {
  const cache = join(HERE, '..', '..', 'node_modules', '.cache', 'faults');
  mkdirSync(cache, { recursive: true });
  const folder = mkdtempSync(join(cache, 'program-'));
  const outfile = join(folder, 'program.mjs');
  await build({
    entryPoints: [join(HERE, name)],
    outfile,
    bundle: true,
    packages: 'external',
    platform: 'node',
    format: 'esm',
    define: { SEEKNAL_VERSION: JSON.stringify('0.0.0') },
    logLevel: 'silent',
  });
  return { program: outfile, remove: () => rmSync(folder, { recursive: true, force: true }) };
}

export interface Fixture {
  readonly program: string;
  remove(): void;
}

export interface Ended {
  /** The exit code, or the signal that ended it. */
  readonly end: number | string | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a Node program to its end. */
export function runChild(program: string, args: readonly string[]): Promise<Ended> {
  const child = spawn(process.execPath, [program, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
  const texts = { stdout: '', stderr: '' };
  child.stdout.on('data', (chunk: Buffer) => (texts.stdout += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (texts.stderr += chunk.toString()));
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code, signal) => resolve({ end: signal ?? code, ...texts }));
  });
}
