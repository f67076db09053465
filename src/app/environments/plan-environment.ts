import type { TargetChoice } from '../../execution/targets/target-choice.ts';
import { planTargets } from '../../planning/targets/plan-targets.ts';
import type { PlanDocument, ProfilePin } from '../../core/documents/plan-document.ts';
import { type EnvironmentName, parseEnvironmentName } from '../../core/environment/environment-name.ts';
import { baseOf, type DefinitionsCommit } from '../../core/state/generation.ts';
import { openStore } from '../../store/store-reader.ts';
import { authorOf } from '../../project/git/author.ts';
import {
  assertValid,
  liesInOneFolder,
  type LoadedProject,
  loadProject,
  projectDigest,
} from '../../project/load-project.ts';
import { chooseProfile } from '../../project/choose-profile.ts';
import { makePinningPlan, pinnableNodes, variableWarnings } from '../../planning/variable-pinning.ts';
import { buildPlanDocument, parsePlanFile, renderPlan, type SavedPlan } from '../../planning/plan-record.ts';
import { findProjectRoot } from '../../project/files/project-root.ts';
import {
  environmentParameters,
  type ParameterOptions,
  unusedParameters,
} from '../../project/parameters/given-parameters.ts';
import { renderManifestOfPlan } from '../../planning/plan-manifest.ts';
import { ownGeneration } from '../../planning/saved-plan.ts';
import { commitOf } from '../../project/git/git-commit.ts';
import { takenBackWarnings } from '../../planning/revert/revert-text.ts';
import { findTakenBack, wantedByPlan } from '../../planning/revert/revert-guard.ts';
import { resolveLoaded } from '../../project/resolved-project.ts';
import { type Tools, withTools } from '../with-tools.ts';
import { writeStore } from '../../project/write-store.ts';
import type { CommonOptions, World } from '../../core/world.ts';

export interface PlanEnvironmentOptions extends CommonOptions, ParameterOptions, Pick<TargetChoice, 'adopt'> {
  readonly environment: string;
  readonly profile?: string;
  /** Reads every source again during apply. */
  readonly refresh?: boolean;
  /** Lifetime of the environment since its last use, in milliseconds. */
  readonly ttl?: number;
}

export interface PlannedEnvironment {
  readonly document: PlanDocument;
  /** From the project root; null if nothing was written. */
  readonly savedTo: string | null;
}

/** Compares the project on disk with production and saves what an apply would do. */
export async function planEnvironment(world: World, options: PlanEnvironmentOptions): Promise<PlannedEnvironment> {
  const environment = parseEnvironmentName(options.environment);
  const root = findProjectRoot(world, options);
  const loaded = loadProject(root);
  const { settings } = loaded.project;
  const commit = commitOf({ world, root }, loaded.project);
  const store = openStore(root, world);
  store.assertNameFree(environment);
  const profile = chooseProfile(world, { root, environment, explicit: options.profile ?? null });
  const request = { world, root, options, environment, loaded, profile, commit };
  return withTools({ world, root, store, settings, environment, profile: () => profile }, async tools => {
    const { document, manifest } = await planWith(tools, request);
    await save({ ...request, plan: document, manifest, ttl: options.ttl ?? settings.environmentTtl });
    return { document, savedTo: `target/environments/${environment}/plan.json` };
  });
}

interface EnvironmentPlanRequest {
  readonly world: World;
  readonly root: string;
  readonly options: PlanEnvironmentOptions;
  readonly environment: EnvironmentName;
  readonly loaded: LoadedProject;
  readonly profile: ProfilePin | null;
  readonly commit: Promise<DefinitionsCommit | null>;
}

interface EnvironmentPlan {
  readonly document: SavedPlan;
  /** `manifest.json` of the plan. */
  readonly manifest: string;
}

async function planWith(tools: Tools, request: EnvironmentPlanRequest): Promise<EnvironmentPlan> {
  const { world, root, options, environment, loaded, profile } = request;
  const production = tools.state.current(null);
  const own = ownGeneration(tools.state, environment);
  const refresh = options.refresh === true;
  const resolved = resolveLoaded(loaded, environmentParameters(world, options, production), world);
  const planned = await makePinningPlan(
    { base: production, nodes: resolved.sound, pinSources: !refresh, ...(own ? { shown: own.nodes } : {}) },
    refresh ? [] : pinnableNodes(tools.state, production?.nodes ?? [], resolved.sound),
    tools,
  );
  const adopt = options.adopt === true;
  const plan = await planTargets(planned.plan, { environment, adopt }, tools);
  // The sound nodes were planned although others are broken, so that all errors surface at once.
  const found = [...resolved.diagnostics, ...unusedParameters(options, resolved.nodes), ...plan.diagnostics];
  assertValid(found);
  const takenBack = await findTakenBack({
    state: tools.state,
    checkout: { world, root },
    wanted: wantedByPlan(plan, { author: () => authorOf(world, root), commit: () => request.commit }),
    withTools: work => work(tools),
  });
  const document = buildPlanDocument(plan, {
    environment,
    base: baseOf(tools.state.lineage, production),
    profile,
    refresh,
    files: liesInOneFolder(loaded.project) ? projectDigest(root) : null,
    commit: await request.commit,
    warnings: [...found, ...variableWarnings({ ...planned, plan }, resolved.sound), ...takenBackWarnings(takenBack)],
    applied: own?.plan ?? null,
    adopt,
  });
  return { document, manifest: renderManifestOfPlan(plan) };
}

interface Saving {
  readonly world: World;
  readonly root: string;
  readonly options: PlanEnvironmentOptions;
  readonly plan: SavedPlan;
  readonly manifest: string;
  readonly ttl: number;
}

/** Saves the plan. A plan with another fingerprint resets the status to planned; the same plan keeps it. */
async function save({ world, root, options, plan, manifest, ttl }: Saving): Promise<void> {
  const environment = parseEnvironmentName(options.environment);
  await writeStore({ world, root, options, command: `env plan ${environment}` }, async writer => {
    const known = writer.environmentConfig(environment);
    const before = parsePlanFile(writer.planText(environment));
    const identical = before?.fingerprint === plan.fingerprint;
    const now = world.now().toISOString();
    // The status first, so that an environment with a new plan never counts as applied.
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
