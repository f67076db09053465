import type { GenerationNode } from '../../store/records.ts';
import type { StoreReader } from '../../store/store-reader.ts';
import { baseOf } from '../plan-environment.ts';
import { makePlan } from '../planning/make-plan.ts';
import { adoptPlan, buildPlanDocument, type SavedPlan } from '../planning/plan-record.ts';
import { resolveEntry } from '../planning/read-base.ts';
import { plannedDefinitions } from '../planning/saved-plan.ts';
import type { InBench } from './promotion-changes.ts';
import type { Route } from './promotion-route.ts';

export interface TargetPlanRequest {
  readonly route: Route;
  /** All that the target will hold. */
  readonly nodes: readonly GenerationNode[];
  readonly inBench: InBench;
}

/**
 * The plan that an environment holds once another was promoted to it, so that it can be promoted in turn: the other's own
 * where it is new, else what would have led to both together.
 */
export async function planOfTarget(
  store: StoreReader,
  environment: string,
  { route, nodes, inBench }: TargetPlanRequest,
): Promise<SavedPlan> {
  const { plan, target, stands } = route;
  if (target === null) return adoptPlan(plan, environment, plannedDefinitions(store, plan));
  const made = await inBench(bench =>
    makePlan({
      bench,
      base: stands,
      nodes: nodes.map(entry => resolveEntry(store, entry, bench.world)),
      pinSources: true,
      sourceArtefacts: new Map(nodes.map(({ id, artefact }) => [id, artefact])),
    }),
  );
  const { refresh, files } = plan.record;
  const base = baseOf(store.lineage, stands);
  return buildPlanDocument(made, {
    environment,
    base,
    profile: plan.profile,
    refresh,
    files,
    warnings: made.diagnostics,
  });
}
