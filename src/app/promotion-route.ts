import type { EnvironmentName } from '../core/environment/environment-name.ts';
import type { Generation } from '../store/records.ts';
import type { SavedPlan } from './plan-record.ts';

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
