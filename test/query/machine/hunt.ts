import { type Counts, type Fault, QueryMachine } from './query-machine.ts';
import { isFault, type Report, reportOf, textOf } from './report.ts';
import type { Reading } from './query-lab.ts';
import { shrunk } from './shrink.ts';

export interface Limits {
  readonly seed: number;
  /** How many queries to run. */
  readonly queries: number;
  /** Milliseconds since the epoch at which to stop all the same. */
  readonly end?: number;
  /** How many faults are enough. */
  readonly faults?: number;
  readonly reading?: Reading;
  readonly onReport?: (report: Report) => void;
}

export interface Findings {
  readonly counts: Counts;
  /** Where equal names hold different data, each as short as it can be. */
  readonly faults: readonly Report[];
  /** Which contradict as well, but by no fault of the analysis. */
  readonly others: readonly Report[];
}

/** After so many queries the data change, and groups begin anew. */
const QUERIES_PER_DATA = 4_000;

/** Runs random queries until enough are run, enough is wrong or time is up. The seed decides all of them. */
export async function hunt(limits: Limits): Promise<Findings> {
  const { seed, queries, end = Infinity } = limits;
  const findings = new Collected(limits);
  for (let at = 0; findings.counts.queries < queries && !findings.enough && Date.now() < end; at++) {
    const machine = await QueryMachine.open(seed + at, limits.reading);
    const wanted = Math.min(QUERIES_PER_DATA, queries - findings.counts.queries);
    for (let round = 0; machine.counts.queries < wanted && !findings.enough && Date.now() < end; round++) {
      for (const fault of await machine.round(firstSeed(seed, at, round))) await findings.take(fault, machine);
    }
    findings.add(machine.counts);
    machine.close();
  }
  return findings;
}

const firstSeed = (seed: number, epoch: number, round: number): number => seed * 7_919 + epoch * 100_003 + round * 10;

class Collected implements Findings {
  readonly counts: Counts = { queries: 0, compared: 0, needless: 0, mutants: 0 };
  readonly faults: Report[] = [];
  readonly others: Report[] = [];
  readonly #known = new Set<string>();
  readonly #limits: Limits;

  constructor(limits: Limits) {
    this.#limits = limits;
  }

  get enough(): boolean {
    return this.faults.length >= (this.#limits.faults ?? 1);
  }

  add(counts: Counts): void {
    for (const key of ['queries', 'compared', 'needless', 'mutants'] as const) this.counts[key] += counts[key];
  }

  async take(fault: Fault, machine: QueryMachine): Promise<void> {
    if (this.enough) return;
    const small = await shrunk(fault, machine.lab);
    const key = small.members
      .map(textOf)
      .sort()
      .join('\n')
      .replaceAll(/([a-z])\d+/g, '$1');
    if (this.#known.has(key)) return;
    this.#known.add(key);
    const report = await reportOf(small, machine.lab);
    (isFault(report.verdict) ? this.faults : this.others).push(report);
    this.#limits.onReport?.(report);
  }
}
