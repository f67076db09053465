import type { Column } from '../core/definition/nodes/node.ts';
import { AnalysisSession } from '../engine/analysis/analysis-session.ts';
import { engineVersion } from '../engine/engine-version.ts';
import type { Answer } from './analyse-described.ts';
import { type AnalysedGraph, analyseGraph, type AnalysisInput } from './analyse-graph.ts';
import { AnalysisCache } from './analysis-cache.ts';

export interface AnalyserOptions {
  /** The result of `render` at the end of an earlier command; null if there is none. */
  readonly cache: string | null;
  /** DuckDB's answers earlier in the same command. */
  readonly answers?: Map<string, Answer>;
  /** Columns of the artefact under a fingerprint; null if there is none. */
  columnsBuilt(fingerprint: string): readonly Column[] | null;
}

/** Analyses graphs of queries; opens DuckDB at the first query that is not cached. Close it at the end of the command. */
export class Analyser {
  readonly #cache: AnalysisCache;
  readonly #options: AnalyserOptions & { readonly answers: Map<string, Answer> };
  #session: Promise<AnalysisSession> | null = null;

  constructor(options: AnalyserOptions) {
    this.#options = { ...options, answers: options.answers ?? new Map() };
    this.#cache = new AnalysisCache(options.cache);
  }

  analyse(graph: Pick<AnalysisInput, 'nodes' | 'sources' | 'pinned'>): Promise<AnalysedGraph> {
    return analyseGraph({
      ...graph,
      cache: this.#cache,
      answers: this.#options.answers,
      engine: engineVersion(),
      columnsBuilt: fingerprint => this.#options.columnsBuilt(fingerprint),
      session: () => (this.#session ??= AnalysisSession.open()),
    });
  }

  /** The text to store for the next command; null if nothing is new. */
  render(): string | null {
    return this.#cache.render();
  }

  async close(): Promise<void> {
    const [session] = await Promise.allSettled([this.#session]);
    if (session.status === 'fulfilled') session.value?.close();
  }
}
