import type { EnvironmentEntry, EnvironmentsDocument } from '../../core/documents/environments-document.ts';
import type { EnvironmentName } from '../../core/environment/environment-name.ts';
import { lifetimeOf } from '../../core/environment/expiry.ts';
import type { CommonOptions, World } from '../../core/world.ts';
import { ToolError } from '../../diagnostics/tool-error.ts';
import { findProjectRoot } from '../../project/files/project-root.ts';
import type { EnvironmentListing } from '../../store/generations/environment-records.ts';
import { openStore, type StoreReader } from '../../store/store-reader.ts';

/** All environments with status and lifetime; an unreadable one is listed as corrupt. */
export function listEnvironments(world: World, options: CommonOptions): EnvironmentsDocument {
  const store = openStore(findProjectRoot(world, options));
  const now = world.now().getTime();
  const environments = store.listEnvironments().map(entry => describeEnvironment(store, entry, now));
  return { format: 'seeknal.environments', version: 1, environments };
}

/** One entry of the list; `now` in milliseconds since 1970. */
export function describeEnvironment(store: StoreReader, entry: EnvironmentListing, now: number): EnvironmentEntry {
  const { config, name } = entry;
  const serial = readableSerial(store, name as EnvironmentName);
  if (config === null || serial === 'unreadable') {
    return {
      name,
      status: 'corrupt',
      serial: null,
      created_at: null,
      last_used_at: null,
      expires_at: null,
      expired: false,
    };
  }
  const usedAt = Date.parse(entry.lastUsedAt ?? config.last_used_at);
  const life = lifetimeOf({ usedAt, ttl: config.ttl_ms }, now);
  return {
    name,
    status: config.status,
    serial,
    created_at: config.created_at,
    last_used_at: new Date(life.usedAt).toISOString(),
    expires_at: life.expiresAt === null ? null : new Date(life.expiresAt).toISOString(),
    expired: life.expired,
  };
}

/** Does not throw for an unreadable environment, so that the others are still listed. */
function readableSerial(store: StoreReader, name: EnvironmentName): number | null | 'unreadable' {
  try {
    const serial = store.head(name);
    const isOwn = serial !== null && !store.followsProduction(name);
    return isOwn && store.generation(name, serial) === null ? 'unreadable' : serial;
  } catch (error) {
    if (error instanceof ToolError && UNREADABLE.has(error.code)) return 'unreadable';
    throw error;
  }
}

const UNREADABLE: ReadonlySet<string> = new Set(['store-damaged', 'format-too-new', 'disk']);
