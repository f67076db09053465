import { statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { definitionHash } from '../core/definition/nodes/definition-hash.ts';
import type { EnvironmentName } from '../core/environment/environment-name.ts';
import type { JsonObject } from '../core/json.ts';
import { ArtefactFiles, type PlacedArtefact, recordOf } from './artefacts/artefact-files.ts';
import { assertComplete } from './generations/assert-complete.ts';
import {
  ensureEnvironment,
  ensureFolder,
  removeEnvironment,
  setStatus,
  writeConfig,
} from './generations/environment-folder.ts';
import type { EnvironmentConfig } from './generations/environment-records.ts';
import { GenerationWriter } from './generations/generation-writer.ts';
import { type Collection, findCollection } from './recovery/collection.ts';
import type { CollectionRequest } from './generations/kept-generations.ts';
import { LedgerWriter } from './ledger/ledger-writer.ts';
import { randomId } from './random-id.ts';
import type { LedgerRecord, RunAttempt } from './records.ts';
import type { TargetRecord } from '../core/state/target-record.ts';
import type { ArtefactDraft, ArtefactRecord } from '../core/state/artefact.ts';
import type { Generation, GenerationDraft } from '../core/state/generation.ts';
import { refreshDocument } from './views/refresh-views.ts';
import { StoreReader } from './store-reader.ts';
import { statusOf } from './generations/stored-plan.ts';
import { sweep } from './recovery/sweep.ts';
import { ViewKeeper, viewsBehind } from './views/view-keeper.ts';
import type { WriteContext } from './write-context.ts';

/** Write access to the store for the command that holds the lock. */
export class StoreWriter extends StoreReader {
  readonly #context: WriteContext;
  readonly #ledger: LedgerWriter;
  readonly #views: ViewKeeper;
  readonly #files: ArtefactFiles;
  readonly #switch: GenerationWriter;
  #attempted = false;
  /** Environments with new records of targets. */
  readonly #written = new Set<EnvironmentName | null>();

  constructor(context: WriteContext, ledgerSize: number) {
    super(context.paths, context.disk);
    this.#context = context;
    this.#files = new ArtefactFiles(context);
    this.#switch = new GenerationWriter(context, this.generations);
    this.#views = new ViewKeeper(context, this);
    this.#ledger = new LedgerWriter({ ...context, size: ledgerSize });
  }

  /** A unique absolute path for a temporary file; the next command removes the file unless it was adopted. */
  temporaryPath(suffix: string): string {
    return join(this.paths.temporary, `${randomId()}${suffix}`);
  }

  /** Removes a temporary file or folder, if any. */
  discardTemporary(path: string): void {
    this.#assertTemporary(path);
    this.disk.removeTree(path);
  }

  /** Turns a finished temporary file into a recorded artefact. */
  async adoptArtefact(temporary: string, draft: ArtefactDraft): Promise<ArtefactRecord> {
    return this.recordArtefact(await this.placeArtefact(temporary), draft);
  }

  /** Moves a finished temporary file to its place. A collection may remove it until it is recorded. */
  async placeArtefact(temporary: string): Promise<PlacedArtefact> {
    this.#assertTemporary(temporary);
    return this.#files.adopt(temporary);
  }

  /** Records a placed artefact in the ledger. */
  recordArtefact(placed: PlacedArtefact, draft: ArtefactDraft): ArtefactRecord {
    const record = recordOf(placed, draft);
    this.#record({ t: 'artefact', ...record });
    return record;
  }

  /** Adds a fingerprint to an artefact. */
  name(fingerprint: string, artefact: string): void {
    if (!this.known().hasName(fingerprint, artefact)) this.#record({ t: 'name', fingerprint, artefact });
  }

  /** Stores a definition once and returns its hash, by which generations refer to it. */
  defineNode(definition: JsonObject): string {
    const hash = definitionHash(definition);
    if (!this.known().definitions.has(hash)) this.#record({ t: 'definition', hash, definition });
    return hash;
  }

  /** Records the result of comparing two artefacts; `columns: null` means all of them. */
  recordEqual(a: string, b: string, columns: readonly string[] | null, ordered: boolean, equal: boolean): void {
    if (this.equalKnown(a, b, columns, ordered) !== equal) this.#record({ t: 'equal', a, b, columns, ordered, equal });
  }

  /** Records what was written to a table outside the store; saved when it returns. */
  async recordTarget(target: TargetRecord): Promise<void> {
    this.#record({ t: 'target', ...target });
    this.#written.add(target.environment);
    await this.#ledger.flush();
  }

  /** Records how a run of production ended; `run_state.json` shows it. */
  async recordAttempt(attempt: RunAttempt): Promise<void> {
    this.#record({ t: 'attempt', environment: null, ...attempt });
    this.#attempted = true;
    await this.#ledger.settle();
  }

  /** Makes a generation the environment's current one in one rename, then refreshes its views. Returns its serial. */
  async switchTo(environment: EnvironmentName | null, draft: GenerationDraft): Promise<number> {
    assertComplete(this, draft);
    if (environment !== null) ensureEnvironment(this.#context, environment, draft);
    const parent = this.head(environment);
    const generation: Generation = { environment, serial: (parent ?? 0) + 1, parent, ...draft };
    // Everything that a generation refers to is saved before it, and the generation before the head.
    await Promise.all([this.#ledger.flush(), this.#files.sync()]);
    await this.#switch.save(generation, this.lineage);
    await this.#switch.point(generation);
    this.#show(generation);
    return generation.serial;
  }

  /** Makes a promoted environment follow production until its next apply. */
  async followProduction(environment: EnvironmentName, now: Date): Promise<void> {
    const serial = this.head(environment);
    await this.#views.follow(environment, serial, now.toISOString());
    this.generations.rememberHead(environment, serial === null ? null : { serial, follows: true });
  }

  /** Writes the environment's plan; `manifest: null` keeps the existing manifest. */
  async writePlan(environment: EnvironmentName, plan: string, manifest: string | null): Promise<void> {
    const views = { ...this.#context, environment };
    ensureFolder(this.#context, environment);
    this.#context.assertOwned();
    if (manifest !== null) refreshDocument(views, 'manifest.json', manifest);
    refreshDocument(views, 'plan.json', plan);
  }

  async writeEnvironmentConfig(environment: EnvironmentName, config: EnvironmentConfig): Promise<void> {
    writeConfig(this.#context, environment, config);
  }

  /** Sets the status and last use of an environment; replaces an unreadable record. */
  async markEnvironment(environment: EnvironmentName, status: EnvironmentConfig['status'], now: Date): Promise<void> {
    setStatus(this.#context, environment, { status, at: now.toISOString() });
  }

  /** Removes an environment and its history; does not follow links. Artefacts stay until they are collected. */
  async deleteEnvironment(environment: EnvironmentName): Promise<void> {
    removeEnvironment(this.#context, environment);
    this.generations.rememberHead(environment, null);
  }

  /** Removes expired environments, old generations, and what no kept generation refers to. */
  async collect(request: CollectionRequest): Promise<Collection> {
    await this.#ledger.flush();
    const collection = findCollection(this, this.paths, request);
    const replaced = await sweep(this.#context, collection);
    if (replaced) this.#ledger.restart(statSync(this.paths.ledger).size);
    this.forget();
    return collection;
  }

  /** Removes the files of artefacts that are damaged or not recorded, and refreshes all views. */
  async mend(unusable: readonly string[], now: Date): Promise<void> {
    for (const id of unusable) this.#files.remove(this.artefactPlace(id));
    await this.#views.refreshAll(now);
  }

  /** Completes the work of a writer that died. Called once, before any other work. */
  async repair(): Promise<void> {
    await this.#views.repair();
    this.generations.forgetHeads();
  }

  /** Writes all pending records. */
  async finish(): Promise<void> {
    await this.#ledger.settle();
    if (this.#attempted) this.#views.refreshRunState(null);
    for (const environment of this.#written) this.#showTargets(environment);
  }

  #record(record: LedgerRecord): void {
    this.known().add(record);
    this.#ledger.add(record);
  }

  /** Refreshes the views after a switch. Throws `views-behind`; the next writer tries again. */
  #show({ environment, serial, at, plan }: Generation): void {
    try {
      if (environment !== null)
        setStatus(this.#context, environment, { status: statusOf(this.paths, environment, plan), at });
      this.#views.refresh(environment);
      if (environment === null) this.#attempted = false;
    } catch (error) {
      throw viewsBehind(environment, serial, error);
    }
  }

  /** An environment that follows production, or that was deleted, has no run state of its own. */
  #showTargets(environment: EnvironmentName | null): void {
    const isOwn = environment === null || !this.followsProduction(environment);
    if (isOwn && this.head(environment) !== null) this.#views.refreshRunState(environment);
  }

  #assertTemporary(path: string): void {
    if (dirname(path) !== this.paths.temporary) throw new Error(`not a temporary path of the store: ${path}`);
  }
}
