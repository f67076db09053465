import type { Generation } from '../../core/state/generation.ts';
import { replaceFileSafely, type WriteContext } from '../write-context.ts';
import { renderGeneration, renderHead } from './generation-file.ts';
import type { GenerationReader } from './generation-reader.ts';

/** Saves generations, and makes environments point to them. */
export class GenerationWriter {
  readonly #context: WriteContext;
  readonly #reader: GenerationReader;

  constructor(context: WriteContext, reader: GenerationReader) {
    this.#context = context;
    this.#reader = reader;
  }

  /** Survives a power cut once this resolves; all that the generation speaks of has to be saved before. */
  async save(generation: Generation, lineage: string | null): Promise<void> {
    const { paths, disk } = this.#context;
    const { environment, serial } = generation;
    disk.makeFolder(paths.generations(environment));
    const text = renderGeneration(generation, this.#baseOf(generation, lineage));
    await replaceFileSafely(this.#context, paths.generation(environment, serial), text);
    this.#reader.remember(generation);
  }

  /** Makes a saved generation the environment's current one, in one rename. */
  async point({ environment, serial }: Generation): Promise<void> {
    const head = { serial, follows: false };
    await replaceFileSafely(this.#context, this.#context.paths.head(environment), renderHead(head));
    this.#reader.rememberHead(environment, head);
  }

  /** The production generation that an environment's was planned from, where it is of this store. */
  #baseOf({ environment, base }: Generation, lineage: string | null): Generation | null {
    return environment !== null && base?.lineage === lineage ? this.#reader.find(null, base.serial) : null;
  }
}
