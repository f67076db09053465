import type { ArtefactRecord } from '../core/state/artefact.ts';
import type { ArtefactVerifier } from '../store/artefacts/artefact-verifier.ts';
import type { StoreReader } from '../store/store-reader.ts';
import type { ExecutionSession } from '../engine/execution/execution-session.ts';

/** In what two artefacts are compared. */
export interface Compared {
  readonly columns: readonly string[];
  readonly ordered: boolean;
}

type Output = Pick<ArtefactRecord, 'columns' | 'rows' | 'identity'>;

/** What the records of two artefacts say of their data being equal; null where only the data tell. */
export function compareRecords(a: Output, b: Output, { columns, ordered }: Compared): boolean | null {
  if (a.rows !== b.rows || !columns.every(name => typeIn(a, name) !== undefined && typeIn(a, name) === typeIn(b, name)))
    return false;
  if (columns.length === 0) return true;
  if (ordered || listOf(a) !== listOf(b)) return null;
  if (a.identity === b.identity) return true;
  return a.columns.every(column => columns.includes(column.name)) ? false : null;
}

const typeIn = ({ columns }: Pick<Output, 'columns'>, name: string): string | undefined =>
  columns.find(column => column.name === name)?.type;

const listOf = ({ columns }: Output): string => JSON.stringify(columns.map(({ name, type }) => [name, type]));

interface Comparing {
  readonly store: StoreReader;
  readonly checks: ArtefactVerifier;
  execution(): Promise<ExecutionSession>;
}

/** Says which artefacts hold equal data; what nobody compared yet is noted, and compared when that is asked for. Writes nothing. */
export class Comparisons {
  readonly #around: Comparing;
  readonly #found = new Map<string, boolean>();
  readonly #open = new Map<string, readonly [string, string, Compared]>();

  constructor(around: Comparing) {
    this.#around = around;
  }

  equal(a: string, b: string, compared: Compared): boolean | null {
    const { store } = this.#around;
    const known = store.equalKnown(a, b, compared.columns, compared.ordered);
    if (known !== null) return known;
    const [before, now] = [store.artefact(a), store.artefact(b)];
    if (!before || !now) return false;
    const key = JSON.stringify([a, b, compared]);
    const found = compareRecords(before, now, compared) ?? this.#found.get(key) ?? null;
    if (found === null) this.#open.set(key, [a, b, compared]);
    return found;
  }

  /** Reads what was noted; false where there was nothing. */
  async compareRest(): Promise<boolean> {
    const rest = [...this.#open];
    this.#open.clear();
    for (const [key, pair] of rest) this.#found.set(key, await this.#compare(pair));
    return rest.length > 0;
  }

  async #compare([a, b, { columns, ordered }]: readonly [string, string, Compared]): Promise<boolean> {
    const { store, checks } = this.#around;
    if (!(await checks.isWhole(a)) || !(await checks.isWhole(b))) return false;
    const session = await this.#around.execution();
    const read = (store.artefact(b)?.columns ?? []).filter(column => columns.includes(column.name));
    const [before, now] = [
      await session.identityOf(store.artefactPlace(a), { columns: read, ordered }),
      await session.identityOf(store.artefactPlace(b), { columns: read, ordered }),
    ];
    return before.identity === now.identity;
  }
}
