import type { EnvironmentName } from '../../core/environment/environment-name.ts';
import type { GenerationDraft } from '../../core/state/generation.ts';
import { errnoOf } from '../disk.ts';
import {
  assertOwnFolder,
  CONFIG_FILE,
  type EnvironmentConfig,
  readEnvironmentConfig,
  readEnvironmentNames,
  renderEnvironmentConfig,
} from './environment-records.ts';
import { assertOwnHistories, forgetEnvironment } from '../recovery/recover.ts';
import { join } from 'node:path';
import { randomId } from '../random-id.ts';
import { replaceFile, type WriteContext } from '../write-context.ts';

const DEFAULT_TTL_MS = 7 * 24 * 60 * 60 * 1000;

/** Creates an environment's folder. Throws `unsafe-path` if a link is in its place. */
export function ensureFolder({ paths, disk }: WriteContext, environment: EnvironmentName): void {
  assertOwnFolder(paths, environment);
  disk.makeFolder(paths.views(environment));
}

/** Replaces an environment's record. */
export function writeConfig(context: WriteContext, environment: EnvironmentName, config: EnvironmentConfig): void {
  ensureFolder(context, environment);
  context.assertOwned();
  replaceFile(context, context.paths.view(environment, CONFIG_FILE), renderEnvironmentConfig(config));
}

export interface Use {
  readonly status: EnvironmentConfig['status'];
  readonly at: string;
  /** A new record takes its time to live from this one. */
  readonly like?: EnvironmentConfig | null;
}

/** Sets an environment's status and last use; creates the record if it is missing or unreadable. */
export function setStatus(context: WriteContext, environment: EnvironmentName, use: Use): void {
  const known = readEnvironmentConfig(context.paths, environment);
  writeConfig(context, environment, {
    name: environment,
    created_at: known?.created_at ?? use.at,
    last_used_at: use.at,
    ttl_ms: known?.ttl_ms ?? use.like?.ttl_ms ?? DEFAULT_TTL_MS,
    status: use.status,
  });
}

/** Creates an environment and its record if missing; a new record takes its time to live from the environment `from`. */
export function ensureEnvironment(
  context: WriteContext,
  environment: EnvironmentName,
  { at, from }: Pick<GenerationDraft, 'at' | 'from'>,
): void {
  const { paths } = context;
  ensureFolder(context, environment);
  if (readEnvironmentConfig(paths, environment) !== null) return;
  const origin = readEnvironmentNames(paths).find(name => name === from);
  const like = origin === undefined ? null : readEnvironmentConfig(paths, origin);
  setStatus(context, environment, { status: 'planned', at, like });
}

/** Removes an environment's folder in one rename, then its history. If interrupted, the next writer finishes it. */
export function removeEnvironment(context: WriteContext, environment: EnvironmentName): void {
  const { paths, disk } = context;
  assertOwnFolder(paths, environment);
  assertOwnHistories(paths);
  context.assertOwned();
  const grave = join(paths.temporary, randomId());
  moveAway(context, paths.views(environment), grave);
  forgetEnvironment(context, environment);
  disk.removeTree(grave);
}

function moveAway({ disk }: WriteContext, folder: string, grave: string): void {
  try {
    disk.rename(folder, grave);
  } catch (error) {
    if (errnoOf(error) !== 'ENOENT') throw error;
  }
}
