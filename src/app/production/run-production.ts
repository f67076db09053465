import type { NodeId } from '../../core/definition/nodes/node.ts';
import { writeAfterSwitch } from '../target-writing.ts';
import { once } from '../../core/once.ts';
import { chooseProfile } from '../../project/choose-profile.ts';
import type { GenerationNode } from '../../core/state/generation.ts';
import { withWriter } from '../../execution/execution-tools.ts';
import type { Answer } from '../../analysis/analyse-described.ts';
import type { RunDocument } from '../../core/documents/run-document.ts';
import type { CommonOptions, World } from '../../core/world.ts';
import { hasErrors } from '../../diagnostics/diagnostic.ts';
import { type ExecutionChoice, executionOptions } from '../../execution/execution-choice.ts';
import { generationNodes, movedNodes } from '../../execution/generation-nodes.ts';
import { hintParallel } from '../../execution/parallel-hint.ts';
import { type Performed, performPlan } from '../../execution/perform-plan.ts';
import { buildRunDocument, dryRunDocument } from '../../execution/run-document.ts';
import type { SavedPlan } from '../../planning/plan-record.ts';
import { revertedBy, type TakenBack } from '../../planning/revert/revert-guard.ts';
import { takenBackWarnings } from '../../planning/revert/revert-text.ts';
import { authorOf } from '../../project/git/author.ts';
import { loadProject } from '../../project/load-project.ts';
import { findProjectRoot } from '../../project/files/project-root.ts';
import { writeStore } from '../../project/write-store.ts';
import { openStore, type StoreReader } from '../../store/store-reader.ts';
import type { StoreWriter } from '../../store/store-writer.ts';
import { assertRevertAllowed, type RevertOptions } from '../revert-consent.ts';
import { type Tools, withTools } from '../with-tools.ts';
import { type PlannedRun, planRun, type RunPlanOptions, type RunRequest } from './plan-run.ts';

export interface RunProductionOptions extends CommonOptions, ExecutionChoice, RunPlanOptions, RevertOptions {}

export interface ProductionRun {
  readonly result: RunDocument;
  readonly plan: SavedPlan;
}

interface Running extends RunRequest {
  readonly options: RunProductionOptions;
  readonly answers: Map<string, Answer>;
}

/** Updates production from the definitions on disk and the current source data. */
export async function runProduction(world: World, options: RunProductionOptions): Promise<ProductionRun> {
  const root = findProjectRoot(world, options);
  const explicit = options.profile ?? null;
  const profile = once(() => chooseProfile(world, { root, environment: null, explicit }));
  const running = { world, root, options, loaded: loadProject(root), answers: new Map(), profile };
  if (options.dryRun === true) return inTools(running, openStore(root), tools => preview(tools, running));
  const first = await planFirst(running);
  return writeStore({ ...running, command: 'run' }, writer =>
    inTools(running, writer, async tools => {
      // Another command may have built production in the meantime.
      const planned = first !== null && writer.current(null) === null ? first : await planRun(tools, running);
      return execute(running, { tools, writer, planned });
    }),
  );
}

/** What a run would do now. Writes nothing. */
export async function planProduction(world: World, options: RunProductionOptions): Promise<SavedPlan> {
  return (await runProduction(world, { ...options, dryRun: true })).plan;
}

/** Plans a first run before the store is created, so that mistakes leave no folders behind; null if a store exists. */
async function planFirst(running: Running): Promise<PlannedRun | null> {
  const store = openStore(running.root);
  if (store.lineage !== null && !hasErrors(running.loaded.diagnostics)) return null;
  return inTools(running, store, tools => planRun(tools, running));
}

function inTools<T>(running: Running, store: StoreReader, work: (tools: Tools) => Promise<T>): Promise<T> {
  const { world, root, answers, loaded, profile } = running;
  return withTools({ world, root, store, settings: loaded.project.settings, answers, profile }, work);
}

async function preview(tools: Tools, running: Running): Promise<ProductionRun> {
  const { plan, document, takenBack } = await planRun(tools, running);
  const result = dryRunDocument(null, plan, document.changed);
  return {
    result: { ...result, diagnostics: [...result.diagnostics, ...takenBackWarnings(takenBack)] },
    plan: document,
  };
}

interface Execution {
  readonly tools: Tools;
  readonly writer: StoreWriter;
  readonly planned: PlannedRun;
}

async function execute(running: Running, execution: Execution): Promise<ProductionRun> {
  const { world, options, loaded } = running;
  const { tools, writer, planned } = execution;
  const { plan, document, takenBack } = planned;
  await assertRevertAllowed(options, takenBack);
  hintParallel(world, plan, options);
  const choice = executionOptions(options, loaded.project.settings);
  const performed = await performPlan(plan, choice, withWriter(tools, writer));
  const at = world.now().toISOString();
  if (performed.failed) {
    await writer.recordAttempt({ at, status: 'failed', failed: failedNodes(performed) });
    return { result: buildRunDocument({ environment: null, serial: null, performed, plan }), plan: document };
  }
  const result = await switchAndShow(running, execution, { performed, at });
  return { result, plan: document };
}

interface Finished {
  readonly performed: Performed;
  readonly at: string;
}

/** Moves production if something moved, then brings its targets up to date. */
async function switchAndShow(running: Running, execution: Execution, finished: Finished): Promise<RunDocument> {
  const { world, options } = running;
  const { tools, writer, planned } = execution;
  const { performed, at } = finished;
  const { plan } = planned;
  const nodes = generationNodes(plan, performed, { writer, at });
  const moved = movedNodes(plan, nodes);
  const takenBack = moved.size > 0 ? await takenBackBy(running, planned, moved) : [];
  const serial = moved.size === 0 ? null : await switchProduction(running, execution, { nodes, at, takenBack });
  const outcome = { environment: null, serial, performed, plan, ...(serial === null ? { nothing: true } : { moved }) };
  const adopt = options.adopt === true;
  const generation = { environment: null, entries: nodes, base: [], adopt, only: planned.written };
  const after = await writeAfterSwitch(buildRunDocument(outcome), generation, { world, writer, tools });
  const { document, failed } = after;
  await writer.recordAttempt({ at, status: failed.length > 0 ? 'failed' : 'done', failed });
  return document;
}

/** What the nodes that moved undo; asks again if the plan alone could not tell. */
async function takenBackBy(
  { options }: Running,
  { takenBack, takenBackAfter }: PlannedRun,
  moved: ReadonlySet<NodeId>,
): Promise<readonly TakenBack[]> {
  if (takenBackAfter === null) return takenBack;
  const found = await takenBackAfter(moved);
  await assertRevertAllowed(options, found);
  return found;
}

interface Switching {
  readonly takenBack: readonly TakenBack[];
  readonly nodes: readonly GenerationNode[];
  readonly at: string;
}

async function switchProduction(
  { world, root }: Running,
  { writer, planned }: Execution,
  { nodes, at, takenBack }: Switching,
): Promise<number> {
  return writer.switchTo(null, {
    cause: 'run',
    from: null,
    base: planned.document.base,
    by: await authorOf(world, root),
    at,
    plan: null,
    commit: await planned.commit(),
    ...revertedBy(takenBack),
    nodes,
  });
}

const failedNodes = ({ results }: Performed): readonly string[] =>
  results.filter(result => result.status === 'failed').map(result => result.id);
