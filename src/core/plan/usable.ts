import type { NodeId } from '../definition/nodes/node.ts';
import type { InputRead, NodeAnalysis } from './analysis.ts';

/** An artefact that might serve a node, and the artefacts that it was built from. */
export interface Candidate {
  readonly artefact: string;
  /** 'local': only the query is known to mean the same; its inputs must be the very ones, or equal. */
  readonly by: 'fingerprint' | 'local';
  readonly inputs: Readonly<Record<string, string>>;
}

/** What a node's input is, or will be. */
export type InputState =
  | { readonly kind: 'settled'; readonly artefact: string }
  /** Reused only if its own inputs turn out equal. */
  | { readonly kind: 'to-verify' }
  /** To be made; `volatile` says what of it differs each time. */
  | { readonly kind: 'to-make'; readonly volatile: NodeAnalysis['volatile'] };

/** Answers about artefacts; null where only a look at their data can tell. */
export interface ArtefactKnowledge {
  /** Artefacts under a fingerprint, the latest first. */
  named(fingerprint: string): readonly string[];
  /** Node id → artefact that it was built from; null for an artefact that is not recorded. */
  inputsOf(artefact: string): Readonly<Record<string, string>> | null;
  /** Whether it still holds what was recorded. */
  isWhole(artefact: string): boolean | null;
  /** Whether two artefacts hold equal data in what is read. */
  equal(a: string, b: string, read: Omit<InputRead, 'input'>): boolean | null;
}

/** `same`: beside the very inputs it was built from. `equal`: beside others that hold the same. `unknown`: to be compared. */
export type Fit = 'same' | 'equal' | 'unknown' | 'unusable';

/** The rule of reuse: an artefact serves only beside the very inputs that it was built from, or beside equal ones. */
export function fitOf(
  { inputs: built }: Pick<Candidate, 'inputs'>,
  reads: readonly InputRead[],
  around: { stateOf(id: NodeId): InputState | null; readonly known: Pick<ArtefactKnowledge, 'equal'> },
): Fit {
  let fit: Fit = 'same';
  for (const read of reads) {
    const of = fitOfInput(built[read.input], read, { state: around.stateOf(read.input), known: around.known });
    if (of === 'unusable') return of;
    if (of !== 'same' && fit !== 'unknown') fit = of;
  }
  return fit;
}

function fitOfInput(
  built: string | undefined,
  read: InputRead,
  { state, known }: { readonly state: InputState | null; readonly known: Pick<ArtefactKnowledge, 'equal'> },
): Fit {
  if (built === undefined || state === null) return 'unusable';
  if (state.kind === 'to-verify') return 'unknown';
  if (state.kind === 'to-make') return isVolatile(read.columns, state.volatile) ? 'unusable' : 'unknown';
  if (state.artefact === built) return 'same';
  const equal = known.equal(built, state.artefact, read);
  return equal === null ? 'unknown' : equal ? 'equal' : 'unusable';
}

const isVolatile = (columns: readonly string[], volatile: NodeAnalysis['volatile']): boolean =>
  volatile.rows || columns.some(column => volatile.columns.includes(column));
