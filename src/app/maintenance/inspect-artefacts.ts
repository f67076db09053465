import type { ArtefactRecord } from '../../core/state/artefact.ts';
import type { NamedArtefact } from '../../store/doctor/inspect-history.ts';
import { type GenerationReference, generationsText, problem, type Problem } from '../../store/doctor/problem.ts';
import type { StoreReader } from '../../store/store-reader.ts';
import type { ExecutionSession } from '../../engine/execution/execution-session.ts';

export interface InspectedArtefacts {
  readonly checked: number;
  readonly problems: readonly Problem[];
  /** Ids of artefacts whose file changed after it was written. */
  readonly tampered: readonly string[];
}

/** The tools of an inspection. */
export interface Looking {
  readonly store: StoreReader;
  readonly signal: AbortSignal;
  execution(): Promise<ExecutionSession>;
}

/** Reads artefacts in full, even if size and time are unchanged. Reads undamaged ones only once. */
export class ArtefactInspection {
  readonly #whole = new Set<string>();

  /** Inspects the artefacts that generations refer to, and all others that could be reused. */
  async inspect(looking: Looking, named: readonly NamedArtefact[]): Promise<InspectedArtefacts> {
    const others = unnamed(looking.store, named);
    const problems: Problem[] = [];
    const tampered: string[] = [];
    for (const artefact of [...named, ...others]) {
      const found = await this.#inspectOne(looking, artefact);
      if (found !== null) problems.push(found);
      if (found?.code === 'artefact-tampered') tampered.push(artefact.id);
    }
    return { checked: named.length + others.length, problems, tampered };
  }

  async #inspectOne(looking: Looking, artefact: NamedArtefact): Promise<Problem | null> {
    const { store } = looking;
    const record = store.artefact(artefact.id);
    if (record === null) return lost(store, artefact, 'is not in the ledger');
    if (store.artefactBytes(artefact.id) === null) return lost(store, artefact, 'is missing');
    if (this.#whole.has(artefact.id)) return null;
    const mistake = await mistakeOf(looking, record);
    if (mistake !== null) return tamperedWith(artefact, mistake);
    this.#whole.add(artefact.id);
    return null;
  }
}

/** Artefacts with files that no kept generation refers to. */
function unnamed(store: StoreReader, named: readonly NamedArtefact[]): readonly NamedArtefact[] {
  const known = new Set(named.map(artefact => artefact.id));
  return store
    .artefacts()
    .filter(({ id }) => !known.has(id) && store.artefactBytes(id) !== null)
    .map(({ id, node }) => ({ id, node, generations: [] }));
}

async function mistakeOf({ signal, execution }: Looking, record: ArtefactRecord): Promise<string | null> {
  try {
    const session = await execution();
    const found = await session.identityOf(record.place, {});
    if (found.rows !== record.rows) return `it has ${found.rows} rows, but ${record.rows} were written`;
    return found.identity === record.identity ? null : 'its rows or columns differ from those that were written';
  } catch (error) {
    signal.throwIfAborted();
    return `it cannot be read: ${error instanceof Error ? (error.message.split('\n')[0] ?? '') : String(error)}`;
  }
}

function tamperedWith({ id, node, generations }: NamedArtefact, mistake: string): Problem {
  const hint = "It is no longer used. Run 'seeknal doctor --repair' to remove it.";
  const message = `The output ${id} of ${node}${usedIn(generations)} was changed: ${mistake}.`;
  return problem('artefact-tampered', message, { node, artefact: id, generations, hint });
}

function lost(store: StoreReader, { id, node, generations }: NamedArtefact, what: string): Problem {
  const message = `The output ${id} of ${node}${usedIn(generations)} ${what}.`;
  return problem('artefact-missing', message, {
    node,
    artefact: id,
    generations,
    hint: rebuildHint(store, generations),
  });
}

const usedIn = (generations: readonly GenerationReference[]): string =>
  generations.length === 0 ? '' : ` (${generationsText(generations)})`;

/** Hint: which command rebuilds a lost artefact, because it cannot be restored. */
function rebuildHint(store: StoreReader, generations: readonly GenerationReference[]): string {
  const names = new Map(store.environmentNames().map(name => [name as string, name]));
  const current = generations.filter(({ environment, serial }) => {
    const name = environment === null ? null : names.get(environment);
    return name !== undefined && store.head(name) === serial;
  });
  if (current.some(({ environment }) => environment === null)) return "The next 'seeknal run' rebuilds it.";
  const [first] = current;
  if (first?.environment) return `The next 'seeknal env apply ${first.environment}' rebuilds it.`;
  return 'Rolling back to that version is no longer possible.';
}
