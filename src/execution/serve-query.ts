import type { NodeId } from '../core/definition/nodes/node.ts';
import type { NodeAnalysis } from '../core/plan/analysis.ts';
import { candidateFinder } from '../core/plan/candidate-finder.ts';
import type { Plan } from '../core/plan/plan.ts';
import { type ArtefactKnowledge, type Candidate, type Fit, fitOf, type InputState } from '../core/plan/usable.ts';
import type { ArtefactRecord } from '../core/state/artefact.ts';
import type { KnownArtefacts } from '../store/artefacts/known-artefacts.ts';
import type { StoreWriter } from '../store/store-writer.ts';
import type { Settled } from './node-result.ts';
import type { QueryWork } from './query-work.ts';

/** What is known when a query is about to run. */
export interface Serving {
  readonly plan: Pick<Plan, 'base' | 'shown' | 'upToDate'>;
  readonly writer: Pick<StoreWriter, 'artefact' | 'name' | 'recordEqual'>;
  readonly known: KnownArtefacts;
  /** The artefact of an input; null while it has none. */
  artefactOf(id: NodeId): string | null;
  isCutOff(id: NodeId): boolean;
}

/** Gives a query an artefact that makes running it unnecessary; null if there is none. Records what this rests on. */
export async function serveQuery(work: QueryWork, serving: Serving): Promise<Settled | null> {
  const { action, analysis } = work;
  if (action.kind === 'reuse') return serveWith(work, serving, { artefact: action.artefact, compared: false });
  if (action.kind === 'execute' && action.full) return null;
  const usable = await serving.known.settle(known => firstUsable(work, serving, known));
  if (usable === null) return null;
  const compared = usable.fit === 'equal' || analysis.reads.some(({ input }) => serving.isCutOff(input));
  return serveWith(work, serving, { artefact: usable.artefact, compared });
}

/** Stops at the first candidate that is usable, or that a comparison of data must decide. */
function firstUsable(
  { node, analysis }: QueryWork,
  { plan, artefactOf }: Serving,
  known: ArtefactKnowledge,
): (Candidate & { readonly fit: Fit }) | null {
  const around = { stateOf: (id: NodeId) => stateOf(artefactOf(id)), known };
  for (const candidate of candidateFinder(plan, known)(node.id, analysis)) {
    const fit = fitOf(candidate, analysis.reads, around);
    if (fit !== 'unusable') return { ...candidate, fit };
  }
  return null;
}

const stateOf = (artefact: string | null): InputState | null =>
  artefact === null ? null : { kind: 'settled', artefact };

interface Chosen {
  readonly artefact: string;
  /** It is used because inputs were found to be equal. */
  readonly compared: boolean;
}

function serveWith(
  { node, analysis, action }: QueryWork,
  serving: Serving,
  { artefact: id, compared }: Chosen,
): Settled | null {
  const artefact = serving.writer.artefact(id);
  if (!artefact) return null;
  const { fingerprint } = analysis;
  serving.writer.name(fingerprint, artefact.id);
  recordEquals(artefact, analysis, serving);
  const status = compared && action.kind === 'execute' ? 'cut_off' : 'reused';
  const reason = compared ? 'what it reads of its rebuilt inputs turned out equal' : action.line.reason;
  return { id: node.id, status, artefact, fingerprint, seconds: null, reason };
}

/** Records that the inputs equal those that the artefact was built from, so that later plans need not compare them. */
function recordEquals({ inputs }: ArtefactRecord, { reads }: NodeAnalysis, { writer, artefactOf }: Serving): void {
  for (const { input, columns, order } of reads) {
    const [built, now] = [inputs[input], artefactOf(input)];
    if (built === undefined || now === null || built === now) continue;
    writer.recordEqual(built, now, columns, order, true);
  }
}
