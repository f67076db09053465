import { canonicalJson } from '../core/canonical-json.ts';
import { type EnvironmentName, parseEnvironmentName } from '../core/environment/environment-name.ts';
import { nodeFromDefinition } from '../core/definition/nodes/node-from-definition.ts';
import type { NodeId } from '../core/definition/nodes/node.ts';
import { ToolError } from '../diagnostics/tool-error.ts';
import type { Generation, GenerationNode } from '../core/state/generation.ts';
import type { NodeParameters } from '../core/parameters/node-parameters.ts';
import type { StateSnapshot } from '../core/state/state-snapshot.ts';
import type { StoreReader } from '../store/store-reader.ts';
import { type DesiredNode, storedOutput } from '../core/definition/nodes/desired-node.ts';
import { isSameQuery, type PinnableNode, makePinningPlan } from './variable-pinning.ts';
import type { Plan } from '../core/plan/plan.ts';
import type { PlanningTools } from './planning-tools.ts';
import { parsePlanFile, type PlannedDefinition, type SavedPlan, type StoredDefinition } from './plan-record.ts';
import { definitionIn } from './read-base.ts';
import { resolveStored } from '../project/parameters/resolve-stored.ts';

/** Throws `environment-not-found` with the names of the existing environments. */
export function assertEnvironmentExists(
  state: Pick<StateSnapshot, 'environmentNames'>,
  environment: EnvironmentName,
): void {
  const names = state.environmentNames();
  if (names.includes(environment)) return;
  const available = names.length === 0 ? 'No environments exist.' : `Available: ${names.join(', ')}.`;
  throw new ToolError('environment-not-found', `Environment '${environment}' not found.`, {
    hint: `${available} Run 'seeknal env plan ${environment}' to create it.`,
  });
}

type PlanFiles = Pick<StoreReader, 'environmentNames' | 'planText'>;

/** The saved plan of an environment. Throws if there is none, or if it was edited by hand. */
export function readSavedPlan(store: PlanFiles, environment: EnvironmentName): SavedPlan {
  assertEnvironmentExists(store, environment);
  const plan = parsePlanFile(store.planText(environment));
  if (plan) return plan;
  throw new ToolError('no-plan', `No plan found for environment '${environment}'.`, {
    hint: `Run 'seeknal env plan ${environment}' first.`,
  });
}

/** The environment's own generation; null if it follows production. */
export const ownGeneration = (state: StateSnapshot, environment: EnvironmentName): Generation | null =>
  state.followsProduction(environment) ? null : state.current(environment);

/** The base of a plan; null if it was made without a production. Throws `stale` if this store lacks it. */
export function baseOfPlan(state: StateSnapshot, plan: SavedPlan): Generation | null {
  if (plan.base === null) return null;
  const base = state.generation(null, plan.base.serial);
  if (base && state.lineage === plan.base.lineage) return base;
  throw new ToolError('stale', `Plan is stale: production's generation ${plan.base.serial} is not in this store.`, {
    hint: `Run 'seeknal env plan ${plan.environment}' to refresh.`,
  });
}

/** The definitions of a plan: those of the base with the plan's changes, never those on disk. */
function plannedParts(state: StateSnapshot, plan: SavedPlan): ReadonlyMap<NodeId, StoredDefinition> {
  const removed = new Set(plan.nodes.filter(node => node.change === 'removed').map(node => node.id));
  const base = (baseOfPlan(state, plan)?.nodes ?? []).filter(entry => !removed.has(entry.id));
  return new Map([
    ...base.map(entry => [entry.id, storedDefinition(state, entry)] as const),
    // The record was written from parsed nodes: its keys are node ids.
    ...Object.entries(plan.record.definitions).map(([id, entry]) => [id as NodeId, entry] as const),
  ]);
}

function storedDefinition(state: StateSnapshot, entry: GenerationNode): StoredDefinition {
  const { document, values } = definitionIn(state, entry);
  return { file: entry.file, document, values, parameters: entry.parameters ?? {} };
}

/** Plans the recorded definitions again, because the store may hold more artefacts now. */
export async function remakePlan(plan: SavedPlan, tools: PlanningTools): Promise<Plan> {
  const { state, world } = tools;
  const pinned = pinnedNodes(state, plan);
  const nodes: DesiredNode[] = [];
  const pinnable: PinnableNode[] = [];
  for (const [id, stored] of plannedParts(state, plan)) {
    const node = nodeFromDefinition(id, stored.file, stored.document);
    const resolve = (): DesiredNode => resolveStored(node, stored, world);
    if (!pinned.has(id)) nodes.push(resolve());
    else pinnable.push({ id, pinned: { resolved: storedOutput(node), ...stored }, otherwise: resolve });
  }
  const base = baseOfPlan(state, plan);
  const own = plan.environment === null ? null : ownGeneration(state, parseEnvironmentName(plan.environment));
  const request = { base, nodes, pinSources: !plan.record.refresh, ...(own ? { shown: own.nodes } : {}) };
  return (await makePinningPlan(request, pinnable, tools)).plan;
}

/**
 * Nodes with environment variables that a plan takes unchanged from its base. They keep the base's values, whatever the
 * values on this machine.
 */
export function pinnedNodes(state: StateSnapshot, plan: SavedPlan): ReadonlySet<NodeId> {
  if (plan.record.refresh) return new Set();
  const base = new Map((baseOfPlan(state, plan)?.nodes ?? []).map(entry => [entry.id, entry]));
  const reused = new Set(plan.nodes.filter(node => node.action === 'reuse' && !node.verify).map(node => node.id));
  const kept = [...plannedParts(state, plan)].filter(([id, { parameters, ...wanted }]) => {
    const entry = base.get(id);
    if (!entry || !reused.has(id) || parameters.variables === undefined) return false;
    return sameValues(entry.parameters, parameters) && isSameQuery(state, entry, wanted);
  });
  return new Set(kept.map(([id]) => id));
}

const sameValues = (a: NodeParameters | undefined, b: NodeParameters): boolean =>
  canonicalJson({ ...a }) === canonicalJson({ ...b });

/** Definitions with their given values, as the fingerprint of a plan covers them. */
export function plannedDefinitions(state: StateSnapshot, plan: SavedPlan): readonly PlannedDefinition[] {
  return [...plannedParts(state, plan)].map(([id, { document, values, parameters }]) => ({
    id,
    definition: { document, values },
    parameters,
  }));
}
