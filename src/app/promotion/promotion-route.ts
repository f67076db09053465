import type { EnvironmentName } from '../../core/environment/environment-name.ts';
import { ToolError } from '../../diagnostics/tool-error.ts';
import type { Generation } from '../../store/records.ts';
import type { StoreReader } from '../../store/store-reader.ts';
import { chooseProfile } from '../planning/choose-profile.ts';
import { parsePlanFile, type SavedPlan } from '../planning/plan-record.ts';
import { assertEnvironmentExists } from '../planning/saved-plan.ts';
import type { World } from '../world.ts';

/** What is promoted, onto what, and what both came from. */
export interface Route {
  readonly from: EnvironmentName;
  readonly to: EnvironmentName | null;
  readonly applied: Generation;
  readonly plan: SavedPlan;
  /** null where the target is made by this promotion. */
  readonly target: Generation | null;
  /** The generation of production that the environment stands on; null where there was none. */
  readonly base: Generation | null;
}

export interface RouteRequest {
  readonly world: World;
  readonly root: string;
  readonly from: EnvironmentName;
  readonly to: EnvironmentName | null;
  /** What `--profile` says. */
  readonly profile: string | null;
}

/** Throws what refuses a promotion before anything is compared; null where there is nothing of its own. */
export function openRoute(store: StoreReader, request: RouteRequest): Route | null {
  const { from, to, world, root, profile } = request;
  assertEnvironmentExists(store, from);
  if (to === null) chooseProfile(world, { root, environment: null, explicit: profile });
  else store.assertNameFree(to);
  const own = appliedGeneration(store, from);
  if (own === null) return null;
  const target = to === null || ownsGeneration(store, to) ? store.current(to) : null;
  return { from, to, ...own, target, base: baseGeneration(store, own.applied, from) };
}

/** The target is still what the environment was planned from: what was applied is whole as it is. */
export const isUnmoved = ({ to, target, base }: Route): boolean =>
  target === null || (to === null && target.serial === base?.serial);

const ownsGeneration = (store: StoreReader, environment: EnvironmentName): boolean =>
  store.environmentConfig(environment)?.status === 'applied';

/** The generation that may be promoted; null where there is nothing of its own. Throws where it was never applied. */
function appliedGeneration(store: StoreReader, environment: EnvironmentName): Pick<Route, 'applied' | 'plan'> | null {
  const status = store.environmentConfig(environment)?.status;
  if (status === 'promoted') return null;
  const applied = store.current(environment);
  const plan = parsePlanFile(store.planText(environment));
  if (status === 'applied' && applied && plan && applied.plan === plan.fingerprint) return { applied, plan };
  const why =
    status === 'failed'
      ? 'Its last apply failed'
      : applied
        ? 'Its plan changed since it was applied'
        : 'It was only planned';
  throw new ToolError('not-applied', `Environment '${environment}' has not been applied.`, {
    hint: `${why}. Run 'seeknal env apply ${environment}' first.`,
  });
}

function baseGeneration(store: StoreReader, applied: Generation, from: EnvironmentName): Generation | null {
  if (applied.base === null) return null;
  const base = applied.base.lineage === store.lineage ? store.generation(null, applied.base.serial) : null;
  if (base) return base;
  throw new ToolError('moved-on', `The base of '${from}' is not in this store: production moved on.`, {
    hint: `Run 'seeknal env plan ${from}' and apply it again.`,
  });
}
