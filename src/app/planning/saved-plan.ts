import type { EnvironmentName } from '../../core/environment/environment-name.ts';
import { nodeFromDefinition } from '../../core/project/node-from-definition.ts';
import type { NodeId } from '../../core/project/node.ts';
import { ToolError } from '../../diagnostics/tool-error.ts';
import type { Generation, GenerationNode } from '../../store/records.ts';
import type { StoreReader } from '../../store/store-reader.ts';
import type { DesiredNode } from '../project/desired-node.ts';
import { type MadePlan, makePlan } from './make-plan.ts';
import { parsePlanFile, type PlannedDefinition, type SavedPlan, type StoredDefinition } from './plan-record.ts';
import { definitionIn, resolveEntry } from './read-base.ts';
import { resolveStored } from '../project/resolve-nodes.ts';
import type { Workbench } from './workbench.ts';
import type { World } from '../world.ts';

/** Throws with the environments that there are. */
export function assertEnvironmentExists(store: StoreReader, environment: EnvironmentName): void {
  const names = store.environmentNames();
  if (names.includes(environment)) return;
  const available = names.length === 0 ? 'There are none.' : `Available: ${names.join(', ')}.`;
  throw new ToolError('environment-not-found', `Environment '${environment}' not found.`, {
    hint: `${available} Run 'seeknal env plan ${environment}' to make it.`,
  });
}

/** The plan that an environment holds; throws where there is none, or one that was edited by hand. */
export function readSavedPlan(store: StoreReader, environment: EnvironmentName): SavedPlan {
  assertEnvironmentExists(store, environment);
  const plan = parsePlanFile(store.planText(environment));
  if (plan) return plan;
  throw new ToolError('no-plan', `No plan found for environment '${environment}'.`, {
    hint: `Run 'seeknal env plan ${environment}' first.`,
  });
}

/** The generation that a plan was made from; null where there was no production. */
export function baseOfPlan(store: StoreReader, plan: SavedPlan): Generation | null {
  if (plan.base === null) return null;
  const base = store.generation(null, plan.base.serial);
  if (base && store.lineage === plan.base.lineage) return base;
  throw new ToolError('stale', `Plan is stale: production's generation ${plan.base.serial} is not in this store.`, {
    hint: `Run 'seeknal env plan ${plan.environment}' to refresh.`,
  });
}

/** The definitions of a plan: the base's, with what the plan adds, changes and removes; never the disk's. */
export function plannedNodes(store: StoreReader, plan: SavedPlan, world: World): readonly DesiredNode[] {
  const { kept, changed } = partsOf(store, plan);
  const nodes = [
    ...kept.map(entry => resolveEntry(store, entry, world)),
    ...changed.map(([id, entry]) => resolveStored(nodeFromDefinition(id, entry.file, entry.document), entry, world)),
  ];
  return nodes.sort((a, b) => (a.resolved.node.id < b.resolved.node.id ? -1 : 1));
}

interface PlanParts {
  readonly kept: readonly GenerationNode[];
  readonly changed: readonly (readonly [NodeId, StoredDefinition])[];
}

function partsOf(store: StoreReader, plan: SavedPlan): PlanParts {
  const base = baseOfPlan(store, plan);
  const removed = plan.nodes.filter(node => node.change === 'removed').map(node => node.id);
  const replaced = new Set([...Object.keys(plan.record.definitions), ...removed]);
  return {
    kept: (base?.nodes ?? []).filter(entry => !replaced.has(entry.id)),
    // The record was written from parsed nodes: its keys are node ids.
    changed: Object.entries(plan.record.definitions).map(([id, entry]) => [id as NodeId, entry]),
  };
}

/** Decides again what must run for what a plan recorded: the store may hold more by now. */
export async function remakePlan(bench: Workbench, plan: SavedPlan): Promise<MadePlan> {
  return makePlan({
    bench,
    base: baseOfPlan(bench.store, plan),
    nodes: plannedNodes(bench.store, plan, bench.world),
    pinSources: !plan.record.refresh,
    full: false,
  });
}

/** Definitions with their given values, as the fingerprint of a plan covers them. */
export function plannedDefinitions(store: StoreReader, plan: SavedPlan): readonly PlannedDefinition[] {
  const { kept, changed } = partsOf(store, plan);
  return [
    ...kept.map(entry => {
      const { document, values } = definitionIn(store, entry);
      return { id: entry.id, definition: { document, values }, parameters: entry.parameters ?? {} };
    }),
    ...changed.map(([id, { document, values, parameters }]) => ({ id, definition: { document, values }, parameters })),
  ];
}
