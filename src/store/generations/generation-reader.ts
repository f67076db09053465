import { existsSync } from 'node:fs';
import type { EnvironmentName } from '../../core/environment/environment-name.ts';
import type { Generation } from '../../core/state/generation.ts';
import { damaged, isDamage, readText } from '../ledger/stored-json.ts';
import type { StorePaths } from '../paths.ts';
import { isRealFolder } from '../real-folder.ts';
import { assertHeadNotLost } from '../recovery/lost-head.ts';
import { type Head, parseGeneration, readHead, readSerials } from './generation-file.ts';

/** Reads what environments point to. Each environment is seen as it was when first asked for. */
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

  /** Throws `store-damaged` where the generation that an environment points to is missing or cannot be read. */
  current(environment: EnvironmentName | null): Generation | null {
    const head = this.head(environment);
    if (head === null) return null;
    if (head.follows && environment !== null) return this.current(null);
    const generation = this.find(environment, head.serial);
    if (generation === null) throw damaged(this.#paths.generation(environment, head.serial));
    return generation;
  }

  /** null where it is not kept. Throws `store-damaged`. */
  find(environment: EnvironmentName | null, serial: number): Generation | null {
    const path = this.#paths.generation(environment, serial);
    const known = this.#generations.get(path);
    if (known) return known;
    const text = readText(path);
    if (text === null) return null;
    const generation = parseGeneration(text, {
      path,
      // Production's generations are complete in themselves.
      production: like => (environment === null ? null : this.find(null, like)),
    });
    this.#generations.set(path, generation);
    return generation;
  }

  /** null where it is not kept or damaged. */
  readable(environment: EnvironmentName | null, serial: number): Generation | null {
    try {
      return this.find(environment, serial);
    } catch (error) {
      if (isDamage(error)) return null;
      throw error;
    }
  }

  /** Serials of the generations that are kept, the latest first. */
  serials(environment: EnvironmentName | null): readonly number[] {
    return readSerials(this.#paths.generations(environment));
  }

  /** A reader that sees every environment as this one has, whatever this one comes to point to. */
  copy(): GenerationReader {
    const reader = new GenerationReader(this.#paths);
    for (const [environment, head] of this.#heads) reader.#heads.set(environment, head);
    for (const [path, generation] of this.#generations) reader.#generations.set(path, generation);
    return reader;
  }

  remember(generation: Generation): void {
    this.#generations.set(this.#paths.generation(generation.environment, generation.serial), generation);
  }

  /** What an environment was just made to point to. */
  rememberHead(environment: EnvironmentName | null, head: Head | null): void {
    this.#heads.set(environment, head);
  }

  /** Reads heads anew when they are next asked for. */
  forgetHeads(): void {
    this.#heads.clear();
  }

  /** The same, and generations too. */
  forget(): void {
    this.forgetHeads();
    this.#generations.clear();
  }

  /**
   * An environment without a folder was deleted, whatever is left of its history. A deletion may also take the generation
   * right after the head was read: then the head is looked at once more.
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
