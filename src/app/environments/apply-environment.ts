import type { RunDocument } from '../../core/documents/run-document.ts';
import { movement } from '../../core/plan/moves.ts';
import { type EnvironmentName, parseEnvironmentName } from '../../core/environment/environment-name.ts';
import { readPinnedProfile } from '../../connections/discover-profile.ts';
import type { GenerationNode } from '../../core/state/generation.ts';
import { openStore, type StoreReader } from '../../store/store-reader.ts';
import type { StoreWriter } from '../../store/store-writer.ts';
import { authorOf } from '../../project/author.ts';
import { type ExecutionChoice, executionOptions } from '../../execution/execution-choice.ts';
import { hasErrors } from '../../diagnostics/diagnostic.ts';
import { assertValid, loadProject, loadSettings } from '../../project/load-project.ts';
import { hintParallel } from '../../execution/parallel-hint.ts';
import { assertCanStart } from '../../planning/make-plan.ts';
import { generationNodes, movedNodes, performPlan } from '../../execution/perform-plan.ts';
import { baseOf } from '../../core/state/generation.ts';
import { announce, chooseProfile } from '../../project/choose-profile.ts';
import { changesAnything, inputsOf, planInputs, type SavedPlan } from '../../planning/plan-record.ts';
import { findProjectRoot } from '../../project/project-root.ts';
import { pinnedParameters, resolveProject } from '../../project/resolve-nodes.ts';
import { buildRunDocument, dryRunDocument } from '../../execution/run-document.ts';
import {
  nodesThatKeep,
  ownGeneration,
  plannedDefinitions,
  readSavedPlan,
  remakePlan,
} from '../../planning/saved-plan.ts';
import type { MadePlan } from '../../planning/make-plan.ts';
import { findStale, staleError } from '../../planning/plan-drift.ts';
import { type Workbench, withWorkbench } from '../../planning/workbench.ts';
import { writeStore } from '../../project/write-store.ts';
import type { CommonOptions, World } from '../../core/world.ts';

export interface ApplyEnvironmentOptions extends CommonOptions, ExecutionChoice {
  readonly environment: string;
  readonly profile?: string;
  /** Applies the definitions and the base that the plan recorded, whatever changed since. */
  readonly force?: boolean;
  readonly dryRun?: boolean;
}

interface Applying {
  readonly world: World;
  readonly root: string;
  readonly options: ApplyEnvironmentOptions;
  readonly environment: EnvironmentName;
}

/** Carries out the saved plan of an environment: isolated from production, with one switch at the end. */
export async function applyEnvironment(world: World, options: ApplyEnvironmentOptions): Promise<RunDocument> {
  const environment = parseEnvironmentName(options.environment);
  const root = findProjectRoot(world, options);
  const applying = { world, root, options, environment };
  const store = openStore(root);
  const plan = readSavedPlan(store, environment);
  if (options.dryRun === true)
    return inBench(applying, store, plan, async bench => {
      const made = await remakePlan(bench, plan);
      const applied = ownGeneration(store, environment)?.plan ?? null;
      return dryRunDocument(environment, made, changesAnything(made, { fingerprint: plan.fingerprint, applied }));
    });
  return writeStore({ ...applying, command: `env apply ${environment}` }, async writer => {
    const current = readSavedPlan(writer, environment);
    return inBench(applying, writer, current, bench => execute(bench, applying, { writer, plan: current }));
  });
}

/** Checks the plan against the world before anything else. */
async function inBench(
  applying: Applying,
  store: StoreReader,
  plan: SavedPlan,
  work: (bench: Workbench) => Promise<RunDocument>,
): Promise<RunDocument> {
  const { world, root, options, environment } = applying;
  const stale = findStaleNow(applying, store, plan);
  if (stale.length > 0 && options.force !== true) throw staleError(environment, stale);
  if (stale.length > 0)
    world.emit({ kind: 'warning', text: `applying the plan as it was made (--force), although ${stale.join('; ')}` });
  const settings = loadSettings(root);
  return withWorkbench({ world, root, store, settings }, work);
}

async function execute(
  bench: Workbench,
  applying: Applying,
  { writer, plan }: { readonly writer: StoreWriter; readonly plan: SavedPlan },
): Promise<RunDocument> {
  const { world, environment, options } = applying;
  const made = await remakePlan(bench, plan);
  assertCanStart(made);
  hintParallel(world, made, options);
  const performed = await performPlan(bench, writer, {
    made,
    options: executionOptions(options, bench.settings),
  });
  if (performed.failed) {
    await writer.markEnvironment(environment, 'failed', world.now());
    return buildRunDocument({ environment, serial: null, performed, made });
  }
  const now = world.now();
  const nodes = generationNodes(made, performed, writer, now.toISOString());
  const moved = movedNodes(made, nodes);
  if (moved.size === 0 && (await settles(writer, { environment, plan, made, nodes, now }))) {
    await writer.markEnvironment(environment, 'applied', now);
    return buildRunDocument({ environment, serial: null, performed, made, nothing: true });
  }
  const serial = await writer.switchTo(environment, {
    cause: 'apply',
    from: null,
    base: plan.base,
    by: await authorOf(world, bench.root),
    at: now.toISOString(),
    plan: plan.fingerprint,
    commit: plan.record.commit ?? null,
    nodes,
  });
  await writer.markEnvironment(environment, 'applied', now);
  return buildRunDocument({ environment, serial, performed, made, moved });
}

interface Unmoved {
  readonly environment: EnvironmentName;
  readonly plan: SavedPlan;
  readonly made: MadePlan;
  readonly nodes: readonly GenerationNode[];
  readonly now: Date;
}

/**
 * Whether an environment of which no node moves needs no generation for this plan: what it owns came from the very plan,
 * or it is as production is. Then it owns nothing, and shows production.
 */
async function settles(writer: StoreWriter, { environment, plan, made, nodes, now }: Unmoved): Promise<boolean> {
  const own = ownGeneration(writer, environment);
  if (own?.plan === plan.fingerprint) return true;
  const base = new Map([...made.base].map(([id, { entry }]) => [id, entry]));
  const { moved, removed } = movement(base, nodes);
  if (moved.length + removed.length > 0) return false;
  if (own !== null) await writer.followProduction(environment, now);
  return true;
}

/** Compares the inputs of a plan with what they are now. */
function findStaleNow(applying: Applying, store: StoreReader, plan: SavedPlan): readonly string[] {
  const { world, root, options, environment } = applying;
  const explicit = options.profile ?? null;
  const profile =
    explicit === null
      ? announce(world, readPinnedProfile({ root, home: world.home, pin: plan.profile }))
      : chooseProfile(world, { root, environment, explicit });
  const { refresh } = plan.record;
  const header = { environment, base: plan.base, profile: plan.profile, refresh };
  const definitions = plannedDefinitions(store, plan);
  const planned = planInputs(header, definitions);
  const base = baseOf(store.lineage, store.current(null));
  const { project, diagnostics } = loadProject(root);
  const today = world.now().toISOString().slice(0, 10);
  const resolved = resolveProject(project, pinnedParameters(definitions, today), world);
  const mistakes = [...diagnostics, ...resolved.diagnostics];
  if (options.force === true && hasErrors(mistakes)) return ['the project has mistakes now'];
  assertValid(mistakes);
  const kept = nodesThatKeep(store, plan);
  const values = new Map(definitions.map(node => [node.id, node.parameters]));
  const nodes = resolved.nodes.map(node => {
    const { id } = node.resolved.node;
    return kept.has(id) ? { ...node, parameters: values.get(id) ?? {} } : node;
  });
  const now = inputsOf(nodes, {
    environment,
    base,
    profile: explicit === null ? profile : plan.profile,
    refresh,
  });
  return findStale(planned, now);
}
