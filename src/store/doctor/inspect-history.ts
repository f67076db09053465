import type { EnvironmentName } from '../../core/environment/environment-name.ts';
import { ToolError } from '../../diagnostics/tool-error.ts';
import type { StorePaths } from '../paths.ts';
import { type GenerationReference, generationsText, problem, type Problem, shownPath } from './problem.ts';
import type { Generation } from '../../core/state/generation.ts';
import type { StoreReader } from '../store-reader.ts';

/** An artefact, with all generations that refer to it. */
export interface NamedArtefact {
  readonly id: string;
  readonly node: string;
  readonly generations: readonly GenerationReference[];
}

export interface InspectedHistory {
  readonly generations: number;
  readonly artefacts: readonly NamedArtefact[];
  readonly problems: readonly Problem[];
}

/** Reads every generation and checks its definitions and base. Does not check the content of artefacts. */
export function inspectHistory(store: StoreReader, paths: StorePaths): InspectedHistory {
  const inspection = new Inspection(store, paths);
  for (const environment of [null, ...store.environmentNames()]) inspection.environment(environment);
  return inspection.result();
}

interface Origin {
  readonly environment: EnvironmentName | null;
  readonly path: string;
  /** What to do if it cannot be read. */
  readonly hint: string;
}

class Inspection {
  readonly #store: StoreReader;
  readonly #paths: StorePaths;
  readonly #problems: Problem[] = [];
  readonly #artefacts = new Map<string, { id: string; node: string; generations: GenerationReference[] }>();
  readonly #missingDefinitions = new Map<string, { node: string; generations: GenerationReference[] }>();
  #generations = 0;

  constructor(store: StoreReader, paths: StorePaths) {
    this.#store = store;
    this.#paths = paths;
  }

  environment(environment: EnvironmentName | null): void {
    this.#head(environment);
    for (const serial of this.#store.serials(environment)) {
      this.#generations += 1;
      const generation = this.#read(environment, serial);
      if (generation !== null) this.#references(generation);
    }
  }

  result(): InspectedHistory {
    const missingDefinitions = [...this.#missingDefinitions].map(([hash, { node, generations }]) =>
      problem(
        'definition-missing',
        `Definition ${hash.slice(0, 16)} of ${node} is missing from the ledger (${generationsText(generations)}).`,
        { node, generations, hint: RESTORE },
      ),
    );
    const artefacts = [...this.#artefacts.values()];
    return { generations: this.#generations, artefacts, problems: [...this.#problems, ...missingDefinitions] };
  }

  #head(environment: EnvironmentName | null): void {
    const path = shownPath(this.#paths, this.#paths.head(environment));
    const serial = this.#attempt({ environment, path, hint: REPAIR_HEAD }, () => this.#store.head(environment));
    if (serial === null || this.#store.serials(environment).includes(serial)) return;
    const name = environment ?? 'Production';
    this.#problems.push(
      problem('generation-damaged', `${name} is at generation ${serial}, which does not exist.`, {
        environment,
        generations: [{ environment, serial }],
        path,
        hint: wayOut(environment),
      }),
    );
  }

  #read(environment: EnvironmentName | null, serial: number): Generation | null {
    const path = shownPath(this.#paths, this.#paths.generation(environment, serial));
    const hint = this.#isCurrent(environment, serial) ? wayOut(environment) : EARLIER;
    return this.#attempt({ environment, path, hint }, () => this.#store.generation(environment, serial));
  }

  /** Whether an environment shows this generation; true if its head cannot be read. */
  #isCurrent(environment: EnvironmentName | null, serial: number): boolean {
    try {
      const head = this.#store.head(environment);
      return head === null || head === serial;
    } catch {
      return true;
    }
  }

  #attempt<T>({ environment, path, hint }: Origin, read: () => T | null): T | null {
    try {
      return read();
    } catch (error) {
      if (!(error instanceof ToolError)) throw error;
      const known = this.#problems.some(entry => entry.path === path);
      if (!known) {
        const message = error.code === 'store-damaged' ? `${path} is damaged.` : error.message;
        this.#problems.push(problem('generation-damaged', message, { environment, path, hint }));
      }
      return null;
    }
  }

  #references(generation: Generation): void {
    const { environment, serial, base } = generation;
    const reference = { environment, serial };
    for (const { id: node, artefact, definition } of generation.nodes) {
      const named = this.#artefacts.get(artefact) ?? { id: artefact, node, generations: [] };
      named.generations.push(reference);
      this.#artefacts.set(artefact, named);
      if (this.#store.definition(definition) !== null) continue;
      const missing = this.#missingDefinitions.get(definition) ?? { node, generations: [] };
      missing.generations.push(reference);
      this.#missingDefinitions.set(definition, missing);
    }
    if (environment !== null && base?.lineage === this.#store.lineage) this.#base(reference, base.serial);
  }

  #base(reference: GenerationReference, serial: number): void {
    if (this.#store.serials(null).includes(serial)) return;
    const { environment } = reference;
    const message = `Generation ${reference.serial} of ${environment} is based on production generation ${serial}, which does not exist.`;
    const hint = `Run 'seeknal env plan ${environment}' and 'seeknal env apply ${environment}' to base it on the current production.`;
    this.#problems.push(problem('base-missing', message, { environment, generations: [reference], hint }));
  }
}

const RESTORE = 'Restore target/ from a backup, or delete target/ and run again.';

const EARLIER =
  'This is not the current generation; only a rollback to it, or to a generation based on it, fails. Restore it from a backup of target/ if you need it.';

const REPAIR_HEAD =
  "If no other file is damaged, run 'seeknal doctor --repair' to point it to the latest generation; otherwise restore target/ from a backup.";

const wayOut = (environment: string | null): string =>
  environment === null
    ? RESTORE
    : `Restore target/ from a backup, or run 'seeknal env delete ${environment}', then plan and apply it again.`;
