import type { GenerationTargets } from '../../execution/targets/write-generation.ts';
import { writeAfterSwitch } from '../target-writing.ts';
import type { ProfilePin } from '../../core/documents/plan-document.ts';
import type { TargetChoice } from '../../execution/targets/target-choice.ts';
import { planTargets } from '../../planning/targets/plan-targets.ts';
import { withWriter } from '../../execution/execution-tools.ts';
import type { RunDocument } from '../../core/documents/run-document.ts';
import { movement } from '../../core/plan/changes/moves.ts';
import { type EnvironmentName, parseEnvironmentName } from '../../core/environment/environment-name.ts';
import { readPinnedProfile } from '../../connections/discover-profile.ts';
import type { GenerationNode } from '../../core/state/generation.ts';
import { openStore, type StoreReader } from '../../store/store-reader.ts';
import type { StoreWriter } from '../../store/store-writer.ts';
import { authorOf } from '../../project/git/author.ts';
import { type ExecutionChoice, executionOptions } from '../../execution/execution-choice.ts';
import { assertValid, loadSettings } from '../../project/load-project.ts';
import { hintParallel } from '../../execution/parallel-hint.ts';
import { assertCanStart } from '../../planning/plan-mistakes.ts';
import { generationNodes, movedNodes } from '../../execution/generation-nodes.ts';
import { performPlan } from '../../execution/perform-plan.ts';
import { baseOf } from '../../core/state/generation.ts';
import { announce, chooseProfile } from '../../project/choose-profile.ts';
import { changesAnything, inputsOf, planInputs, type SavedPlan } from '../../planning/plan-record.ts';
import { findProjectRoot } from '../../project/files/project-root.ts';
import { readProject } from '../../project/resolved-project.ts';
import { pinnedParameters } from '../../project/parameters/given-parameters.ts';
import { buildRunDocument, dryRunDocument } from '../../execution/run-document.ts';
import {
  baseOfPlan,
  ownGeneration,
  pinnedNodes,
  plannedDefinitions,
  readSavedPlan,
  remakePlan,
} from '../../planning/saved-plan.ts';
import type { Plan } from '../../core/plan/plan.ts';
import type { ProjectSettings } from '../../core/definition/nodes/node.ts';
import { unannounced } from '../../planning/targets/unannounced.ts';
import { findStale, staleError } from '../../planning/plan-drift.ts';
import { type Tools, withTools } from '../with-tools.ts';
import { writeStore } from '../../project/write-store.ts';
import type { CommonOptions, World } from '../../core/world.ts';

export interface ApplyEnvironmentOptions extends CommonOptions, ExecutionChoice, Pick<TargetChoice, 'materialize'> {
  readonly environment: string;
  readonly profile?: string;
  /** Applies the recorded definitions and base even if the plan is stale. */
  readonly force?: boolean;
  readonly dryRun?: boolean;
}

interface Applying {
  readonly world: World;
  readonly root: string;
  readonly options: ApplyEnvironmentOptions;
  readonly environment: EnvironmentName;
}

/** Carries out the saved plan of an environment, isolated from production, with one switch at the end. */
export async function applyEnvironment(world: World, options: ApplyEnvironmentOptions): Promise<RunDocument> {
  const environment = parseEnvironmentName(options.environment);
  const root = findProjectRoot(world, options);
  const applying = { world, root, options, environment };
  const store = openStore(root);
  const plan = readSavedPlan(store, environment);
  if (options.dryRun === true)
    return inTools(applying, store, plan, async tools => {
      const made = await plannedAgain(applying, plan, tools);
      const applied = ownGeneration(store, environment)?.plan ?? null;
      return dryRunDocument(environment, made, changesAnything(made, { fingerprint: plan.fingerprint, applied }));
    });
  return writeStore({ ...applying, command: `env apply ${environment}` }, async writer => {
    const current = readSavedPlan(writer, environment);
    return inTools(applying, writer, current, (tools, settings) =>
      execute(applying, { tools, settings, writer, saved: current }),
    );
  });
}

/** Checks that the plan is not stale, then opens the tools. */
async function inTools(
  applying: Applying,
  store: StoreReader,
  plan: SavedPlan,
  work: (tools: Tools, settings: ProjectSettings) => Promise<RunDocument>,
): Promise<RunDocument> {
  const { world, root, options, environment } = applying;
  const profile = profileOf(applying, plan);
  const stale = findStaleNow(applying, store, { plan, profile });
  if (stale.length > 0 && options.force !== true) throw staleError(environment, stale);
  if (stale.length > 0)
    world.emit({ kind: 'warning', text: `applying the plan as it was made (--force), although ${stale.join('; ')}` });
  const settings = loadSettings(root);
  return withTools({ world, root, store, settings, environment, profile: () => profile }, tools =>
    work(tools, settings),
  );
}

interface Executing {
  readonly tools: Tools;
  readonly settings: ProjectSettings;
  readonly writer: StoreWriter;
  readonly saved: SavedPlan;
}

async function execute(applying: Applying, executing: Executing): Promise<RunDocument> {
  const { world, root, environment, options } = applying;
  const { tools, settings, writer, saved } = executing;
  const plan = await plannedAgain(applying, saved, tools);
  assertCanStart(plan);
  hintParallel(world, plan, options);
  const performed = await performPlan(plan, executionOptions(options, settings), withWriter(tools, writer));
  if (performed.failed) {
    await writer.markEnvironment(environment, 'failed', world.now());
    return buildRunDocument({ environment, serial: null, performed, plan });
  }
  const now = world.now();
  const at = now.toISOString();
  const nodes = generationNodes(plan, performed, { writer, at });
  const moved = movedNodes(plan, nodes);
  const settled = moved.size === 0 && (await settles(writer, { environment, saved, plan, nodes, now }));
  const draft = { base: saved.base, at, plan: saved.fingerprint, commit: saved.record.commit ?? null, nodes };
  const serial = settled
    ? null
    : await writer.switchTo(environment, { cause: 'apply', from: null, by: await authorOf(world, root), ...draft });
  const outcome = { environment, serial, performed, plan, ...(settled ? { nothing: true } : { moved }) };
  const generation = targetsOf(applying, executing, nodes);
  const after = await writeAfterSwitch(buildRunDocument(outcome), generation, { world, writer, tools });
  await writer.markEnvironment(environment, after.failed.length > 0 ? 'failed' : 'applied', now);
  return after.document;
}

/** The plan as the store and the servers are now. */
async function plannedAgain({ environment, options }: Applying, saved: SavedPlan, tools: Tools): Promise<Plan> {
  const plan = await remakePlan(saved, tools);
  if (options.materialize === false) return plan;
  const planned = await planTargets(plan, { environment, adopt: saved.record.adopt === true }, tools);
  const stale = unannounced(saved, planned);
  if (stale.length > 0 && options.force !== true) throw staleError(environment, stale);
  return planned;
}

/** The prefixed targets of every node that differs from production. */
function targetsOf(
  { environment, options }: Applying,
  { writer, saved }: Executing,
  entries: readonly GenerationNode[],
): GenerationTargets {
  const base = baseOfPlan(writer.snapshot(environment), saved)?.nodes ?? [];
  const adopt = saved.record.adopt === true;
  return { environment, entries, base, adopt, ...(options.materialize === false ? { only: new Set() } : {}) };
}

interface Unmoved {
  readonly environment: EnvironmentName;
  readonly saved: SavedPlan;
  readonly plan: Plan;
  readonly nodes: readonly GenerationNode[];
  readonly now: Date;
}

/**
 * Whether an environment whose nodes do not move needs no new generation: its own came from this plan, or it is identical
 * to production, which it then follows.
 */
async function settles(writer: StoreWriter, { environment, saved, plan, nodes, now }: Unmoved): Promise<boolean> {
  const own = ownGeneration(writer, environment);
  if (own?.plan === saved.fingerprint) return true;
  const base = new Map([...plan.base].map(([id, { entry }]) => [id, entry]));
  const { moved, removed } = movement(base, nodes);
  if (moved.length + removed.length > 0) return false;
  if (own !== null) await writer.followProduction(environment, now);
  return true;
}

/** The profile of the apply: `--profile`, or the one that the plan pinned, as it is now. */
function profileOf({ world, root, options, environment }: Applying, plan: SavedPlan): ProfilePin | null {
  const explicit = options.profile ?? null;
  if (explicit !== null) return chooseProfile(world, { root, environment, explicit });
  return announce(world, readPinnedProfile({ root, home: world.home, pin: plan.profile }));
}

interface Staleness {
  readonly plan: SavedPlan;
  readonly profile: ProfilePin | null;
}

/** Compares the inputs of a plan with their current state. */
function findStaleNow(applying: Applying, store: StoreReader, { plan, profile }: Staleness): readonly string[] {
  const { world, root, options, environment } = applying;
  const { refresh } = plan.record;
  const header = { environment, base: plan.base, profile: plan.profile, refresh };
  const definitions = plannedDefinitions(store, plan);
  const planned = planInputs(header, definitions);
  const base = baseOf(store.lineage, store.current(null));
  const today = world.now().toISOString().slice(0, 10);
  const resolved = readProject(root, pinnedParameters(definitions, today), world);
  if (options.force === true && resolved.broken) return ['the project now has mistakes'];
  assertValid(resolved.diagnostics);
  const pinned = pinnedNodes(store, plan);
  const values = new Map(definitions.map(node => [node.id, node.parameters]));
  const nodes = resolved.nodes.map(node => {
    const { id } = node.resolved.node;
    return pinned.has(id) ? { ...node, parameters: values.get(id) ?? {} } : node;
  });
  const now = inputsOf(nodes, {
    environment,
    base,
    profile: options.profile === undefined ? profile : plan.profile,
    refresh,
  });
  return findStale(planned, now);
}
