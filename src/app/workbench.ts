import { join } from 'node:path';
import type { ProjectSettings } from '../core/project/node.ts';
import { AnalysisSession } from '../engine/analysis-session.ts';
import { ExecutionSession } from '../engine/execution-session.ts';
import type { StoreReader } from '../store/store-reader.ts';
import { AnalysisCache } from './analysis-cache.ts';
import { FileHashes } from './source-state.ts';
import type { World } from './world.ts';

const ANALYSIS_CACHE = 'analysis.json';
const FILE_HASHES = 'files.json';

export interface WorkbenchInput {
  readonly world: World;
  readonly root: string;
  readonly store: StoreReader;
  readonly settings: ProjectSettings;
}

/** What one command works with: DuckDB sessions, opened when first needed, and the caches. Close it when the command ends. */
export class Workbench {
  readonly world: World;
  readonly root: string;
  readonly store: StoreReader;
  readonly settings: ProjectSettings;
  readonly analyses: AnalysisCache;
  readonly hashes: FileHashes;
  readonly #analysing = new Map<'base' | 'desired' | 'final', Promise<AnalysisSession>>();
  #executing: Promise<ExecutionSession> | null = null;

  constructor(input: WorkbenchInput) {
    this.world = input.world;
    this.root = input.root;
    this.store = input.store;
    this.settings = input.settings;
    this.analyses = new AnalysisCache(input.store.readCache(ANALYSIS_CACHE));
    this.hashes = new FileHashes(input.store.readCache(FILE_HASHES));
  }

  /** A database of empty tables; graphs whose nodes differ need one each. */
  analysis(graph: 'base' | 'desired' | 'final'): Promise<AnalysisSession> {
    const session = this.#analysing.get(graph) ?? AnalysisSession.open();
    this.#analysing.set(graph, session);
    return session;
  }

  execution(): Promise<ExecutionSession> {
    this.#executing ??= ExecutionSession.open({
      threads: this.settings.threads,
      memoryLimit: this.settings.memoryLimit,
      temporaryDirectory: join(this.root, 'target', 'store', 'tmp', 'duckdb'),
    });
    return this.#executing;
  }

  /** Keeps what the caches learnt; failing to costs only time. */
  saveCaches(): void {
    const analyses = this.analyses.render();
    if (analyses !== null) this.store.writeCache(ANALYSIS_CACHE, analyses);
    const hashes = this.hashes.render();
    if (hashes !== null) this.store.writeCache(FILE_HASHES, hashes);
  }

  async close(): Promise<void> {
    const sessions = [...this.#analysing.values(), ...(this.#executing ? [this.#executing] : [])];
    for (const session of await Promise.allSettled(sessions)) if (session.status === 'fulfilled') session.value.close();
  }
}
