import type { PlanDocument } from '../../core/documents/plan-document.ts';
import { parseEnvironmentName } from '../../core/environment/environment-name.ts';
import { baseOf } from '../../core/state/generation.ts';
import { openStore } from '../../store/store-reader.ts';
import { authorOf } from '../../project/author.ts';
import { assertValid, liesInOneFolder, loadProject, projectDigest } from '../../project/load-project.ts';
import { chooseProfile } from '../../project/choose-profile.ts';
import { keepableNodes, makeKeepingPlan, variableWarnings } from '../../planning/variable-pinning.ts';
import { buildPlanDocument, parsePlanFile, renderPlan, type SavedPlan } from '../../planning/plan-record.ts';
import { findProjectRoot } from '../../project/project-root.ts';
import {
  environmentParameters,
  type ParameterOptions,
  resolveProject,
  soundNodes,
  unusedParameters,
} from '../../project/resolve-nodes.ts';
import { renderManifestOfPlan } from '../../planning/plan-manifest.ts';
import { ownGeneration } from '../../planning/saved-plan.ts';
import { commitOf } from '../../project/git-commit.ts';
import { takenBackWarnings } from '../../planning/revert-text.ts';
import { findTakenBack, wantedByPlan } from '../../planning/revert-guard.ts';
import { withWorkbench } from '../../planning/workbench.ts';
import { writeStore } from '../../project/write-store.ts';
import type { CommonOptions, World } from '../../core/world.ts';

export interface PlanEnvironmentOptions extends CommonOptions, ParameterOptions {
  readonly environment: string;
  readonly profile?: string;
  /** Reads every source again at apply. */
  readonly refresh?: boolean;
  /** Lifetime of the environment since its last use, in milliseconds. */
  readonly ttl?: number;
}

export interface PlannedEnvironment {
  readonly document: PlanDocument;
  /** From the project root; null where there was nothing to do and nothing was written. */
  readonly savedTo: string | null;
}

/** Compares the project on disk with production and saves what an apply would do. */
export async function planEnvironment(world: World, options: PlanEnvironmentOptions): Promise<PlannedEnvironment> {
  const environment = parseEnvironmentName(options.environment);
  const root = findProjectRoot(world, options);
  const { project, diagnostics: parsed } = loadProject(root);
  const commit = commitOf({ world, root }, project);
  const store = openStore(root, world);
  store.assertNameFree(environment);
  const production = store.current(null);
  const profile = chooseProfile(world, { root, environment, explicit: options.profile ?? null });
  return withWorkbench({ world, root, store, settings: project.settings }, async bench => {
    const parameters = environmentParameters(world, options, production);
    const resolved = resolveProject(project, parameters, world);
    const refresh = options.refresh === true;
    const nodes = soundNodes(resolved.nodes, parsed);
    const own = ownGeneration(store, environment);
    const shown = own ? { shown: own.nodes } : {};
    const made = await makeKeepingPlan(
      { bench, base: production, nodes, pinSources: !refresh, ...shown },
      refresh ? [] : keepableNodes(store, production?.nodes ?? [], nodes),
    );
    // Also validates the sound nodes, so that all errors surface at once.
    const unused = unusedParameters(options, resolved.nodes);
    const found = [...parsed, ...resolved.diagnostics, ...unused, ...made.diagnostics];
    assertValid(found);
    const variables = variableWarnings(made, nodes);
    const takenBack = await findTakenBack({
      store,
      checkout: { world, root },
      wanted: wantedByPlan(made, { author: () => authorOf(world, root), commit: () => commit }),
      inBench: work => work(bench),
    });
    const plan = buildPlanDocument(made, {
      environment,
      base: baseOf(store.lineage, production),
      profile,
      refresh,
      files: liesInOneFolder(project) ? projectDigest(root) : null,
      commit: await commit,
      warnings: [...found, ...variables, ...takenBackWarnings(takenBack)],
      applied: own?.plan ?? null,
    });
    await save({
      world,
      root,
      options,
      plan,
      manifest: renderManifestOfPlan(made),
      ttl: options.ttl ?? project.settings.environmentTtl,
    });
    return { document: plan, savedTo: `target/environments/${environment}/plan.json` };
  });
}

interface Saving {
  readonly world: World;
  readonly root: string;
  readonly options: PlanEnvironmentOptions;
  readonly plan: SavedPlan;
  readonly manifest: string;
  readonly ttl: number;
}

/** A plan of other inputs withdraws what was applied; the same plan made again keeps it. */
async function save({ world, root, options, plan, manifest, ttl }: Saving): Promise<void> {
  const environment = parseEnvironmentName(options.environment);
  await writeStore({ world, root, options, command: `env plan ${environment}` }, async writer => {
    const known = writer.environmentConfig(environment);
    const before = parsePlanFile(writer.planText(environment));
    const identical = before?.fingerprint === plan.fingerprint;
    const now = world.now().toISOString();
    // The status first: an environment is never called applied beside a plan that was not.
    await writer.writeEnvironmentConfig(environment, {
      name: environment,
      created_at: known?.created_at ?? now,
      last_used_at: now,
      ttl_ms: options.ttl ?? known?.ttl_ms ?? ttl,
      status: identical && known ? known.status : 'planned',
    });
    await writer.writePlan(environment, renderPlan(plan), manifest);
  });
}
