import type { NodeId } from '../definition/nodes/node.ts';
import type { InputRead, NodeAnalysis } from './analysis.ts';

/** An artefact that may serve a node, with the artefacts that it was built from. */
export interface Candidate {
  readonly artefact: string;
  /** 'local': only the query is known to be equivalent; its inputs must be identical or equal. */
  readonly by: 'fingerprint' | 'local';
  readonly inputs: Readonly<Record<string, string>>;
}

/** The state of a node's input while a plan is made or carried out. */
export type InputState =
  | { readonly kind: 'settled'; readonly artefact: string }
  /** Reused only if its own inputs turn out equal. */
  | { readonly kind: 'to-verify' }
  /** To be built; `volatile` says what differs in each build. */
  | { readonly kind: 'to-make'; readonly volatile: NodeAnalysis['volatile'] };

/** Answers about artefacts; null if only their data can tell. */
export interface ArtefactKnowledge {
  /** Artefacts with a fingerprint, latest first. */
  named(fingerprint: string): readonly string[];
  /** Node id → artefact that it was built from; null for an artefact that is not recorded. */
  inputsOf(artefact: string): Readonly<Record<string, string>> | null;
  /** Whether it still holds what was recorded. */
  isWhole(artefact: string): boolean | null;
  /** Whether two artefacts hold equal data in what is read. */
  equal(a: string, b: string, read: Omit<InputRead, 'input'>): boolean | null;
}

/** `same`: its inputs are those it was built from. `equal`: they hold equal data. `unknown`: they must be compared. */
export type Fit = 'same' | 'equal' | 'unknown' | 'unusable';

/** The rule of reuse: an artefact is usable only with the inputs that it was built from, or with equal ones. */
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
