import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { Findings, Limits } from './hunt.ts';

const ROOT = fileURLToPath(new URL('../../..', import.meta.url));
const CHILD = fileURLToPath(new URL('hunt.fixture.ts', import.meta.url));

/** After this many queries the data changes and the groups start again. */
const QUERIES_PER_DATA = 4_000;

export interface AllFindings extends Findings {
  /** Queries that crashed their process. */
  readonly crashes: readonly string[];
}

const NOTHING: AllFindings = {
  counts: { queries: 0, compared: 0, needless: 0, mutants: 0 },
  faults: [],
  others: [],
  crashes: [],
};

/** Runs random queries in child processes, with one set of data after another. The seed determines everything. */
export async function huntAll(limits: Limits, onPart?: (findings: AllFindings) => void): Promise<AllFindings> {
  const { seed, queries, end = Number.MAX_SAFE_INTEGER, faults = 1 } = limits;
  let all = NOTHING;
  for (let part = 0; part === 0 || (all.counts.queries < queries && Date.now() < end); part++) {
    const wanted = Math.min(QUERIES_PER_DATA, queries - all.counts.queries);
    all = together(all, await huntApart({ ...limits, seed: seed + part, queries: wanted }));
    onPart?.(all);
    if (all.faults.length >= faults) break;
  }
  return all;
}

function together(a: AllFindings, b: AllFindings): AllFindings {
  return {
    counts: {
      queries: a.counts.queries + b.counts.queries,
      compared: a.counts.compared + b.counts.compared,
      needless: a.counts.needless + b.counts.needless,
      mutants: a.counts.mutants + b.counts.mutants,
    },
    faults: [...a.faults, ...b.faults],
    others: [...a.others, ...b.others],
    crashes: [...a.crashes, ...b.crashes],
  };
}

async function huntApart(limits: Limits): Promise<AllFindings> {
  const folder = mkdtempSync(join(tmpdir(), 'seeknal-queries-'));
  const trace = join(folder, 'query.sql');
  const args = [join(ROOT, 'scripts/run-ts.mjs'), CHILD, JSON.stringify(limits), trace];
  const child = spawn(process.execPath, args, { cwd: ROOT, stdio: ['ignore', 'pipe', 'inherit'] });
  const closed = once(child, 'close') as Promise<[number | null, NodeJS.Signals | null]>;
  let last: Findings = NOTHING;
  for await (const line of createInterface({ input: child.stdout })) last = JSON.parse(line) as Findings;
  const [code, signal] = await closed;
  const crashes = signal === null ? [] : [readFileSync(trace, 'utf8')];
  rmSync(folder, { recursive: true });
  if (signal === null && code !== 0) throw new Error(`the process of seed ${limits.seed} failed with ${code}`);
  return { ...last, crashes };
}
