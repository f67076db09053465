import fc from 'fast-check';
import { AnalysisSession } from '../../src/engine/analysis/analysis-session.ts';
import { Choices } from './choices.ts';
import { type Graph, renderGraph } from './graph.ts';
import { type Base, ModelWorld } from './model-world.ts';
import { Oracle } from './oracle.ts';
import { randomEdit } from './random-edit.ts';
import { randomGraph } from './random-graph.ts';
import { fillPool, type SourceTable } from './source-pool.ts';
import type { Pool } from './random-graph.ts';

/** A project and the edits to it, as numbers that fast-check can shrink. */
export interface Story {
  readonly sources: readonly number[];
  readonly nodes: readonly (readonly number[])[];
  /** Each round edits the previous project, or restores the first one. */
  readonly rounds: readonly { readonly revert: boolean; readonly edits: readonly (readonly number[])[] }[];
}

const decisions = (length: number) => fc.array(fc.nat(9999), { minLength: 0, maxLength: length, size: 'max' });

export function storyOf({ rounds }: { readonly rounds: number }): fc.Arbitrary<Story> {
  return fc.record({
    sources: fc.array(fc.nat(9999), { minLength: 1, maxLength: 3 }),
    nodes: fc.oneof(
      { arbitrary: fc.array(decisions(60), { minLength: 3, maxLength: 6, size: 'max' }), weight: 4 },
      { arbitrary: fc.array(decisions(60), { minLength: 7, maxLength: 15, size: 'max' }), weight: 1 },
    ),
    rounds: fc.array(
      fc.record({
        revert: fc.integer({ min: 0, max: 5 }).map(n => n === 5),
        edits: fc.array(decisions(40), { minLength: 1, maxLength: 3 }),
      }),
      { minLength: 1, maxLength: rounds },
    ),
  });
}

/** The graphs of a story: at the start and after each round. */
export function graphsOf(story: Story, pool: Pool): readonly Graph[] {
  const first = randomGraph(story.sources, story.nodes, pool);
  const graphs = [first];
  for (const [round, { revert, edits }] of story.rounds.entries()) {
    let graph = revert ? first : (graphs.at(-1) ?? first);
    for (const [at, values] of edits.entries()) {
      graph = revert && at === 0 ? graph : randomEdit(new Choices(values), graph, pool, `e${round}${at}`);
    }
    graphs.push(graph);
  }
  return graphs;
}

export interface Tally {
  graphs: number;
  refused: number;
  run: number;
  reused: number;
  needless: number;
}

/** Checks stories in one DuckDB, hundreds per minute: plans every version over the first, and carries it out. */
export class ModelCheck {
  readonly tally: Tally = { graphs: 0, refused: 0, run: 0, reused: 0, needless: 0 };
  readonly #oracle: Oracle;
  readonly #session: AnalysisSession;
  readonly #tables: readonly SourceTable[];
  readonly #pool: Pool;

  private constructor(
    oracle: Oracle,
    session: AnalysisSession,
    filled: { readonly tables: readonly SourceTable[]; readonly pool: Pool },
  ) {
    this.#oracle = oracle;
    this.#session = session;
    this.#tables = filled.tables;
    this.#pool = filled.pool;
  }

  static async open(seed: number): Promise<ModelCheck> {
    const oracle = await Oracle.open();
    return new ModelCheck(oracle, await AnalysisSession.open(), await fillPool(oracle, seed));
  }

  close(): void {
    this.#session.close();
    this.#oracle.close();
  }

  /** Throws with the queries of all versions if a verdict is wrong. */
  async check(story: Story): Promise<void> {
    const graphs = graphsOf(story, this.#pool);
    try {
      await this.#follow(graphs);
    } catch (error) {
      if (isDataError(error)) return;
      throw new Error(
        `${error instanceof Error ? error.message : String(error)}\n${graphs.map(renderGraph).join('\n--\n')}`,
        { cause: error },
      );
    }
  }

  async #follow(graphs: readonly Graph[]): Promise<void> {
    const world = new ModelWorld(this.#oracle, {
      session: this.#session,
      tables: this.#tables,
      answers: new Map(),
    });
    await world.clear();
    let base: Base | null = null;
    this.tally.graphs++;
    for (const [index, graph] of graphs.entries()) {
      const { versions, refused } = await world.analyse(graph, index > 0 && index === graphs.length - 1);
      if (refused.length > 0) {
        this.tally.refused++;
        if (base === null) return;
        continue;
      }
      const carried: Base & { run: number; reused: number; needless: number } = await world.carryOut(
        graph,
        versions,
        base,
      );
      const again = world.plan(graph, versions, carried);
      const busy = again.filter(({ kind, line }) => kind !== 'reuse' || line.change !== 'none');
      if (busy.length > 0) throw new Error(`there is something to do at once: ${busy.map(({ id }) => id).join(', ')}`);
      if (base !== null) for (const key of ['run', 'reused', 'needless'] as const) this.tally[key] += carried[key];
      base ??= carried;
    }
  }
}

/** A query may fail on its data, which ends the story without a verdict. */
const isDataError = (error: unknown): boolean =>
  error instanceof Error && /^(?:Conversion|Out of Range|Invalid Input) Error/.test(error.message);
