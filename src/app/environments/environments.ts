import type { EnvironmentEntry, EnvironmentsDocument } from '../../core/documents/environments-document.ts';
import type { ProfilePin } from '../../core/documents/plan-document.ts';
import { type EnvironmentName, parseEnvironmentName } from '../../core/environment/environment-name.ts';
import { mayMove } from '../../core/plan/moves.ts';
import { lifetimeOf } from '../../core/environment/expiry.ts';
import type { EnvironmentListing } from '../../store/generations/environment-records.ts';
import { ToolError } from '../../diagnostics/tool-error.ts';
import { openStore, type StoreReader } from '../../store/store-reader.ts';
import { parsePlanFile } from '../../planning/plan-record.ts';
import { findProjectRoot } from '../../project/project-root.ts';
import { assertEnvironmentExists } from '../../planning/saved-plan.ts';
import type { CommonOptions, World } from '../../core/world.ts';
import { writeStore } from '../../project/write-store.ts';

/** All environments with their status and lifetime; one that cannot be read is listed as corrupt. */
export function listEnvironments(world: World, options: CommonOptions): EnvironmentsDocument {
  const store = openStore(findProjectRoot(world, options));
  const now = world.now().getTime();
  const environments = store.listEnvironments().map(entry => describeEnvironment(store, entry, now));
  return { format: 'seeknal.environments', version: 1, environments };
}

function describeEnvironment(store: StoreReader, entry: EnvironmentListing, now: number): EnvironmentEntry {
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

/** An environment that cannot be read does not hide the others from the list. */
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

export interface EnvironmentDetails {
  readonly entry: EnvironmentEntry;
  /** null where it was planned without a production, or where its plan cannot be read. */
  readonly base: { readonly serial: number; readonly production: number | null } | null;
  readonly planned: boolean;
  readonly profile: ProfilePin | null;
  readonly changed: readonly {
    readonly id: string;
    readonly change: string;
    readonly category: string | null;
    readonly action: string;
  }[];
  readonly targetsBehind: readonly string[];
  readonly promotable: boolean;
  /** Why it is not promotable; null where it is. */
  readonly why: string | null;
}

/** One environment: what it stands on, what it changes, and whether it can be promoted. */
export async function showEnvironment(
  world: World,
  options: CommonOptions & { readonly environment: string },
): Promise<EnvironmentDetails> {
  const environment = parseEnvironmentName(options.environment);
  const store = openStore(findProjectRoot(world, options));
  assertEnvironmentExists(store, environment);
  const listing = store.listEnvironments().find(entry => entry.name === environment);
  const entry = describeEnvironment(store, listing ?? UNLISTED(environment), world.now().getTime());
  const plan = parsePlanFile(store.planText(environment));
  const why = await whyNot(world, options);
  return {
    entry,
    base: plan?.base ? { serial: plan.base.serial, production: store.current(null)?.serial ?? null } : null,
    planned: plan !== null,
    profile: plan?.profile ?? null,
    changed: (plan?.nodes ?? [])
      .filter(node => node.change !== 'none' || node.action !== 'reuse' || mayMove(node))
      .map(({ id, change, category, action }) => ({ id, change, category, action })),
    targetsBehind: [],
    promotable: why === null,
    why,
  };
}

const UNLISTED = (name: string): EnvironmentListing => ({ name, config: null, lastUsedAt: null });

/** What a promotion would be refused for; null where nothing is in its way. */
async function whyNot(world: World, options: CommonOptions & { readonly environment: string }): Promise<string | null> {
  const { previewPromotion } = await import('./promote.ts');
  try {
    const { result } = await previewPromotion({ ...world, emit: () => undefined }, options);
    return result.status === 'nothing_to_do' ? 'there is nothing to promote' : null;
  } catch (error) {
    if (!(error instanceof ToolError)) throw error;
    return error.message.replace(/\.$/, '');
  }
}

/** Throws where there is no such environment, so that nobody is asked about one. */
export function assertDeletable(world: World, options: CommonOptions & { readonly environment: string }): void {
  const environment = parseEnvironmentName(options.environment);
  assertEnvironmentExists(openStore(findProjectRoot(world, options)), environment);
}

/** Removes an environment: its folder and its history; production and the artefacts of others stay. */
export async function deleteEnvironment(
  world: World,
  options: CommonOptions & { readonly environment: string },
): Promise<void> {
  const environment = parseEnvironmentName(options.environment);
  const root = findProjectRoot(world, options);
  assertEnvironmentExists(openStore(root), environment);
  await writeStore({ world, root, options, command: `env delete ${environment}` }, writer =>
    writer.deleteEnvironment(environment),
  );
}
