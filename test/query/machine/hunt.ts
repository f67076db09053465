import { type Counts, FAMILIES, type Fault, QueryMachine } from './query-machine.ts';
import type { LabOptions } from './query-lab.ts';
import { isFault, type Report, reportOf, textOf } from './report.ts';
import { shrunk } from './shrink.ts';

export interface Limits {
  readonly seed: number;
  /** Number of queries to run. */
  readonly queries: number;
  /** When to stop at the latest, in milliseconds since 1970. */
  readonly end?: number;
  /** Number of faults after which to stop. */
  readonly faults?: number;
}

export interface Hooks extends LabOptions {
  /** Called with all results so far after each round. */
  readonly onRound?: (findings: Findings) => void;
}

export interface Findings {
  readonly counts: Counts;
  /** Cases in which equal names hold different data, minimised. */
  readonly faults: readonly Report[];
  /** Contradictions that are not faults of the analysis. */
  readonly others: readonly Report[];
}

/** Runs random queries on the data of one seed until the number of queries, faults or the time is reached. */
export async function hunt(limits: Limits, hooks: Hooks = {}): Promise<Findings> {
  const { seed, queries, end = Infinity } = limits;
  const machine = await QueryMachine.open(seed, hooks);
  const findings = new Collected(machine, limits.faults ?? 1);
  for (let round = 0; machine.counts.queries < queries && !findings.enough && Date.now() < end; round++) {
    const before = machine.counts.queries;
    for (const fault of await machine.round(seed * 100_003 + round * FAMILIES)) await findings.take(fault);
    if (machine.counts.queries === before) throw new Error(`no query of seed ${seed}, round ${round} runs`);
    hooks.onRound?.(findings);
  }
  machine.close();
  return findings;
}

class Collected implements Findings {
  readonly faults: Report[] = [];
  readonly others: Report[] = [];
  readonly #machine: QueryMachine;
  readonly #most: number;
  readonly #known = new Set<string>();

  constructor(machine: QueryMachine, most: number) {
    this.#machine = machine;
    this.#most = most;
  }

  get counts(): Counts {
    return this.#machine.counts;
  }

  get enough(): boolean {
    return this.faults.length >= this.#most;
  }

  /** Reports each kind of pair once, until enough faults are found. */
  async take(fault: Fault): Promise<void> {
    if (this.enough) return;
    const small = await shrunk(fault, this.#machine.lab);
    const key = small.members
      .map(textOf)
      .sort()
      .join('\n')
      .replaceAll(/([a-z])\d+/g, '$1');
    if (this.#known.has(key)) return;
    this.#known.add(key);
    const report = await reportOf(small, this.#machine.lab);
    (isFault(report.verdict) ? this.faults : this.others).push(report);
  }
}
