import type { EnvironmentName } from '../core/environment/environment-name.ts';
import type { GenerationNode } from '../core/state/generation.ts';
import type { StoreReader } from '../store/store-reader.ts';
import type { StoreWriter } from '../store/store-writer.ts';
import { baseOf } from '../core/state/generation.ts';
import { makePlan } from '../planning/make-plan.ts';
import { adoptPlan, buildPlanDocument, parsePlanFile, renderPlan, type SavedPlan } from '../planning/plan-record.ts';
import { resolveEntry } from '../planning/read-base.ts';
import { plannedDefinitions } from '../planning/saved-plan.ts';
import type { WithTools } from './promotion-tools.ts';
import type { Route } from './promotion-route.ts';

export interface TargetPlanRequest {
  readonly route: Route;
  /** All future nodes of the target. */
  readonly nodes: readonly GenerationNode[];
  readonly withTools: WithTools;
}

/**
 * The plan that an environment gets when another is promoted to it, so that it can be promoted too: the other's plan if the
 * environment is new, otherwise a plan of the merged nodes.
 */
export async function planOfTarget(
  store: StoreReader,
  environment: string,
  { route, nodes, withTools }: TargetPlanRequest,
): Promise<SavedPlan> {
  const { plan, target, resultBase } = route;
  if (target === null) return adoptPlan(plan, environment, plannedDefinitions(store, plan));
  const made = await withTools(tools => {
    const request = {
      base: resultBase,
      nodes: nodes.map(entry => resolveEntry(store, entry, tools.world)),
      pinSources: true,
      sourceArtefacts: new Map(nodes.map(({ id, artefact }) => [id, artefact])),
    };
    return makePlan(request, tools);
  });
  const { refresh, files } = plan.record;
  const base = baseOf(store.lineage, resultBase);
  return buildPlanDocument(made, {
    environment,
    base,
    profile: plan.profile,
    refresh,
    files,
    warnings: made.diagnostics,
  });
}

/** Saves the target's plan before its generation changes, so that the target can be promoted too. */
export async function saveTargetPlan(
  writer: StoreWriter,
  plan: SavedPlan,
  { from, to, at }: { readonly from: EnvironmentName; readonly to: EnvironmentName; readonly at: string },
): Promise<void> {
  const known = writer.environmentConfig(to);
  await writer.writeEnvironmentConfig(to, {
    name: to,
    created_at: known?.created_at ?? at,
    last_used_at: at,
    ttl_ms: known?.ttl_ms ?? writer.environmentConfig(from)?.ttl_ms ?? 0,
    status: 'planned',
  });
  await writer.writePlan(to, renderPlan(plan), null);
}

interface Likeness {
  readonly from: EnvironmentName;
  readonly to: EnvironmentName;
  readonly now: Date;
}

/** Creates an environment that, like the source environment, is identical to production. */
export async function makeLike(writer: StoreWriter, { from, to, now }: Likeness): Promise<void> {
  const plan = parsePlanFile(writer.planText(from));
  if (plan === null) return;
  await saveTargetPlan(writer, adoptPlan(plan, to, plannedDefinitions(writer, plan)), {
    from,
    to,
    at: now.toISOString(),
  });
  await writer.markEnvironment(to, 'applied', now);
}
