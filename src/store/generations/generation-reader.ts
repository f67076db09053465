import { existsSync } from 'node:fs';
import type { EnvironmentName } from '../../core/environment/environment-name.ts';
import type { Generation } from '../../core/state/generation.ts';
import { damaged, isDamage, readText } from '../ledger/stored-json.ts';
import type { StorePaths } from '../paths.ts';
import { isRealFolder } from '../real-folder.ts';
import { assertHeadNotLost } from '../recovery/lost-head.ts';
import { type Head, parseGeneration, readHead, readSerials } from './generation-file.ts';

/** Reads the heads and generations of environments. Each head is read once and then remembered. */
export class GenerationReader {
  readonly #paths: StorePaths;
  readonly #heads = new Map<EnvironmentName | null, Head | null>();
  readonly #generations = new Map<string, Generation>();

  constructor(paths: StorePaths) {
    this.#paths = paths;
  }

  head(environment: EnvironmentName | null): Head | null {
    const known = this.#heads.get(environment);
    if (known !== undefined) return known;
    const head = this.#readHead(environment);
    this.#heads.set(environment, head);
    return head;
  }

  /** Throws `store-damaged` if the generation that an environment points to is missing or cannot be read. */
  current(environment: EnvironmentName | null): Generation | null {
    const head = this.head(environment);
    if (head === null) return null;
    if (head.follows && environment !== null) return this.current(null);
    const generation = this.find(environment, head.serial);
    if (generation === null) throw damaged(this.#paths.generation(environment, head.serial));
    return generation;
  }

  /** null if it does not exist. Throws `store-damaged`. */
  find(environment: EnvironmentName | null, serial: number): Generation | null {
    const path = this.#paths.generation(environment, serial);
    const known = this.#generations.get(path);
    if (known) return known;
    const text = readText(path);
    if (text === null) return null;
    const generation = parseGeneration(text, {
      path,
      // Production's generations refer to no other generation.
      production: like => (environment === null ? null : this.find(null, like)),
    });
    this.#generations.set(path, generation);
    return generation;
  }

  /** null if it does not exist or is damaged. */
  readable(environment: EnvironmentName | null, serial: number): Generation | null {
    try {
      return this.find(environment, serial);
    } catch (error) {
      if (isDamage(error)) return null;
      throw error;
    }
  }

  /** Serials of an environment's generations, the latest first. */
  serials(environment: EnvironmentName | null): readonly number[] {
    return readSerials(this.#paths.generations(environment));
  }

  /** An independent reader with the same heads and generations. */
  copy(): GenerationReader {
    const reader = new GenerationReader(this.#paths);
    for (const [environment, head] of this.#heads) reader.#heads.set(environment, head);
    for (const [path, generation] of this.#generations) reader.#generations.set(path, generation);
    return reader;
  }

  remember(generation: Generation): void {
    this.#generations.set(this.#paths.generation(generation.environment, generation.serial), generation);
  }

  /** Remembers a head that was just written. */
  rememberHead(environment: EnvironmentName | null, head: Head | null): void {
    this.#heads.set(environment, head);
  }

  /** Forgets the heads, so that they are read again. */
  forgetHeads(): void {
    this.#heads.clear();
  }

  /** Forgets heads and generations, so that they are read again. */
  forget(): void {
    this.forgetHeads();
    this.#generations.clear();
  }

  /**
   * An environment without a folder was deleted, even if part of its history is left. Another command may delete the
   * generation right after the head was read, so the head is then read again.
   */
  #readHead(environment: EnvironmentName | null): Head | null {
    if (environment !== null && !isRealFolder(this.#paths.views(environment))) return null;
    const path = this.#paths.head(environment);
    const head = readHead(path);
    if (head === null) assertHeadNotLost(this.#paths, environment);
    if (head === null || head.follows || this.readable(environment, head.serial) !== null) return head;
    // A damaged generation exists: reading it says so.
    return existsSync(this.#paths.generation(environment, head.serial)) ? head : readHead(path);
  }
}
