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
  /** null for production, which never takes an environment's profile by convention. */
  readonly environment: string | null;
  /** What `--profile` says: absolute, or from the root. */
  readonly explicit: string | null;
}

/**
 * The profile that a command uses, by content: `--profile`, else the first by convention; null where there is none.
 * Throws `profile-not-found` for an explicit one that does not exist.
 */
export function pinProfile(search: ProfileSearch): ProfilePin | null {
  if (search.explicit !== null) return explicitPin(search, search.explicit);
  for (const { path, because } of conventionalPlaces(search.environment)) {
    const absolute = profileFile(search, path);
    if (isFile(absolute)) return checkedPin({ path, sha256: hashOf(absolute, path), because }, absolute);
  }
  return null;
}

/** A profile that is no YAML, or no mapping, is told before anything stands on it. Throws `bad-profile`. */
function checkedPin(pin: ProfilePin, absolute: string): ProfilePin {
  readProfile(absolute, pin.path);
  return pin;
}

/** A line for each key of a profile that means nothing. None repeats the key: it may be a secret at the wrong place. */
export function unknownKeysOf(places: ProfilePlaces, { path }: ProfilePin): readonly string[] {
  return readProfile(profileFile(places, path), path).unknownKeys.map(({ line, column, meant }) => {
    const hint = meant === null ? "a profile has 'connections' and 'source_defaults'" : `did you mean '${meant}'?`;
    return `${path}:${line}:${column}: this key means nothing; ${hint}`;
  });
}

/** The profile that a plan pinned, as it is now; null where none was pinned or it is gone. */
export function readPinnedProfile(places: ProfilePlaces & { readonly pin: ProfilePin | null }): ProfilePin | null {
  if (places.pin === null) return null;
  const { path } = places.pin;
  const absolute = profileFile(places, path);
  if (!isFile(absolute)) return null;
  return { path, sha256: hashOf(absolute, path), because: 'pinned in the plan' };
}

/** Where the file of a pin lies, absolute. */
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
      hint: 'A relative path is looked up from the working directory, then from the project root.',
    });
  }
  const path = storedPath(places, absolute);
  return checkedPin({ path, sha256: hashOf(absolute, path), because: '--profile' }, absolute);
}

/** Relative to the root, or to the home directory: a project that was moved still finds it. */
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
