import type { RunDocument } from '../../core/documents/run-document.ts';
import type { NodeId } from '../../core/definition/nodes/node.ts';
import { mayMove } from '../../core/plan/moves.ts';
import { type Diagnostic, hasErrors } from '../../diagnostics/diagnostic.ts';
import { openStore, type StoreReader } from '../../store/store-reader.ts';
import type { StoreWriter } from '../../store/store-writer.ts';
import { authorOf } from '../../project/author.ts';
import { type ExecutionChoice, executionOptions } from '../../execution/execution-choice.ts';
import type { DesiredNode } from '../../core/definition/nodes/desired-node.ts';
import { assertValid, loadProject } from '../../project/load-project.ts';
import { keepableNodes, makeKeepingPlan } from '../../planning/variable-pinning.ts';
import { assertCanStart, definitionMistakes, type MadePlan, makePlan } from '../../planning/make-plan.ts';
import { generationNodes, movedNodes, performPlan } from '../../execution/perform-plan.ts';
import { baseOf } from '../../core/state/generation.ts';
import { chooseProfile } from '../../project/choose-profile.ts';
import { buildPlanDocument, type SavedPlan } from '../../planning/plan-record.ts';
import { hintParallel } from '../../execution/parallel-hint.ts';
import { findProjectRoot } from '../../project/project-root.ts';
import {
  freshParameters,
  keptParameters,
  type ParameterOptions,
  resolveProject,
  soundNodes,
  unusedParameters,
} from '../../project/resolve-nodes.ts';
import { buildRunDocument, dryRunDocument } from '../../execution/run-document.ts';
import { storedNodes } from '../../planning/read-base.ts';
import { orEnvironment } from '../../project/environment-hint.ts';
import { selectNodes, type Selection } from '../../project/select-nodes.ts';
import { commitOf, once } from '../../project/git-commit.ts';
import { describeTakenBack, takenBackWarnings, takesBack } from '../../planning/revert-text.ts';
import { findTakenBack, revertedBy, type TakenBack, wantedByPlan } from '../../planning/revert-guard.ts';
import type { DefinitionsCommit, Generation } from '../../core/state/generation.ts';
import { type Workbench, type WorkbenchInput, withWorkbench } from '../../planning/workbench.ts';
import { writeStore } from '../../project/write-store.ts';
import type { CommonOptions, World } from '../../core/world.ts';

export interface RunProductionOptions extends CommonOptions, ParameterOptions, ExecutionChoice, Selection {
  readonly profile?: string;
  /** Runs all that is selected and makes new artefacts. */
  readonly full?: boolean;
  /** Lets the run undo what a promotion or rollback brought. */
  readonly allowRevert?: boolean;
  /** Asked before anything is taken back, where somebody can be asked; false refuses. */
  confirmRevert?(what: string): Promise<boolean>;
  readonly dryRun?: boolean;
}

export interface ProductionRun {
  readonly result: RunDocument;
  readonly plan: SavedPlan;
}

interface Running {
  readonly world: World;
  readonly root: string;
  readonly options: RunProductionOptions;
  readonly loaded: ReturnType<typeof loadProject>;
  readonly answers: NonNullable<WorkbenchInput['answers']>;
}

/** Brings production up to the definitions on disk and to today's source data. */
export async function runProduction(world: World, options: RunProductionOptions): Promise<ProductionRun> {
  const root = findProjectRoot(world, options);
  const running = { world, root, options, loaded: loadProject(root), answers: new Map() };
  if (options.dryRun === true) return inBench(running, openStore(root), bench => preview(bench, running));
  const first = await planFirst(running);
  return writeStore({ ...running, command: 'run' }, writer =>
    inBench(running, writer, async bench => {
      // Somebody else may have been first meanwhile.
      const planned = first !== null && writer.current(null) === null ? first : await planRun(bench, running);
      return execute(bench, running, { writer, planned });
    }),
  );
}

/** A mistake is told before anything is written, be it only the folder that a first run makes; null where there is one. */
async function planFirst(running: Running): Promise<PlannedRun | null> {
  const store = openStore(running.root);
  if (store.lineage !== null && !hasErrors(running.loaded.diagnostics)) return null;
  return inBench(running, store, bench => planRun(bench, running));
}

/** What a run would do now; writes nothing. */
export async function planProduction(world: World, options: RunProductionOptions): Promise<SavedPlan> {
  return (await runProduction(world, { ...options, dryRun: true })).plan;
}

async function inBench<T>(running: Running, store: StoreReader, work: (bench: Workbench) => Promise<T>): Promise<T> {
  const { world, root, answers } = running;
  const { settings } = running.loaded.project;
  return withWorkbench({ world, root, store, settings, answers }, work);
}

async function preview(bench: Workbench, running: Running): Promise<ProductionRun> {
  const { made, plan, takenBack } = await planRun(bench, running);
  const result = dryRunDocument(null, made, plan.changed);
  return { result: { ...result, diagnostics: [...result.diagnostics, ...takenBackWarnings(takenBack)] }, plan };
}

interface Execution {
  readonly writer: StoreWriter;
  readonly planned: PlannedRun;
}

async function execute(bench: Workbench, running: Running, { writer, planned }: Execution): Promise<ProductionRun> {
  const { world, options } = running;
  const { made, plan, takenBack } = planned;
  await assertRevertAllowed(running, takenBack);
  const choice = executionOptions(options, bench.settings);
  hintParallel(world, made, options);
  const performed = await performPlan(bench, writer, { made, options: choice });
  const now = world.now();
  const failed = performed.results.filter(result => result.status === 'failed').map(result => result.id);
  const nodes = performed.failed ? [] : generationNodes(made, performed, writer, now.toISOString());
  const moved = movedNodes(made, nodes);
  const nothing = !performed.failed && moved.size === 0;
  await writer.recordAttempt({ at: now.toISOString(), status: performed.failed ? 'failed' : 'done', failed });
  if (performed.failed || nothing)
    return {
      result: buildRunDocument({ environment: null, serial: null, performed, made, nothing }),
      plan,
    };
  const serial = await writer.switchTo(null, {
    cause: 'run',
    from: null,
    base: plan.base,
    by: await authorOf(world, bench.root),
    at: now.toISOString(),
    plan: null,
    commit: await planned.commit(),
    ...revertedBy(takenBack),
    nodes,
  });
  return { result: buildRunDocument({ environment: null, serial, performed, made, moved }), plan };
}

interface PlannedRun {
  readonly made: MadePlan;
  readonly plan: SavedPlan;
  readonly takenBack: readonly TakenBack[];
  commit(): Promise<DefinitionsCommit | null>;
}

async function assertRevertAllowed({ options }: Running, takenBack: readonly TakenBack[]): Promise<void> {
  if (takenBack.length === 0 || options.allowRevert === true) return;
  if ((await options.confirmRevert?.(describeTakenBack(takenBack))) !== true) throw takesBack(takenBack);
}

/** Throws every mistake of the project. Also validates the sound nodes, so that all errors surface at once. */
async function refuse(
  bench: Workbench,
  wanted: {
    readonly base: Generation | null;
    readonly nodes: readonly DesiredNode[];
    readonly found: readonly Diagnostic[];
  },
): Promise<never> {
  const made = await makePlan({ bench, base: wanted.base, nodes: wanted.nodes, pinSources: true });
  assertValid([...wanted.found, ...made.diagnostics]);
  throw new Error('a mistake was found and is gone');
}

async function planRun(bench: Workbench, running: Running): Promise<PlannedRun> {
  const { world, root, options } = running;
  const base = bench.store.current(null);
  const profile = chooseProfile(world, { root, environment: null, explicit: options.profile ?? null });
  const { project, diagnostics: parsed } = running.loaded;
  const commit = once(() => commitOf({ world, root }, project));
  // Asked for while the files are as they were read, and waited for only where it is needed.
  if (options.dryRun !== true) void commit();
  const parameters = freshParameters(world, options);
  const resolved = resolveProject(project, () => parameters, world);
  const found = [...parsed, ...resolved.diagnostics];
  if (hasErrors(found)) {
    const all = [...found, ...unusedParameters(options, resolved.nodes)];
    return refuse(bench, { base, nodes: soundNodes(resolved.nodes, found), found: all });
  }
  const production = {
    stored: () => (base ? storedNodes(bench.store, base, world) : []),
    pinned: () => resolveProject(project, keptParameters(parameters, base), world).nodes,
  };
  const selected = orEnvironment(options.nodes ?? [], () => selectNodes(resolved.nodes, production, options), {
    environments: () => bench.store.environmentNames(),
    command: name => `run --env ${name}`,
  });
  for (const text of selected.warnings) world.emit({ kind: 'warning', text });
  const remake = options.full === true ? selected.chosen : new Set<NodeId>();
  const needed = selected.nodes.filter(node => selected.needed.has(node.resolved.node.id));
  const made = await makeKeepingPlan(
    { bench, base, nodes: selected.nodes, held: selected.held, pinSources: false, remake },
    keepableNodes(bench.store, base?.nodes ?? [], needed),
  );
  if (options.dryRun === true) assertValid(made.diagnostics);
  else assertCanStart(made);
  const behind = await leftBehind(bench, { base, nodes: resolved.nodes, left: selected.left, remake });
  if (behind.length > 0) world.emit({ kind: 'warning', text: leftText(behind) });
  const chosen = selected.nodes.filter(node => selected.chosen.has(node.resolved.node.id));
  const unused = unusedParameters(options, chosen, chosen.length < resolved.nodes.length ? 'selected node' : 'node');
  const author = () => authorOf(world, root);
  const takenBack = await findTakenBack({
    store: bench.store,
    checkout: { world, root },
    wanted: wantedByPlan(made, { author, commit }),
    inBench: work => work(bench),
  });
  const plan = buildPlanDocument(made, {
    environment: null,
    base: baseOf(bench.store.lineage, base),
    profile,
    refresh: true,
    files: null,
    warnings: [...found, ...unused, ...definitionMistakes(made), ...takenBackWarnings(takenBack)],
  });
  return { made, plan, takenBack, commit };
}

/** Those of the nodes that a selection leaves behind that a whole run would have work on. */
async function leftBehind(
  bench: Workbench,
  whole: {
    readonly base: Generation | null;
    readonly nodes: readonly DesiredNode[];
    readonly left: readonly string[];
    readonly remake: ReadonlySet<NodeId>;
  },
): Promise<readonly string[]> {
  if (whole.left.length === 0) return [];
  const { base, nodes, remake } = whole;
  const made = await makePlan({ bench, base, nodes, pinSources: false, remake });
  const busy = made.decisions.filter(({ plan }) => mayMove(plan)).map(({ id }) => id as string);
  return whole.left.filter(id => busy.includes(id)).toSorted();
}

const leftText = (ids: readonly string[]): string =>
  `left behind by the selection: ${ids.join(', ')}; the next 'seeknal run' executes them`;
