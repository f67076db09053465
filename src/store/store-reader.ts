import { assertPrefixFree, type EnvironmentName } from '../core/environment/environment-name.ts';
import type { Disk } from '../core/disk.ts';
import type { ArtefactRecord } from '../core/state/artefact.ts';
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

/** Opens a project's store for reading; one without reads as empty, and nothing is made. Throws `format-too-new`, `target-taken`. */
export function openStore(root: string, options: { readonly disk?: Disk } = {}): StoreReader {
  const paths = new StorePaths(root);
  assertKnownStore(paths);
  return new StoreReader(paths, options.disk ?? realDisk);
}

/** Read-only view of the store. Each environment is seen as it was when first asked for, whatever is switched meanwhile. */
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

  /** The store's own random id; null where there is no store yet. */
  get lineage(): string | null {
    this.#lineage ??= readLineage(this.paths);
    return this.#lineage;
  }

  /** Throws `format-too-new` for a store that this version does not understand, before anything of it is touched. */
  assertReadable(): void {
    this.#lineage = readLineage(this.paths);
  }

  /** Serial of the generation that an environment last switched to; null where it never did. */
  head(environment: EnvironmentName | null): number | null {
    return this.generations.head(environment)?.serial ?? null;
  }

  /** Whether an environment owns nothing and shows production, as after its promotion. */
  followsProduction(environment: EnvironmentName): boolean {
    return this.generations.head(environment)?.follows ?? false;
  }

  /** What an environment shows: its own generation, or production's where it follows that; null where there is none. */
  current(environment: EnvironmentName | null): Generation | null {
    return this.generations.current(environment);
  }

  /** An earlier generation; null where it is not kept. */
  generation(environment: EnvironmentName | null, serial: number): Generation | null {
    return this.generations.find(environment, serial);
  }

  /** The same; null also where it is damaged. */
  readable(environment: EnvironmentName | null, serial: number): Generation | null {
    return this.generations.readable(environment, serial);
  }

  /** Serials of the generations that are kept of an environment, the latest first. */
  serials(environment: EnvironmentName | null): readonly number[] {
    return this.generations.serials(environment);
  }

  artefact(id: string): ArtefactRecord | null {
    return this.#ledger.find(ledger => ledger.artefacts.get(id));
  }

  /** All artefacts that the ledger tells of. */
  artefacts(): readonly ArtefactRecord[] {
    return [...this.known().artefacts.values()];
  }

  /** Artefacts known under a fingerprint, the latest first. */
  artefactsNamed(fingerprint: string): readonly string[] {
    return this.known().named(fingerprint);
  }

  definition(hash: string): NodeDefinition | null {
    return this.#ledger.find(ledger => ledger.definitions.get(hash));
  }

  /** Whether two artefacts were found to hold equal data in these columns (null: all); null where nobody compared them. */
  equalKnown(a: string, b: string, columns: readonly string[] | null, ordered: boolean): boolean | null {
    return this.known().equal({ a, b, columns, ordered });
  }

  lastAttempt(environment: EnvironmentName | null): RunAttempt | null {
    return this.known().attempt(environment);
  }

  /** All that the ledger says, each fact once. */
  ledgerRecords(): readonly LedgerRecord[] {
    return [...this.known().records()];
  }

  /** Where an artefact's data are: as recorded, else in the file of its name. Whether they are there is another question. */
  artefactPlace(id: string): Place {
    return this.artefact(id)?.place ?? unrecordedPlace(this.paths, id);
  }

  /** Bytes of an artefact's files; null where one of them is missing. */
  artefactBytes(id: string): number | null {
    return bytesOf(this.artefactPlace(id));
  }

  /** Looks at size and time alone. */
  checkArtefact(id: string): ArtefactState {
    const record = this.artefact(id);
    return record ? stateOf(record.place) : 'missing';
  }

  environmentNames(): readonly EnvironmentName[] {
    return readEnvironmentNames(this.paths);
  }

  /** All environments; one whose record cannot be read has `config: null`. */
  listEnvironments(): readonly EnvironmentListing[] {
    return readEnvironmentListings(this.paths);
  }

  /** null where there is none that can be read. Throws `format-too-new`. */
  environmentConfig(environment: EnvironmentName): EnvironmentConfig | null {
    return readEnvironmentConfig(this.paths, environment);
  }

  /** `plan.json` as it stands; whether it is whole is for its reader to check. */
  planText(environment: EnvironmentName): string | null {
    return readText(this.paths.view(environment, 'plan.json'));
  }

  /** `manifest.json` of an environment: of its plan, or of its generation since it was applied. */
  planManifestText(environment: EnvironmentName): string | null {
    return readText(this.paths.view(environment, 'manifest.json'));
  }

  /** Throws `environment-name` where another environment shares the prefix, `unsafe-path` where a link stands in its place. */
  assertNameFree(environment: EnvironmentName): void {
    assertOwnFolder(this.paths, environment);
    assertPrefixFree(environment, this.environmentNames());
  }

  /** The store as it is now, for planning: production and one environment, and what is known of artefacts. */
  snapshot(environment: EnvironmentName | null = null): StateSnapshot {
    // Generations first: what they name is in a ledger that is read after them.
    for (const each of [null, environment]) this.generations.head(each);
    return new LoadedState(this, { generations: this.generations.copy(), ledger: this.#ledger.latest().copy() });
  }

  /** Reads all anew when it is next asked for. */
  protected forget(): void {
    this.generations.forget();
    this.#ledger.forget();
  }

  /** The ledger, read when first needed. */
  protected known(): Ledger {
    return this.#ledger.known();
  }
}
