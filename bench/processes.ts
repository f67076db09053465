import { spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const BINARY = fileURLToPath(new URL('../dist/main.js', import.meta.url));
const BARE = fileURLToPath(new URL('bare-duckdb.mjs', import.meta.url));

export interface Finished {
  readonly seconds: number;
  readonly stdout: string;
}

/** Work for bare DuckDB; statements run in order. */
export interface BareWork {
  readonly settings?: Readonly<Record<string, string>>;
  readonly statements: readonly string[];
}

/** Runs the built program in a project. Throws if it fails. */
export const seeknal = (project: string, ...args: readonly string[]): Promise<Finished> =>
  node([BINARY, ...args], project);

/** Like `seeknal`, and also returns the peak memory in bytes. */
export const seeknalWithPeak = (project: string, ...args: readonly string[]) => withPeak([BINARY, ...args], project);

/** Runs statements in DuckDB alone, in a separate process. */
export const bareDuckdb = (folder: string, work: BareWork) => withPeak([BARE, writeWork(folder, work)], folder);

function writeWork(folder: string, work: BareWork): string {
  const file = join(folder, 'work.json');
  writeFileSync(file, JSON.stringify(work));
  return file;
}

/** Prints the process's peak memory in KiB as the last line on stderr. */
const REPORT_PEAK = `import { writeSync } from 'node:fs'; process.on('exit', () => writeSync(2, '\\n' + process.resourceUsage().maxRSS));`;

async function withPeak(args: readonly string[], cwd: string): Promise<Finished & { readonly peakBytes: number }> {
  const report = ['--import', `data:text/javascript,${encodeURIComponent(REPORT_PEAK)}`];
  const { stderr, ...finished } = await node([...report, ...args], cwd);
  return { ...finished, peakBytes: Number(stderr.slice(stderr.lastIndexOf('\n'))) * 1024 };
}

/** Runs Node to its end; the time includes its start. Throws if it fails. */
export const node = (args: readonly string[], cwd: string) => program(process.execPath, args, cwd);

/** Runs a program to its end. Throws if it fails. */
export async function program(
  path: string,
  args: readonly string[],
  cwd: string,
): Promise<Finished & { readonly stderr: string }> {
  const started = performance.now();
  const child = spawn(path, args, { cwd, stdio: ['ignore', 'pipe', 'pipe'] });
  const texts = Promise.all([collect(child.stdout), collect(child.stderr)]);
  const code = await new Promise<number | null>((resolve, reject) => child.on('error', reject).on('exit', resolve));
  const seconds = (performance.now() - started) / 1000;
  const [stdout, stderr] = await texts;
  if (code !== 0) throw new Error(`${path} ${args.join(' ')} ended with ${code}\n${stdout}\n${stderr}`);
  return { seconds, stdout, stderr };
}

async function collect(stream: AsyncIterable<Buffer>): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}
