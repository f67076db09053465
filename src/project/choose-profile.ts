import type { ProfilePin } from '../core/documents/plan-document.ts';
import type { EnvironmentName } from '../core/environment/environment-name.ts';
import { pinProfile, unknownKeysOf } from '../connections/discover-profile.ts';
import type { World } from '../core/world.ts';

export interface ProfileChoice {
  readonly root: string;
  readonly environment: EnvironmentName | null;
  /** Value of `--profile`. */
  readonly explicit: string | null;
}

/** The profile that a command uses. Reports which one and why, and warns about unknown keys in it. */
export function chooseProfile(world: World, choice: ProfileChoice): ProfilePin | null {
  const places = { root: choice.root, home: world.home };
  const pin = announce(world, pinProfile({ ...choice, ...places }));
  if (pin !== null) for (const text of unknownKeysOf(places, pin)) world.emit({ kind: 'warning', text });
  return pin;
}

/** Reports which profile is used and why; returns it. */
export function announce(world: World, profile: ProfilePin | null): ProfilePin | null {
  world.emit({ kind: 'profile', path: profile?.path ?? null, because: profile?.because ?? 'none found' });
  return profile;
}
