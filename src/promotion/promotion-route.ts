import type { EnvironmentName } from '../core/environment/environment-name.ts';
import { ToolError } from '../diagnostics/tool-error.ts';
import type { EnvironmentConfig } from '../store/generations/environment-records.ts';
import type { Generation } from '../core/state/generation.ts';
import type { StoreReader } from '../store/store-reader.ts';
import { chooseProfile } from '../project/choose-profile.ts';
import { parsePlanFile, type SavedPlan } from '../planning/plan-record.ts';
import { assertEnvironmentExists, ownGeneration } from '../planning/saved-plan.ts';
import type { World } from '../core/world.ts';

/** What is promoted, onto what, and what both came from. */
export interface Route {
  readonly from: EnvironmentName;
  readonly to: EnvironmentName | null;
  readonly applied: Generation;
  readonly plan: SavedPlan;
  /** null where the target is made by this promotion. */
  readonly target: Generation | null;
  /** The generation of production that both sides came from; null where there was none. */
  readonly base: Generation | null;
  /** The generation of production that what comes out of it stands on: the later of both sides' own. */
  readonly stands: Generation | null;
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
  const base = baseGeneration(store, own.applied, from);
  if (to === null) return { from, to, ...own, target: store.current(null), base, stands: base };
  const target = ownGeneration(store, to);
  const bases = target === null ? [base] : [base, baseGeneration(store, target, to)];
  const [oldest = null] = bases.toSorted(bySerial);
  return { from, to, ...own, target, base: oldest, stands: bases.toSorted(bySerial).at(-1) ?? null };
}

/** None at all comes before the first. */
const bySerial = (a: Generation | null, b: Generation | null): number => (a?.serial ?? 0) - (b?.serial ?? 0);

/** The target is still what the environment was planned from: what was applied is whole as it is. */
export const isUnmoved = ({ to, target, base }: Route): boolean =>
  target === null || (to === null && target.serial === base?.serial);

/** The generation that may be promoted; null where there is nothing of its own. Throws where it was never applied. */
function appliedGeneration(store: StoreReader, environment: EnvironmentName): Pick<Route, 'applied' | 'plan'> | null {
  const status = store.environmentConfig(environment)?.status;
  const applied = ownGeneration(store, environment);
  // Applied without a generation of its own, it differs in nothing from production.
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
    ? 'It was rolled back to what another plan made'
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
