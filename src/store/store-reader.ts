import { existsSync, statSync } from 'node:fs';
import { assertPrefixFree, type EnvironmentName } from '../core/environment/environment-name.ts';
import type { NodeId } from '../core/definition/nodes/node.ts';
import { readCacheFile, writeCacheFile } from './cache.ts';
import { realDisk } from './disk.ts';
import type { Disk } from '../core/disk.ts';
import {
  assertOwnFolder,
  type EnvironmentConfig,
  type EnvironmentListing,
  isRealFolder,
  LAST_USED_FILE,
  readEnvironmentConfig,
  readEnvironmentListings,
  readEnvironmentNames,
} from './generations/environment-records.ts';
import { type Head, parseGeneration, readHead, readSerials } from './generations/generation-file.ts';
import type { Ledger } from './ledger/ledger.ts';
import { LedgerReader } from './ledger/ledger-reader.ts';
import { assertHeadNotLost } from './recovery/lost-head.ts';
import { StorePaths } from './paths.ts';
import { randomId } from './random-id.ts';
import type { LedgerRecord, RunAttempt } from './records.ts';
import type { ArtefactRecord } from '../core/state/artefact.ts';
import type { Generation, NodeDefinition } from '../core/state/generation.ts';
import { assertKnownStore, readLineage } from './ledger/store-file.ts';
import { damaged, isDamage, readText } from './ledger/stored-json.ts';
import { viewFileName } from './views/view-name.ts';

/** `look-closer`: size or time differ from the record, as in a copy of the project; only the content tells. */
export type ArtefactState = 'good' | 'look-closer' | 'missing';

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
  protected readonly heads = new Map<EnvironmentName | null, Head | null>();
  readonly #ledger: LedgerReader;
  readonly #generations = new Map<string, Generation>();
  #lineage: string | null = null;

  constructor(paths: StorePaths, disk: Disk) {
    this.paths = paths;
    this.disk = disk;
    this.#ledger = new LedgerReader(paths.ledger);
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
    return this.headOf(environment)?.serial ?? null;
  }

  /** Whether an environment owns nothing and shows production, as after its promotion. */
  followsProduction(environment: EnvironmentName): boolean {
    return this.headOf(environment)?.follows ?? false;
  }

  /** What an environment shows: its own generation, or production's where it follows that; null where there is none. */
  current(environment: EnvironmentName | null): Generation | null {
    const head = this.headOf(environment);
    if (head === null) return null;
    if (head.follows && environment !== null) return this.current(null);
    const generation = this.generation(environment, head.serial);
    if (generation === null) throw damaged(this.paths.generation(environment, head.serial));
    return generation;
  }

  /** An earlier generation; null where it is not kept. */
  generation(environment: EnvironmentName | null, serial: number): Generation | null {
    const path = this.paths.generation(environment, serial);
    const known = this.#generations.get(path);
    if (known) return known;
    const text = readText(path);
    if (text === null) return null;
    const generation = parseGeneration(text, {
      path,
      // Production's generations stand for themselves.
      production: like => (environment === null ? null : this.generation(null, like)),
    });
    this.#generations.set(path, generation);
    return generation;
  }

  /** The same; null also where it is damaged. */
  readable(environment: EnvironmentName | null, serial: number): Generation | null {
    try {
      return this.generation(environment, serial);
    } catch (error) {
      if (isDamage(error)) return null;
      throw error;
    }
  }

  /** Serials of the generations that are kept of an environment, the latest first. */
  serials(environment: EnvironmentName | null): readonly number[] {
    return readSerials(this.paths.generations(environment));
  }

  artefact(id: string): ArtefactRecord | null {
    return this.#ledger.find(ledger => ledger.artefacts.get(id));
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

  /** Absolute; whether the file is there is another question. */
  artefactPath(id: string): string {
    return this.paths.artefact(id);
  }

  /** Size and time of an artefact's file; null where there is none. */
  artefactFile(id: string): { readonly size: number; readonly mtimeMs: number } | null {
    const file = statSync(this.paths.artefact(id), { throwIfNoEntry: false });
    return file?.isFile() ? { size: file.size, mtimeMs: file.mtimeMs } : null;
  }

  /** Looks at size and time alone. */
  checkArtefact(id: string): ArtefactState {
    const record = this.artefact(id);
    const file = this.artefactFile(id);
    if (!record || !file) return 'missing';
    return file.size === record.place.size && file.mtimeMs === record.place.mtimeMs ? 'good' : 'look-closer';
  }

  /** From the project root, with `/`: where people find a node's output. */
  viewPath(environment: EnvironmentName | null, id: NodeId): string {
    const folder = environment === null ? 'target' : `target/environments/${environment}`;
    return `${folder}/intermediate/${viewFileName(id)}`;
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

  /** A file of `target/cache/`; null where there is none. */
  readCache(name: string): string | null {
    return readCacheFile(this.paths, name);
  }

  /** Replaces a file of `target/cache/` at once; needs no lock, and failing to costs only speed. */
  writeCache(name: string, text: string): void {
    writeCacheFile({ paths: this.paths, disk: this.disk }, name, text);
  }

  /** Absolute; a folder under `target/store/tmp` for what an engine spills, of its own for each call and not made yet. */
  spillFolder(): string {
    return this.paths.spill(randomId());
  }

  /** Notes that somebody looks at an environment, without the lock; failing to is no error. */
  touch(environment: EnvironmentName, now: Date): void {
    if (!isRealFolder(this.paths.environments) || !isRealFolder(this.paths.views(environment))) return;
    const path = this.paths.view(environment, LAST_USED_FILE);
    try {
      this.disk.append(path, '');
      this.disk.setModified(path, now);
    } catch {
      // A folder that may not be written, or was just removed: looking goes on.
    }
  }

  protected headOf(environment: EnvironmentName | null): Head | null {
    const known = this.heads.get(environment);
    if (known !== undefined) return known;
    const head = this.#readHead(environment);
    this.heads.set(environment, head);
    return head;
  }

  /** Reads all anew when it is next asked for. */
  protected forget(): void {
    this.heads.clear();
    this.#generations.clear();
    this.#ledger.forget();
  }

  /** The ledger, read when first needed. */
  protected known(): Ledger {
    return this.#ledger.known();
  }

  protected remember(generation: Generation): void {
    this.#generations.set(this.paths.generation(generation.environment, generation.serial), generation);
  }

  /**
   * An environment without a folder was deleted, whatever is left of its history. A deletion may also take the generation
   * right after the head was read: then the head is looked at once more.
   */
  #readHead(environment: EnvironmentName | null): Head | null {
    if (environment !== null && !isRealFolder(this.paths.views(environment))) return null;
    const head = readHead(this.paths.head(environment));
    if (head === null) assertHeadNotLost(this.paths, environment);
    if (head === null || head.follows || this.readable(environment, head.serial) !== null) return head;
    // One that is damaged is there: whoever asks for it is told.
    return existsSync(this.paths.generation(environment, head.serial)) ? head : readHead(this.paths.head(environment));
  }
}
