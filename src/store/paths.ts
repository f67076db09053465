import { join } from 'node:path';
import type { EnvironmentName } from '../core/environment/environment-name.ts';

/** Production's name in paths and records; reserved, so that no environment can take it. */
export const PRODUCTION = 'production';

/** All paths under `target/`, absolute. Creates nothing. */
export class StorePaths {
  readonly root: string;
  readonly target: string;
  readonly store: string;
  readonly storeFile: string;
  readonly ledger: string;
  readonly lock: string;
  readonly temporary: string;
  readonly artefacts: string;
  readonly heads: string;
  readonly environments: string;
  readonly cache: string;

  constructor(root: string) {
    this.root = root;
    this.target = join(root, 'target');
    this.store = join(this.target, 'store');
    this.storeFile = join(this.store, 'store.json');
    this.ledger = join(this.store, 'ledger.jsonl');
    this.lock = join(this.store, 'lock');
    this.temporary = join(this.store, 'tmp');
    this.artefacts = join(this.store, 'artefacts');
    this.heads = join(this.store, 'heads');
    this.environments = join(this.target, 'environments');
    this.cache = join(this.target, 'cache');
  }

  /** One of 32 folders: few enough to sync in each run, and enough for a hundred thousand artefacts. */
  artefactFolder(id: string): string {
    return join(this.artefacts, id.slice(0, 1));
  }

  artefact(id: string): string {
    return join(this.artefactFolder(id), `${id}.parquet`);
  }

  head(environment: EnvironmentName | null): string {
    return join(this.heads, `${environment ?? PRODUCTION}.json`);
  }

  generations(environment: EnvironmentName | null): string {
    return join(this.store, 'generations', environment ?? PRODUCTION);
  }

  generation(environment: EnvironmentName | null, serial: number): string {
    return join(this.generations(environment), `${serial}.json`);
  }

  /** The folder of an environment's views; `target/` for production. */
  views(environment: EnvironmentName | null): string {
    return environment === null ? this.target : join(this.environments, environment);
  }

  view(environment: EnvironmentName | null, file: string): string {
    return join(this.views(environment), file);
  }
}
