import type { EnvironmentName } from '../../core/environment/environment-name.ts';
import type { LedgerRecord, RunAttempt } from '../records.ts';
import type { ArtefactRecord } from '../../core/state/artefact.ts';
import type { NodeDefinition } from '../../core/state/generation.ts';
import type { TargetRecord } from '../../core/state/target-record.ts';
import { PRODUCTION } from '../paths.ts';

export const LEDGER_HEADER = `${JSON.stringify({ format: 'seeknal.ledger', version: 1 })}\n`;

/** The records of the ledger, indexed. Adding a record twice has no effect. */
export class Ledger {
  readonly artefacts = new Map<string, ArtefactRecord>();
  readonly definitions = new Map<string, NodeDefinition>();
  /** The earliest first; lists are replaced, never changed, so that copies can share them. */
  readonly #names = new Map<string, readonly string[]>();
  readonly #equals = new Map<string, boolean>();
  readonly #attempts = new Map<string, RunAttempt>();
  /** By environment and table: the latest. */
  readonly #targets = new Map<string, TargetRecord>();

  add(record: LedgerRecord): void {
    switch (record.t) {
      case 'artefact': {
        const { t: _, ...artefact } = record;
        this.artefacts.set(artefact.id, artefact);
        return;
      }
      case 'name':
        this.#addName(record.fingerprint, record.artefact);
        return;
      case 'definition':
        // `defineNode` is only given node definitions.
        this.definitions.set(record.hash, record.definition as unknown as NodeDefinition);
        return;
      case 'equal':
        this.#equals.set(equalKey(record), record.equal);
        return;
      case 'attempt':
        this.#attempts.set(record.environment ?? PRODUCTION, {
          at: record.at,
          status: record.status,
          failed: record.failed,
        });
        return;
      case 'target': {
        const { t: _, ...target } = record;
        this.#targets.set(targetKey(target), target);
      }
    }
  }

  /** Artefacts known under a fingerprint, the latest first. */
  named(fingerprint: string): readonly string[] {
    return [...(this.#names.get(fingerprint) ?? [])].filter(id => this.artefacts.has(id)).reverse();
  }

  hasName(fingerprint: string, artefact: string): boolean {
    return this.#names.get(fingerprint)?.includes(artefact) ?? false;
  }

  equal(question: EqualQuestion): boolean | null {
    return question.a === question.b ? true : (this.#equals.get(equalKey(question)) ?? null);
  }

  /** All facts, each once, in the form of records. */
  *records(): Generator<LedgerRecord> {
    for (const artefact of this.artefacts.values()) yield { t: 'artefact', ...artefact };
    for (const [fingerprint, names] of this.#names) {
      for (const artefact of names) yield { t: 'name', fingerprint, artefact };
    }
    for (const [hash, definition] of this.definitions) yield { t: 'definition', hash, definition: { ...definition } };
    for (const [key, equal] of this.#equals) yield { t: 'equal', ...parseEqualKey(key), equal };
    for (const [name, attempt] of this.#attempts) {
      yield { t: 'attempt', environment: name === PRODUCTION ? null : (name as EnvironmentName), ...attempt };
    }
    for (const target of this.#targets.values()) yield { t: 'target', ...target };
  }

  /** What an environment wrote outside the store, by table. */
  targets(environment: EnvironmentName | null): readonly TargetRecord[] {
    return [...this.#targets.values()].filter(target => target.environment === environment);
  }

  attempt(environment: EnvironmentName | null): RunAttempt | null {
    return this.#attempts.get(environment ?? PRODUCTION) ?? null;
  }

  #addName(fingerprint: string, artefact: string): void {
    const names = this.#names.get(fingerprint) ?? [];
    if (!names.includes(artefact)) this.#names.set(fingerprint, [...names, artefact]);
  }

  /** An independent copy. */
  copy(): Ledger {
    const ledger = new Ledger();
    copyInto(ledger.artefacts, this.artefacts);
    copyInto(ledger.definitions, this.definitions);
    copyInto(ledger.#names, this.#names);
    copyInto(ledger.#equals, this.#equals);
    copyInto(ledger.#attempts, this.#attempts);
    copyInto(ledger.#targets, this.#targets);
    return ledger;
  }
}

function copyInto<K, V>(to: Map<K, V>, from: ReadonlyMap<K, V>): void {
  for (const [key, value] of from) to.set(key, value);
}

const targetKey = ({ environment, table }: TargetRecord): string =>
  JSON.stringify([environment, table.endpoint, table.name]);

export interface EqualQuestion {
  readonly a: string;
  readonly b: string;
  readonly columns: readonly string[] | null;
  readonly ordered: boolean;
}

/** The order of the two artefacts and of the columns does not affect a comparison. */
const equalKey = ({ a, b, columns, ordered }: EqualQuestion): string =>
  JSON.stringify([...(a < b ? [a, b] : [b, a]), columns && [...columns].sort(), ordered]);

function parseEqualKey(key: string): EqualQuestion {
  // `equalKey` wrote the key.
  const [a, b, columns, ordered] = JSON.parse(key) as [string, string, readonly string[] | null, boolean];
  return { a, b, columns, ordered };
}
