import { createHash } from 'node:crypto';
import { existsSync, readFileSync, realpathSync, statSync } from 'node:fs';
import { isAbsolute, join, relative, resolve, sep } from 'node:path';
import type { ProfilePin } from '../core/documents/plan-document.ts';
import { ToolError } from '../diagnostics/tool-error.ts';
import { readProfile } from './read-profile.ts';

const HOME_PREFIX = '~/.seeknal/';

export interface ProfilePlaces {
  /** The project's root, absolute. */
  readonly root: string;
  /** The user's home directory, absolute. */
  readonly home: string;
}

export interface ProfileSearch extends ProfilePlaces {
  /** null for production, which has no profile of its own by convention. */
  readonly environment: string | null;
  /** The path given with `--profile`, absolute or relative to the root; null if not given. */
  readonly explicit: string | null;
}

/**
 * Pins the profile that a command uses: `--profile`, or else the first conventional place that exists; null if none does.
 * Throws `profile-not-found` if the explicit one does not exist, and `bad-profile`.
 */
export function pinProfile(search: ProfileSearch): ProfilePin | null {
  if (search.explicit !== null) return explicitPin(search, search.explicit);
  for (const { path, because } of conventionalPlaces(search.environment)) {
    const absolute = profileFile(search, path);
    if (isFile(absolute)) return checkedPin({ path, sha256: hashOf(absolute, path), because }, absolute);
  }
  return null;
}

/** Checks a profile before it is pinned. Throws `bad-profile` if it is not a YAML mapping. */
function checkedPin(pin: ProfilePin, absolute: string): ProfilePin {
  readProfile(absolute, pin.path);
  return pin;
}

/** One warning for each unknown key of a profile. Warnings do not repeat the key, which may be a misplaced secret. */
export function unknownKeysOf(places: ProfilePlaces, { path }: ProfilePin): readonly string[] {
  return readProfile(profileFile(places, path), path).unknownKeys.map(({ line, column, meant }) => {
    const hint =
      meant === null ? "a profile may contain 'connections' and 'source_defaults'" : `did you mean '${meant}'?`;
    return `${path}:${line}:${column}: unknown key; ${hint}`;
  });
}

/** The current state of the profile that a plan pinned; null if none was pinned or the file no longer exists. */
export function readPinnedProfile(places: ProfilePlaces & { readonly pin: ProfilePin | null }): ProfilePin | null {
  if (places.pin === null) return null;
  const { path } = places.pin;
  const absolute = profileFile(places, path);
  if (!isFile(absolute)) return null;
  return { path, sha256: hashOf(absolute, path), because: 'pinned in the plan' };
}

/** Absolute path of a pinned profile. */
export function profileFile(places: ProfilePlaces, path: string): string {
  if (path.startsWith(HOME_PREFIX)) return join(places.home, '.seeknal', path.slice(HOME_PREFIX.length));
  return resolve(places.root, path);
}

function conventionalPlaces(environment: string | null): readonly Omit<ProfilePin, 'sha256'>[] {
  const own = (file: string): readonly Omit<ProfilePin, 'sha256'>[] => [
    { path: file, because: 'profiles-<env>.yml in the project' },
    { path: `${HOME_PREFIX}${file}`, because: 'profiles-<env>.yml in ~/.seeknal' },
  ];
  return [
    ...(environment === null ? [] : own(`profiles-${environment}.yml`)),
    { path: 'profiles.yml', because: 'profiles.yml in the project' },
    { path: `${HOME_PREFIX}profiles.yml`, because: 'profiles.yml in ~/.seeknal' },
  ];
}

function explicitPin(places: ProfilePlaces, explicit: string): ProfilePin {
  const absolute = profileFile(places, explicit);
  if (!isFile(absolute)) {
    throw new ToolError('profile-not-found', `Profile not found: ${explicit}`, {
      hint: 'Check the path. A relative path is resolved from the working directory, then from the project root.',
    });
  }
  const path = storedPath(places, absolute);
  return checkedPin({ path, sha256: hashOf(absolute, path), because: '--profile' }, absolute);
}

/** Relative to the root or the home directory, so that the plan stays valid when the project is moved. */
function storedPath(places: ProfilePlaces, absolute: string): string {
  const inside = (from: string): string | null => {
    const path = relative(realpathSync(from), realpathSync(absolute));
    return path === '..' || path.startsWith(`..${sep}`) || isAbsolute(path) ? null : path.replaceAll(sep, '/');
  };
  const project = inside(places.root);
  if (project !== null) return project;
  const settings = join(places.home, '.seeknal');
  const home = existsSync(settings) ? inside(settings) : null;
  if (home !== null) return `${HOME_PREFIX}${home}`;
  return relative(places.root, absolute).replaceAll(sep, '/');
}

const isFile = (path: string): boolean => statSync(path, { throwIfNoEntry: false })?.isFile() === true;

function hashOf(absolute: string, shown: string): string {
  try {
    return createHash('sha256').update(readFileSync(absolute)).digest('hex');
  } catch (cause) {
    throw new ToolError('profile-unreadable', `Profile ${shown} cannot be read.`, { cause });
  }
}
