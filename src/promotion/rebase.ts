import { ToolError } from '../diagnostics/tool-error.ts';
import type { StoreWriter } from '../store/store-writer.ts';
import { isSettled } from '../execution/node-result.ts';
import { assertValid } from '../project/load-project.ts';
import { makePinningPlan } from '../planning/variable-pinning.ts';
import { mergeEntries, resolveMerged } from './merge-promotion.ts';
import { generationNodes } from '../execution/generation-nodes.ts';
import { performPlan } from '../execution/perform-plan.ts';
import { baseOf } from '../core/state/generation.ts';
import { renderManifestOfPlan } from '../planning/plan-manifest.ts';
import { buildPlanDocument, renderPlan } from '../planning/plan-record.ts';
import type { Route } from './promotion-route.ts';
import type { PromotionTools } from './promotion-tools.ts';

/** Plans and applies an environment's applied definitions, never the disk's, on top of today's production. */
export async function rebase(
  tools: PromotionTools,
  writer: StoreWriter,
  { route, by }: { readonly route: Route; readonly by: string },
): Promise<void> {
  const { world } = tools;
  const { from, target, plan } = route;
  const entries = mergeEntries(route, { rebasing: true });
  const { nodes, pinnable } = resolveMerged(tools, route, entries);
  const { refresh } = plan.record;
  const request = { base: target, nodes, pinSources: !refresh };
  const { plan: made } = await makePinningPlan(request, pinnable, tools);
  assertValid(made.diagnostics);
  const header = {
    environment: from,
    base: baseOf(writer.lineage, target),
    profile: plan.profile,
    warnings: made.diagnostics,
  };
  const document = buildPlanDocument(made, {
    ...header,
    refresh,
    files: plan.record.files,
    commit: plan.record.commit ?? null,
  });
  const performed = await performPlan(made, { continueOnError: false, retry: 0, workers: 1 }, { ...tools, writer });
  if (performed.failed) {
    await writer.markEnvironment(from, 'failed', world.now());
    const failed = performed.results.filter(result => !isSettled(result));
    throw new ToolError(
      'rebase-failed',
      `The rebase of '${from}' failed: ${failed.map(result => `${result.id}: ${result.reason}`).join('; ')}.`,
      {
        hint: `Production is as it was. Run 'seeknal env plan ${from}' and apply it again.`,
      },
    );
  }
  const at = world.now().toISOString();
  await writer.writePlan(from, renderPlan(document), renderManifestOfPlan(made));
  await writer.switchTo(from, {
    cause: 'apply',
    from: null,
    base: document.base,
    by,
    at,
    plan: document.fingerprint,
    commit: plan.record.commit ?? null,
    nodes: generationNodes(made, performed, { writer, at }),
  });
  await writer.markEnvironment(from, 'applied', world.now());
}
