import { withWriter } from '../execution/execution-tools.ts';
import { ToolError } from '../diagnostics/tool-error.ts';
import type { StoreWriter } from '../store/store-writer.ts';
import { isSettled } from '../execution/node-result.ts';
import { assertValid } from '../project/load-project.ts';
import { makePinningPlan } from '../planning/variable-pinning.ts';
import { mergeEntries, resolveMerged } from './merge-promotion.ts';
import { generationNodes } from '../execution/generation-nodes.ts';
import { type Performed, performPlan } from '../execution/perform-plan.ts';
import { baseOf } from '../core/state/generation.ts';
import { renderManifestOfPlan } from '../planning/plan-manifest.ts';
import { buildPlanDocument, renderPlan, type SavedPlan } from '../planning/plan-record.ts';
import type { Plan } from '../core/plan/plan.ts';
import type { Route } from './promotion-route.ts';
import type { PromotionTools } from './promotion-tools.ts';

export interface Rebasing {
  readonly route: Route;
  /** Who rebases. */
  readonly by: string;
}

/** Plans and applies an environment's applied definitions, never those on disk, on top of current production. */
export async function rebase(tools: PromotionTools, writer: StoreWriter, rebasing: Rebasing): Promise<void> {
  const { from } = rebasing.route;
  const { plan, document } = await planRebase(tools, rebasing.route);
  const performed = await performPlan(
    plan,
    { continueOnError: false, retry: 0, workers: 1 },
    withWriter(tools, writer),
  );
  if (performed.failed) {
    await writer.markEnvironment(from, 'failed', tools.world.now());
    throw rebaseFailed(from, performed);
  }
  const at = tools.world.now().toISOString();
  await writer.writePlan(from, renderPlan(document), renderManifestOfPlan(plan));
  await writer.switchTo(from, {
    cause: 'apply',
    from: null,
    base: document.base,
    by: rebasing.by,
    at,
    plan: document.fingerprint,
    commit: document.record.commit ?? null,
    nodes: generationNodes(plan, performed, { writer, at }),
  });
  await writer.markEnvironment(from, 'applied', tools.world.now());
}

interface PlannedRebase {
  readonly plan: Plan;
  readonly document: SavedPlan;
}

async function planRebase(tools: PromotionTools, route: Route): Promise<PlannedRebase> {
  const { from, target, plan: applied } = route;
  const { refresh, files, commit = null } = applied.record;
  const entries = mergeEntries(route, { rebasing: true });
  const { nodes, pinnable } = resolveMerged(tools, route, entries);
  const { plan } = await makePinningPlan({ base: target, nodes, pinSources: !refresh }, pinnable, tools);
  assertValid(plan.diagnostics);
  const document = buildPlanDocument(plan, {
    environment: from,
    base: baseOf(tools.state.lineage, target),
    profile: applied.profile,
    warnings: plan.diagnostics,
    refresh,
    files,
    commit,
  });
  return { plan, document };
}

function rebaseFailed(from: string, { results }: Performed): ToolError {
  const failed = results.filter(result => !isSettled(result)).map(({ id, reason }) => `${id}: ${reason}`);
  return new ToolError('rebase-failed', `The rebase of '${from}' failed: ${failed.join('; ')}.`, {
    hint: `Production is unchanged. Run 'seeknal env plan ${from}' and apply it again.`,
  });
}
