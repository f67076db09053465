import type { EnvironmentName } from '../environment/environment-name.ts';
import type { JsonObject } from '../json.ts';
import type { NodeId } from '../definition/nodes/node.ts';
import type { NodeParameters } from '../parameters/node-parameters.ts';

/** What a generation stores of a definition: the node's document, and the values that were given to its parameters. */
export interface NodeDefinition {
  readonly document: JsonObject;
  readonly values: JsonObject;
}

export interface GenerationNode {
  readonly id: NodeId;
  /** From the project root, with `/`. */
  readonly file: string;
  /** Hash under which the ledger holds the definition. */
  readonly definition: string;
  readonly artefact: string;
  readonly fingerprint: string;
  readonly status: 'executed' | 'reused' | 'cut_off' | 'promoted';
  /** When this entry last changed. */
  readonly at: string;
  /** Left out where the node uses none. */
  readonly parameters?: NodeParameters;
  readonly targets: readonly [];
}

/** The git commit that definitions were checked out from, and whether they were just as in it. */
export interface DefinitionsCommit {
  readonly hash: string;
  readonly clean: boolean;
}

/** A promotion or rollback that a generation undid for a node, on purpose. */
export interface Reverted {
  readonly serial: number;
  readonly node: NodeId;
}

/** A version of an environment, whole; never changed once written. */
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
  /** Of a rollback: the generation whose content it shows; left out elsewhere. */
  readonly restored?: number;
  /** Where its definitions come from; null or left out without git. */
  readonly commit?: DefinitionsCommit | null;
  /** Left out where there are none. */
  readonly reverted?: readonly Reverted[];
  /** Fingerprint of the plan that it carried out. */
  readonly plan: string | null;
  readonly nodes: readonly GenerationNode[];
}

export type GenerationDraft = Omit<Generation, 'environment' | 'serial' | 'parent'>;

/** What a plan was made from, as plans name it. */
export function baseOf(lineage: string | null, generation: Generation | null): Generation['base'] {
  return generation && lineage !== null ? { lineage, serial: generation.serial } : null;
}
