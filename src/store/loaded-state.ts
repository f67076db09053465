import type { TargetRecord } from '../core/state/target-record.ts';
import type { EnvironmentName } from '../core/environment/environment-name.ts';
import type { ArtefactRecord } from '../core/state/artefact.ts';
import type { Generation, NodeDefinition } from '../core/state/generation.ts';
import type { StateSnapshot } from '../core/state/state-snapshot.ts';
import type { GenerationReader } from './generations/generation-reader.ts';
import type { Ledger } from './ledger/ledger.ts';

/** Records that never change; ones that were written after the snapshot can be read too. */
type Records = Pick<StateSnapshot, 'lineage' | 'artefact' | 'definition' | 'environmentNames'>;

interface LoadedParts {
  readonly generations: GenerationReader;
  readonly ledger: Ledger;
}

/** The store at one moment: later switches, names and comparisons are not visible. */
export class LoadedState implements StateSnapshot {
  readonly lineage: string | null;
  readonly #records: Records;
  readonly #generations: GenerationReader;
  readonly #ledger: Ledger;

  constructor(records: Records, { generations, ledger }: LoadedParts) {
    this.lineage = records.lineage;
    this.#records = records;
    this.#generations = generations;
    this.#ledger = ledger;
  }

  current(environment: EnvironmentName | null): Generation | null {
    return this.#generations.current(environment);
  }

  followsProduction(environment: EnvironmentName): boolean {
    return this.#generations.head(environment)?.follows ?? false;
  }

  generation(environment: EnvironmentName | null, serial: number): Generation | null {
    return this.#generations.find(environment, serial);
  }

  readable(environment: EnvironmentName | null, serial: number): Generation | null {
    return this.#generations.readable(environment, serial);
  }

  artefact(id: string): ArtefactRecord | null {
    return this.#ledger.artefacts.get(id) ?? this.#records.artefact(id);
  }

  artefactsNamed(fingerprint: string): readonly string[] {
    return this.#ledger.named(fingerprint);
  }

  equalKnown(a: string, b: string, columns: readonly string[] | null, ordered: boolean): boolean | null {
    return this.#ledger.equal({ a, b, columns, ordered });
  }

  targetRecords(environment: EnvironmentName | null): readonly TargetRecord[] {
    return this.#ledger.targets(environment);
  }

  definition(hash: string): NodeDefinition | null {
    return this.#ledger.definitions.get(hash) ?? this.#records.definition(hash);
  }

  environmentNames(): readonly EnvironmentName[] {
    return this.#records.environmentNames();
  }
}
