import type { ProfilePin } from '../core/documents/plan-document.ts';
import type { EnvironmentName } from '../core/environment/environment-name.ts';
import { pinProfile, unknownKeysOf } from '../connections/discover-profile.ts';
import type { World } from '../core/world.ts';

export interface ProfileChoice {
  readonly root: string;
  readonly environment: EnvironmentName | null;
  /** What `--profile` says. */
  readonly explicit: string | null;
}

/** The profile that a command uses; which and why is told, and what in it means nothing. */
export function chooseProfile(world: World, choice: ProfileChoice): ProfilePin | null {
  const places = { root: choice.root, home: world.home };
  const pin = announce(world, pinProfile({ ...choice, ...places }));
  if (pin !== null) for (const text of unknownKeysOf(places, pin)) world.emit({ kind: 'warning', text });
  return pin;
}

/** Tells which profile was taken, and why; hands it on. */
export function announce(world: World, profile: ProfilePin | null): ProfilePin | null {
  world.emit({ kind: 'profile', path: profile?.path ?? null, because: profile?.because ?? 'none found' });
  return profile;
}
