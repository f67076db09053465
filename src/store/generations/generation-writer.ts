import type { Generation } from '../../core/state/generation.ts';
import { replaceFileSafely, type WriteContext } from '../write-context.ts';
import { renderGeneration, renderHead } from './generation-file.ts';
import type { GenerationReader } from './generation-reader.ts';

/** Saves generations and points environments to them. */
export class GenerationWriter {
  readonly #context: WriteContext;
  readonly #reader: GenerationReader;

  constructor(context: WriteContext, reader: GenerationReader) {
    this.#context = context;
    this.#reader = reader;
  }

  /** Saves a generation durably. Its artefacts and definitions must already be saved. */
  async save(generation: Generation, lineage: string | null): Promise<void> {
    const { paths, disk } = this.#context;
    const { environment, serial } = generation;
    disk.makeFolder(paths.generations(environment));
    const text = renderGeneration(generation, this.#baseOf(generation, lineage));
    await replaceFileSafely(this.#context, paths.generation(environment, serial), text);
    this.#reader.remember(generation);
  }

  /** Points the environment to a saved generation, in one rename. */
  async point({ environment, serial }: Generation): Promise<void> {
    const head = { serial, follows: false };
    await replaceFileSafely(this.#context, this.#context.paths.head(environment), renderHead(head));
    this.#reader.rememberHead(environment, head);
  }

  /** The base of an environment's generation; null for production and for a base in another store. */
  #baseOf({ environment, base }: Generation, lineage: string | null): Generation | null {
    return environment !== null && base?.lineage === lineage ? this.#reader.find(null, base.serial) : null;
  }
}
