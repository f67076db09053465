import type { EnvironmentName } from '../core/environment/environment-name.ts';
import { ToolError } from '../diagnostics/tool-error.ts';
import type { EnvironmentConfig } from '../store/generations/environment-records.ts';
import type { Generation } from '../core/state/generation.ts';
import type { StoreReader } from '../store/store-reader.ts';
import { chooseProfile } from '../project/choose-profile.ts';
import { parsePlanFile, type SavedPlan } from '../planning/plan-record.ts';
import { assertEnvironmentExists, ownGeneration } from '../planning/saved-plan.ts';
import type { World } from '../core/world.ts';

/** What is promoted, to which target, and their common base. */
export interface Route {
  readonly from: EnvironmentName;
  readonly to: EnvironmentName | null;
  readonly applied: Generation;
  readonly plan: SavedPlan;
  /** null if this promotion creates the target. */
  readonly target: Generation | null;
  /** The generation of production that both sides are based on; null without one. */
  readonly base: Generation | null;
  /** The base of the promoted generation: the later base of both sides. */
  readonly resultBase: Generation | null;
}

export interface RouteRequest {
  readonly world: World;
  readonly root: string;
  readonly from: EnvironmentName;
  readonly to: EnvironmentName | null;
  /** Value of `--profile`. */
  readonly profile: string | null;
}

/** Checks that a promotion is possible before anything is compared; null if the environment has no changes of its own. */
export function openRoute(store: StoreReader, request: RouteRequest): Route | null {
  const { from, to, world, root, profile } = request;
  assertEnvironmentExists(store, from);
  if (to === null) chooseProfile(world, { root, environment: null, explicit: profile });
  else store.assertNameFree(to);
  const own = appliedGeneration(store, from);
  if (own === null) return null;
  const base = baseGeneration(store, own.applied, from);
  if (to === null) return { from, to, ...own, target: store.current(null), base, resultBase: base };
  const target = ownGeneration(store, to);
  const bases = target === null ? [base] : [base, baseGeneration(store, target, to)];
  const [oldest = null] = bases.toSorted(bySerial);
  return { from, to, ...own, target, base: oldest, resultBase: bases.toSorted(bySerial).at(-1) ?? null };
}

/** null comes first. */
const bySerial = (a: Generation | null, b: Generation | null): number => (a?.serial ?? 0) - (b?.serial ?? 0);

/** Whether the target has not moved since the environment was planned, so that no merge is needed. */
export const isUnmoved = ({ to, target, base }: Route): boolean =>
  target === null || (to === null && target.serial === base?.serial);

/** The generation to promote; null if the environment has no changes of its own. Throws `not-applied`. */
function appliedGeneration(store: StoreReader, environment: EnvironmentName): Pick<Route, 'applied' | 'plan'> | null {
  const status = store.environmentConfig(environment)?.status;
  const applied = ownGeneration(store, environment);
  // Applied without a generation of its own, it is identical to production.
  if (status === 'promoted' || (status === 'applied' && applied === null)) return null;
  const plan = parsePlanFile(store.planText(environment));
  if (status === 'applied' && applied && plan && applied.plan === plan.fingerprint) return { applied, plan };
  throw new ToolError('not-applied', `Environment '${environment}' has not been applied.`, {
    hint: `${whyNot(status, applied)}. Run 'seeknal env apply ${environment}' first.`,
  });
}

function whyNot(status: EnvironmentConfig['status'] | undefined, applied: Generation | null): string {
  if (status === 'failed') return 'Its last apply failed';
  if (applied === null) return 'It was only planned';
  return applied.cause === 'rollback'
    ? 'It was rolled back to a generation of another plan'
    : 'Its plan changed since it was applied';
}

function baseGeneration(store: StoreReader, applied: Generation, from: EnvironmentName): Generation | null {
  if (applied.base === null) return null;
  const base = applied.base.lineage === store.lineage ? store.generation(null, applied.base.serial) : null;
  if (base) return base;
  throw new ToolError('moved-on', `The base of '${from}' is not in this store: production moved on.`, {
    hint: `Run 'seeknal env plan ${from}' and apply it again.`,
  });
}
