import type { Column, ProjectSettings } from '../core/definition/nodes/node.ts';
import { AnalysisSession } from '../engine/analysis/analysis-session.ts';
import { engineVersion } from '../engine/engine-version.ts';
import { ExecutionSession } from '../engine/execution/execution-session.ts';
import { ArtefactVerifier } from '../store/artefacts/artefact-verifier.ts';
import { Cache } from '../store/cache.ts';
import { newSpillFolder } from '../store/spill-folder.ts';
import type { StoreReader } from '../store/store-reader.ts';
import type { Answer } from '../analysis/analyse-described.ts';
import { AnalysisCache } from '../analysis/analysis-cache.ts';
import { FileHashes } from './source-state.ts';
import type { Place } from '../core/state/place.ts';
import type { World } from '../core/world.ts';

const ANALYSIS_CACHE = 'analysis.json';
const FILE_HASHES = 'files.json';
const ARTEFACT_CHECKS = 'artefacts.json';

export interface WorkbenchInput {
  readonly world: World;
  readonly root: string;
  readonly store: StoreReader;
  readonly settings: ProjectSettings;
  /** What DuckDB answered earlier in the same command. */
  readonly answers?: Map<string, Answer>;
}

/** Works with DuckDB and the caches, then closes the one and keeps the other. */
export async function withWorkbench<T>(input: WorkbenchInput, work: (bench: Workbench) => Promise<T>): Promise<T> {
  const bench = new Workbench(input);
  try {
    const result = await work(bench);
    bench.saveCaches();
    return result;
  } finally {
    await bench.close();
  }
}

/** What one command works with: DuckDB sessions, opened when first needed, and the caches. Close it when the command ends. */
export class Workbench {
  readonly world: World;
  readonly root: string;
  readonly store: StoreReader;
  readonly settings: ProjectSettings;
  readonly analyses: AnalysisCache;
  readonly hashes: FileHashes;
  readonly checks: ArtefactVerifier;
  readonly answers: Map<string, Answer>;
  readonly engineVersion = engineVersion();
  readonly #cache: Cache;
  #analysing: Promise<AnalysisSession> | null = null;
  #executing: Promise<ExecutionSession> | null = null;

  constructor(input: WorkbenchInput) {
    this.world = input.world;
    this.root = input.root;
    this.store = input.store;
    this.settings = input.settings;
    this.answers = input.answers ?? new Map();
    this.#cache = new Cache(input.root, input.world.disk);
    this.analyses = new AnalysisCache(this.#cache.read(ANALYSIS_CACHE));
    this.hashes = new FileHashes(this.#cache.read(FILE_HASHES));
    const readContent = async (place: Place) => (await this.execution()).identityOf(place, {});
    this.checks = new ArtefactVerifier(input.store, readContent, this.#cache.read(ARTEFACT_CHECKS));
  }

  /** A database of empty tables; whoever asks it declares what it asks about. */
  analysis(): Promise<AnalysisSession> {
    this.#analysing ??= AnalysisSession.open();
    return this.#analysing;
  }

  /** Columns of the latest artefact under a fingerprint; null where there is none. */
  columnsBuilt(fingerprint: string): readonly Column[] | null {
    const [id] = this.store.artefactsNamed(fingerprint);
    return id === undefined ? null : (this.store.artefact(id)?.columns ?? null);
  }

  execution(): Promise<ExecutionSession> {
    this.#executing ??= ExecutionSession.open({
      threads: this.settings.threads,
      memoryLimit: this.settings.memoryLimit,
      temporaryDirectory: newSpillFolder(this.root),
    });
    return this.#executing;
  }

  /** Keeps what the caches learnt; failing to costs only time. */
  saveCaches(): void {
    const analyses = this.analyses.render();
    if (analyses !== null) this.#cache.write(ANALYSIS_CACHE, analyses);
    const hashes = this.hashes.render();
    if (hashes !== null) this.#cache.write(FILE_HASHES, hashes);
    const checks = this.checks.render();
    if (checks !== null) this.#cache.write(ARTEFACT_CHECKS, checks);
  }

  async close(): Promise<void> {
    const sessions = [this.#analysing, this.#executing].filter(session => session !== null);
    for (const session of await Promise.allSettled(sessions))
      if (session.status === 'fulfilled') await session.value.close();
  }
}
