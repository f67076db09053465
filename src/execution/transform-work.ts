import type { NodeAnalysis } from '../core/plan/analysis.ts';
import type { Candidate } from '../core/plan/build-plan.ts';
import type { GenerationNode } from '../core/state/generation.ts';
import type { ResolvedQuery } from '../core/definition/nodes/desired-node.ts';

/** What there is to do for one transform, and what may serve instead. */
export interface TransformWork {
  readonly resolved: ResolvedQuery;
  readonly analysis: NodeAnalysis;
  /** What the plan said: a node that was to run and is not is cut off. */
  readonly planned: 'run' | 'reuse';
  readonly reason: string;
  /** Artefacts that may serve, best first; empty to run in any case. */
  readonly candidates: readonly Candidate[];
  /** What production holds of a node that was not selected: kept as it is. */
  readonly held: Pick<GenerationNode, 'artefact' | 'fingerprint'> | null;
}
