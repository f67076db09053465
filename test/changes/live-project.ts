import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { applyEnvironment } from '../../src/app/environments/apply-environment.ts';
import { planEnvironment } from '../../src/app/environments/plan-environment.ts';
import { promote } from '../../src/app/environments/promote.ts';
import { runProduction, type RunProductionOptions } from '../../src/app/production/run-production.ts';
import type { RunEvent, World } from '../../src/core/world.ts';
import type { PlanDocument } from '../../src/core/documents/plan-document.ts';
import type { RunDocument } from '../../src/core/documents/run-document.ts';
import { parseEnvironmentName } from '../../src/core/environment/environment-name.ts';
import type { ArtefactRecord } from '../../src/core/state/artefact.ts';
import { StorePaths } from '../../src/store/paths.ts';
import { openStore } from '../../src/store/store-reader.ts';
import { nodeText } from './node-text.ts';

/** The project's transforms as queries by name; they read `source.x` and `transform.y`, as references or not. */
export type Queries = Readonly<Record<string, string>>;

/** An artefact that a generation holds for a node. */
export interface Held {
  readonly record: ArtefactRecord;
  /** Absolute path of its Parquet file. */
  readonly path: string;
}

/**
 * A project on disk. Commands run in this process through their use cases, many times faster than the binary. Remove it
 * at the end.
 */
export class LiveProject {
  readonly root: string;
  readonly events: RunEvent[] = [];
  /** The environment's variables. */
  readonly variables: Record<string, string> = { SEEKNAL_AUTHOR: 'ana' };
  #transforms: readonly string[] = [];

  constructor(settings = '') {
    this.root = mkdtempSync(join(tmpdir(), 'seeknal-live-'));
    this.write('seeknal_project.yml', `name: live\n${settings}`);
  }

  get world(): World {
    return {
      cwd: this.root,
      home: join(this.root, 'no-home'),
      variables: this.variables,
      now: () => new Date(),
      signal: new AbortController().signal,
      emit: event => this.events.push(event),
    };
  }

  write(path: string, text: string): void {
    mkdirSync(dirname(join(this.root, path)), { recursive: true });
    writeFileSync(join(this.root, path), text);
  }

  delete(path: string): void {
    rmSync(join(this.root, path), { force: true });
  }

  remove(): void {
    rmSync(this.root, { recursive: true, force: true });
  }

  addSource(name: string, file: string): void {
    this.write(`seeknal/sources/${name}.yml`, `kind: source\nname: ${name}\nsource: parquet\ntable: ${file}\n`);
  }

  /** Replaces all transforms. */
  setTransforms(queries: Queries): void {
    for (const name of this.#transforms) rmSync(join(this.root, `seeknal/transforms/${name}.yml`), { force: true });
    for (const [name, sql] of Object.entries(queries))
      this.write(`seeknal/transforms/${name}.yml`, nodeText(name, sql));
    this.#transforms = Object.keys(queries);
  }

  async run(options: RunProductionOptions = {}): Promise<RunDocument> {
    return (await runProduction(this.world, options)).result;
  }

  async plan(environment: string, options: { readonly refresh?: boolean } = {}): Promise<PlanDocument> {
    return (await planEnvironment(this.world, { environment, ...options })).document;
  }

  apply(environment: string): Promise<RunDocument> {
    return applyEnvironment(this.world, { environment });
  }

  async promote(environment: string, options: { readonly allowRevert?: boolean } = {}): Promise<RunDocument> {
    return (await promote(this.world, { environment, ...options })).result;
  }

  /** What an environment shows: its own generation, or production; null names production. */
  held(environment: string | null): ReadonlyMap<string, Held> {
    const store = openStore(this.root);
    const own = environment === null ? null : store.current(parseEnvironmentName(environment));
    const generation = own ?? store.current(null);
    const entries = (generation?.nodes ?? []).map(({ id, artefact }): [string, Held] => {
      const record = store.artefact(artefact);
      if (!record) throw new Error(`${artefact} of ${id} is in no ledger`);
      return [id, { record, path: new StorePaths(this.root).artefact(artefact) }];
    });
    return new Map(entries);
  }
}

/** Codes, messages and positions of a refusal; fails if the use case succeeds. */
export async function refusal(work: Promise<unknown>): Promise<readonly string[]> {
  const error: unknown = await work.then(
    () => null,
    (thrown: unknown) => thrown,
  );
  if (typeof error !== 'object' || error === null) throw new Error('nothing was refused');
  const diagnostics = 'diagnostics' in error && Array.isArray(error.diagnostics) ? error.diagnostics : [error];
  return diagnostics.map(renderDiagnostic);
}

function renderDiagnostic(entry: Record<string, unknown>): string {
  const { line, column } = (entry['at'] ?? entry) as { line?: number; column?: number };
  return `${String(entry['node'])} ${line}:${column} ${String(entry['code'])}: ${String(entry['message'])}`;
}
