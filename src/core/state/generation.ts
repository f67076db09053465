import type { EnvironmentName } from '../environment/environment-name.ts';
import type { JsonObject } from '../json.ts';
import type { NodeId } from '../definition/nodes/node.ts';
import type { NodeParameters } from '../parameters/node-parameters.ts';

/** A stored definition: the node's document, and the values given to its parameters. */
export interface NodeDefinition {
  readonly document: JsonObject;
  readonly values: JsonObject;
}

export interface GenerationNode {
  readonly id: NodeId;
  /** From the project root, with `/`. */
  readonly file: string;
  /** Hash of the definition in the ledger. */
  readonly definition: string;
  readonly artefact: string;
  readonly fingerprint: string;
  readonly status: 'executed' | 'reused' | 'cut_off' | 'promoted';
  /** When this entry last changed. */
  readonly at: string;
  /** Omitted if the node uses none. */
  readonly parameters?: NodeParameters;
  readonly targets: readonly [];
}

/** The git commit that was checked out, and whether the definitions were identical to it. */
export interface DefinitionsCommit {
  readonly hash: string;
  readonly clean: boolean;
}

/** A promotion or rollback that a generation deliberately undid for a node. */
export interface Reverted {
  readonly serial: number;
  readonly node: NodeId;
}

/** A complete version of an environment; immutable once written. */
export interface Generation {
  /** null is production. */
  readonly environment: EnvironmentName | null;
  /** Counts from 1 in each environment. */
  readonly serial: number;
  readonly parent: number | null;
  /** The production generation that it was planned from. */
  readonly base: { readonly lineage: string; readonly serial: number } | null;
  readonly cause: 'run' | 'apply' | 'promote' | 'rollback';
  readonly from: string | null;
  readonly by: string;
  readonly at: string;
  /** The generation that a rollback restored; omitted for other causes. */
  readonly restored?: number;
  /** Where its definitions come from; null or omitted without git. */
  readonly commit?: DefinitionsCommit | null;
  /** Omitted if there are none. */
  readonly reverted?: readonly Reverted[];
  /** Fingerprint of the plan that it carried out. */
  readonly plan: string | null;
  readonly nodes: readonly GenerationNode[];
}

export type GenerationDraft = Omit<Generation, 'environment' | 'serial' | 'parent'>;

/** A reference to a generation as the base of a plan; null without production. */
export function baseOf(lineage: string | null, generation: Generation | null): Generation['base'] {
  return generation && lineage !== null ? { lineage, serial: generation.serial } : null;
}
