import type { ProfilePin } from '../../core/documents/plan-document.ts';
import type { DesiredNode } from '../../core/definition/nodes/desired-node.ts';
import type { NodeId } from '../../core/definition/nodes/node.ts';
import { mayMove } from '../../core/plan/changes/moves.ts';
import type { Plan } from '../../core/plan/plan.ts';
import { baseOf, type DefinitionsCommit, type Generation } from '../../core/state/generation.ts';
import type { World } from '../../core/world.ts';
import type { Diagnostic } from '../../diagnostics/diagnostic.ts';
import { makePlan } from '../../planning/make-plan.ts';
import { assertCanStart, definitionMistakes } from '../../planning/plan-mistakes.ts';
import { planTargets } from '../../planning/targets/plan-targets.ts';
import { buildPlanDocument, type SavedPlan } from '../../planning/plan-record.ts';
import { storedNodes } from '../../planning/read-base.ts';
import { takenBackWarnings } from '../../planning/revert/revert-text.ts';
import { findTakenBack, isUndecided, type TakenBack, wantedByPlan } from '../../planning/revert/revert-guard.ts';
import { makePinningPlan, pinnableNodes } from '../../planning/variable-pinning.ts';
import { authorOf } from '../../project/git/author.ts';
import { orEnvironment } from '../../project/environment-hint.ts';
import { once } from '../../core/once.ts';
import { commitOf } from '../../project/git/git-commit.ts';
import { assertValid, type LoadedProject } from '../../project/load-project.ts';
import {
  freshParameters,
  keptParameters,
  type ParameterOptions,
  unusedParameters,
} from '../../project/parameters/given-parameters.ts';
import { type ResolvedProject, resolveLoaded } from '../../project/resolved-project.ts';
import { selectNodes, type Selected, type Selection } from '../../project/select-nodes.ts';
import type { TargetChoice } from '../../execution/targets/target-choice.ts';
import type { Tools } from '../with-tools.ts';

/** Options of a run that affect its plan. */
export interface RunPlanOptions extends ParameterOptions, Selection, TargetChoice {
  readonly profile?: string;
  /** Runs all selected nodes and writes new artefacts. */
  readonly full?: boolean;
  readonly dryRun?: boolean;
}

export interface RunRequest {
  readonly world: World;
  readonly root: string;
  readonly options: RunPlanOptions;
  readonly loaded: LoadedProject;
  /** Chosen, and reported, on the first call. */
  profile(): ProfilePin | null;
}

export interface PlannedRun {
  readonly plan: Plan;
  readonly document: SavedPlan;
  /** Earlier promotions and rollbacks that the run would undo. */
  readonly takenBack: readonly TakenBack[];
  /** What the nodes that moved would undo; null if the plan alone tells. */
  takenBackAfter: ((moved: ReadonlySet<NodeId>) => Promise<readonly TakenBack[]>) | null;
  /** The nodes whose external targets are written. */
  readonly written: ReadonlySet<NodeId>;
  commit(): Promise<DefinitionsCommit | null>;
}

/** Plans production with current parameters and data. Throws all mistakes that stop a run. */
export async function planRun(tools: Tools, request: RunRequest): Promise<PlannedRun> {
  const { world, root, options } = request;
  const base = tools.state.current(null);
  const profile = request.profile();
  const commit = once(() => commitOf({ world, root }, request.loaded.project));
  // Starts git before the files can change again; awaited only if needed.
  if (options.dryRun !== true) void commit();
  const parameters = freshParameters(world, options);
  const resolved = resolveLoaded(request.loaded, () => parameters, world);
  if (resolved.broken) return refuse(tools, base, { resolved, options });
  const selected = select(tools, request, { base, resolved });
  const planned = await planSelected(tools, { base, selected, full: options.full === true });
  const written = options.materialize === false ? new Set<NodeId>() : selected.chosen;
  const adopt = options.adopt === true;
  const plan = await planTargets(planned, { environment: null, adopt, only: written }, tools);
  if (options.dryRun === true) assertValid(plan.diagnostics);
  else assertCanStart(plan);
  await tellLeftBehind(tools, { base, resolved, selected, full: options.full === true });
  const origin = { author: () => authorOf(world, root), commit };
  const guard = (moved?: ReadonlySet<NodeId>) =>
    findTakenBack({
      state: tools.state,
      checkout: { world, root },
      wanted: wantedByPlan(plan, origin, moved),
      withTools: work => work(tools),
    });
  const takenBack = await guard();
  const document = buildPlanDocument(plan, {
    environment: null,
    base: baseOf(tools.state.lineage, base),
    profile,
    refresh: true,
    files: null,
    warnings: [
      ...resolved.diagnostics,
      ...unusedBySelected(options, resolved, selected),
      ...definitionMistakes(plan),
      ...takenBackWarnings(takenBack),
    ],
  });
  return { plan, document, takenBack, takenBackAfter: isUndecided(plan) ? guard : null, written, commit };
}

interface Broken {
  readonly resolved: ResolvedProject;
  readonly options: RunPlanOptions;
}

/** Throws all mistakes of the project; also plans the sound nodes, so that all errors surface at once. */
async function refuse(tools: Tools, base: Generation | null, { resolved, options }: Broken): Promise<never> {
  const plan = await makePlan({ base, nodes: resolved.sound, pinSources: true }, tools);
  assertValid([...resolved.diagnostics, ...unusedParameters(options, resolved.nodes), ...plan.diagnostics]);
  throw new Error('a broken project has no mistakes');
}

interface Whole {
  readonly base: Generation | null;
  readonly resolved: ResolvedProject;
}

function select(tools: Tools, { world, options, loaded }: RunRequest, { base, resolved }: Whole): Selected {
  const production = {
    stored: () => (base ? storedNodes(tools.state, base, world) : []),
    withItsParameters: () => resolveLoaded(loaded, keptParameters(freshParameters(world, options), base), world).nodes,
  };
  const selected = orEnvironment(options.nodes ?? [], () => selectNodes(resolved.nodes, production, options), {
    environments: () => tools.state.environmentNames(),
    command: name => `run --env ${name}`,
  });
  for (const text of selected.warnings) world.emit({ kind: 'warning', text });
  return selected;
}

interface Selecting {
  readonly base: Generation | null;
  readonly selected: Selected;
  readonly full: boolean;
}

async function planSelected(tools: Tools, { base, selected, full }: Selecting): Promise<Plan> {
  const needed = selected.nodes.filter(node => selected.needed.has(node.resolved.node.id));
  const request = { base, nodes: selected.nodes, pinned: selected.pinned, pinSources: false };
  const pinnable = pinnableNodes(tools.state, base?.nodes ?? [], needed);
  const { plan } = await makePinningPlan({ ...request, remake: remakeOf(selected, full) }, pinnable, tools);
  return plan;
}

const remakeOf = ({ chosen }: Selected, full: boolean): ReadonlySet<NodeId> => (full ? chosen : new Set());

/** Warns about nodes below the selection that a full run would execute. */
async function tellLeftBehind(
  tools: Tools,
  { base, resolved: { nodes }, selected, full }: Whole & Selecting,
): Promise<void> {
  if (selected.left.length === 0) return;
  const plan = await makePlan({ base, nodes, pinSources: false, remake: remakeOf(selected, full) }, tools);
  const busy = new Set(plan.actions.filter(({ line }) => mayMove(line)).map(({ id }) => id));
  const behind = selected.left.filter(id => busy.has(id)).toSorted();
  if (behind.length === 0) return;
  const text = `left behind by the selection: ${behind.join(', ')}; the next 'seeknal run' executes them`;
  tools.world.emit({ kind: 'warning', text });
}

function unusedBySelected(
  options: RunPlanOptions,
  { nodes }: ResolvedProject,
  { nodes: all, chosen }: Selected,
): readonly Diagnostic[] {
  const used: readonly DesiredNode[] = all.filter(node => chosen.has(node.resolved.node.id));
  return unusedParameters(options, used, used.length < nodes.length ? 'selected node' : 'node');
}
