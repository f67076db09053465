import { assertPrefixFree, type EnvironmentName } from '../core/environment/environment-name.ts';
import type { Disk } from '../core/disk.ts';
import type { ArtefactRecord } from '../core/state/artefact.ts';
import type { TargetRecord } from '../core/state/target-record.ts';
import type { Generation, NodeDefinition } from '../core/state/generation.ts';
import type { Place } from '../core/state/place.ts';
import { unrecordedPlace } from './artefacts/listed-artefacts.ts';
import { type ArtefactState, bytesOf, stateOf } from './artefacts/place-state.ts';
import type { StateSnapshot } from '../core/state/state-snapshot.ts';
import { realDisk } from './disk.ts';
import { LoadedState } from './loaded-state.ts';
import {
  assertOwnFolder,
  type EnvironmentConfig,
  type EnvironmentListing,
  readEnvironmentConfig,
  readEnvironmentListings,
  readEnvironmentNames,
} from './generations/environment-records.ts';
import { GenerationReader } from './generations/generation-reader.ts';
import type { Ledger } from './ledger/ledger.ts';
import { LedgerReader } from './ledger/ledger-reader.ts';
import { assertKnownStore, readLineage } from './ledger/store-file.ts';
import { readText } from './ledger/stored-json.ts';
import { StorePaths } from './paths.ts';
import type { LedgerRecord, RunAttempt } from './records.ts';

/** Opens a project's store for reading; a missing store reads as empty. Throws `format-too-new`, `target-taken`. */
export function openStore(root: string, options: { readonly disk?: Disk } = {}): StoreReader {
  const paths = new StorePaths(root);
  assertKnownStore(paths);
  return new StoreReader(paths, options.disk ?? realDisk);
}

/** Read-only access to the store. Each environment's head is read once, so later switches are not visible. */
export class StoreReader {
  protected readonly paths: StorePaths;
  protected readonly disk: Disk;
  protected readonly generations: GenerationReader;
  readonly #ledger: LedgerReader;
  #lineage: string | null = null;

  constructor(paths: StorePaths, disk: Disk) {
    this.paths = paths;
    this.disk = disk;
    this.generations = new GenerationReader(paths);
    this.#ledger = new LedgerReader(paths);
  }

  /** The store's random id; null if there is no store yet. */
  get lineage(): string | null {
    this.#lineage ??= readLineage(this.paths);
    return this.#lineage;
  }

  /** Throws `format-too-new` for a store of a newer version, before anything is written. */
  assertReadable(): void {
    this.#lineage = readLineage(this.paths);
  }

  /** Serial of the generation that an environment last switched to; null if there is none. */
  head(environment: EnvironmentName | null): number | null {
    return this.generations.head(environment)?.serial ?? null;
  }

  /** Whether an environment shows production and owns nothing, as after a promotion. */
  followsProduction(environment: EnvironmentName): boolean {
    return this.generations.head(environment)?.follows ?? false;
  }

  /** The generation that an environment shows: its own, or production's if it follows production; null if none. */
  current(environment: EnvironmentName | null): Generation | null {
    return this.generations.current(environment);
  }

  /** One generation; null if it does not exist. Throws `store-damaged`. */
  generation(environment: EnvironmentName | null, serial: number): Generation | null {
    return this.generations.find(environment, serial);
  }

  /** One generation; null if it does not exist or is damaged. */
  readable(environment: EnvironmentName | null, serial: number): Generation | null {
    return this.generations.readable(environment, serial);
  }

  /** Serials of an environment's generations, the latest first. */
  serials(environment: EnvironmentName | null): readonly number[] {
    return this.generations.serials(environment);
  }

  artefact(id: string): ArtefactRecord | null {
    return this.#ledger.find(ledger => ledger.artefacts.get(id));
  }

  /** All artefacts in the ledger. */
  artefacts(): readonly ArtefactRecord[] {
    return [...this.known().artefacts.values()];
  }

  /** Artefacts with a fingerprint, the latest first. */
  artefactsNamed(fingerprint: string): readonly string[] {
    return this.known().named(fingerprint);
  }

  definition(hash: string): NodeDefinition | null {
    return this.#ledger.find(ledger => ledger.definitions.get(hash));
  }

  /** Whether two artefacts hold equal data in these columns (null: all); null if they were never compared. */
  equalKnown(a: string, b: string, columns: readonly string[] | null, ordered: boolean): boolean | null {
    return this.known().equal({ a, b, columns, ordered });
  }

  /** What an environment wrote outside the store, by table. */
  targetRecords(environment: EnvironmentName | null): readonly TargetRecord[] {
    return this.known().targets(environment);
  }

  lastAttempt(environment: EnvironmentName | null): RunAttempt | null {
    return this.known().attempt(environment);
  }

  /** All facts of the ledger, each once. */
  ledgerRecords(): readonly LedgerRecord[] {
    return [...this.known().records()];
  }

  /** The recorded place of an artefact, or else the file with its id. The files may be missing. */
  artefactPlace(id: string): Place {
    return this.artefact(id)?.place ?? unrecordedPlace(this.paths, id);
  }

  /** Size of an artefact's files in bytes; null if one of them is missing. */
  artefactBytes(id: string): number | null {
    return bytesOf(this.artefactPlace(id));
  }

  /** Checks size and time only. */
  checkArtefact(id: string): ArtefactState {
    const record = this.artefact(id);
    return record ? stateOf(record.place) : 'missing';
  }

  environmentNames(): readonly EnvironmentName[] {
    return readEnvironmentNames(this.paths);
  }

  /** All environments; `config` is null if the record cannot be read. */
  listEnvironments(): readonly EnvironmentListing[] {
    return readEnvironmentListings(this.paths);
  }

  /** null if the record is missing or cannot be read. Throws `format-too-new`. */
  environmentConfig(environment: EnvironmentName): EnvironmentConfig | null {
    return readEnvironmentConfig(this.paths, environment);
  }

  /** The text of `plan.json`, not validated. */
  planText(environment: EnvironmentName): string | null {
    return readText(this.paths.view(environment, 'plan.json'));
  }

  /** The text of an environment's `manifest.json`: that of its plan, or of its generation once applied. */
  planManifestText(environment: EnvironmentName): string | null {
    return readText(this.paths.view(environment, 'manifest.json'));
  }

  /** Throws `environment-name` if another environment shares the prefix, `unsafe-path` if a link is in its place. */
  assertNameFree(environment: EnvironmentName): void {
    assertOwnFolder(this.paths, environment);
    assertPrefixFree(environment, this.environmentNames());
  }

  /** The current state for planning: production, one environment and all artefact records. */
  snapshot(environment: EnvironmentName | null = null): StateSnapshot {
    // Heads first: a ledger that is read after them contains everything that they refer to.
    for (const each of [null, environment]) this.generations.head(each);
    return new LoadedState(this, { generations: this.generations.copy(), ledger: this.#ledger.latest().copy() });
  }

  /** Forgets everything, so that it is read again. */
  protected forget(): void {
    this.generations.forget();
    this.#ledger.forget();
  }

  /** The ledger, read on first use. */
  protected known(): Ledger {
    return this.#ledger.known();
  }
}
