import {
  dropSchemas,
  findSchemas,
  type FoundSchema,
  type WrittenSchema,
  writtenSchemas,
} from '../environments/environment-schemas.ts';
import { leaveTargets } from '../../execution/targets/leave-targets.ts';
import type { EnvironmentName } from '../../core/environment/environment-name.ts';
import { lifetimeOf } from '../../core/environment/expiry.ts';
import { type Collection, findCollection } from '../../store/recovery/collection.ts';
import type { CollectionRequest } from '../../store/generations/kept-generations.ts';
import { StorePaths } from '../../store/paths.ts';
import { openStore, type StoreReader } from '../../store/store-reader.ts';
import { assertValid, loadProject } from '../../project/load-project.ts';
import { findProjectRoot, PROJECT_FILE } from '../../project/files/project-root.ts';
import type { CommonOptions, World } from '../../core/world.ts';
import { writeStore } from '../../project/write-store.ts';

export interface CleanupOptions extends CommonOptions {
  /** The only environments that may be removed: those that the user confirmed. */
  readonly agreed?: readonly string[];
  /** Drops the schemas that expired environments made outside the store. */
  readonly dropSchemas?: boolean;
  readonly profile?: string;
}

/** What was or would be removed, with sizes in bytes. */
export interface CleanupDocument {
  readonly format: 'seeknal.cleanup';
  readonly version: 1;
  readonly environments: readonly string[];
  readonly generations: readonly {
    readonly environment: string | null;
    readonly serial: number;
    readonly bytes: number;
  }[];
  readonly artefacts: readonly { readonly id: string; readonly node: string | null; readonly bytes: number }[];
  /** Total freed bytes, including environments and the ledger. */
  readonly bytes: number;
  /** Damaged generations, which are kept with everything that they may refer to. */
  readonly unreadable: readonly { readonly environment: string | null; readonly serial: number }[];
  /** Schemas of removed environments outside the store: dropped, or left there. */
  readonly schemas_dropped: readonly WrittenSchema[];
  readonly schemas_left: readonly WrittenSchema[];
  readonly dry_run?: true;
}

/** What a cleanup would remove now. Writes nothing. */
export async function previewCleanup(world: World, options: CleanupOptions): Promise<CleanupDocument> {
  const root = findProjectRoot(world, options);
  const store = openStore(root);
  if (store.lineage === null) return { ...documentOf(NOTHING, NO_SCHEMAS), dry_run: true };
  const request = requestFor(world, { root, store, options });
  const collection = findCollection(store, new StorePaths(root), request);
  const dropped = await schemasToDrop(store, { world, root, options }, request.expired);
  return { ...documentOf(collection, schemasOf(store, request.expired, dropped)), dry_run: true };
}

/** Removes expired environments, history beyond the retention, and unreferenced artefacts. */
export async function cleanUp(world: World, options: CleanupOptions): Promise<CleanupDocument> {
  const root = findProjectRoot(world, options);
  if (openStore(root).lineage === null) return documentOf(NOTHING, NO_SCHEMAS);
  return writeStore({ world, root, options, command: 'cleanup' }, async writer => {
    const request = requestFor(world, { root, store: writer, options });
    const dropped = await schemasToDrop(writer, { world, root, options }, request.expired);
    for (const environment of request.expired) {
      const own = dropped.filter(schema => schema.environment === environment);
      await dropSchemas(writer, searchFor({ world, root, options }, environment), own);
      await leaveTargets(environment, [], { writer, world });
    }
    const schemas = schemasOf(writer, request.expired, dropped);
    return documentOf(await writer.collect(request), schemas);
  });
}

interface Surroundings {
  readonly world: World;
  readonly root: string;
  readonly options: CleanupOptions;
}

const searchFor = ({ world, root, options }: Surroundings, environment: EnvironmentName) => ({
  world,
  root,
  environment,
  explicit: options.profile ?? null,
});

async function schemasToDrop(
  store: StoreReader,
  around: Surroundings,
  expired: readonly EnvironmentName[],
): Promise<readonly FoundSchema[]> {
  if (around.options.dropSchemas !== true) return [];
  const found: FoundSchema[] = [];
  for (const environment of expired) found.push(...(await findSchemas(store, searchFor(around, environment))));
  return found;
}

type Schemas = Pick<CleanupDocument, 'schemas_dropped' | 'schemas_left'>;

const NO_SCHEMAS: Schemas = { schemas_dropped: [], schemas_left: [] };

function schemasOf(store: StoreReader, expired: readonly EnvironmentName[], dropped: readonly FoundSchema[]): Schemas {
  const isDropped = ({ endpoint, name }: WrittenSchema): boolean =>
    dropped.some(schema => schema.endpoint === endpoint && schema.name === name);
  const written = expired.flatMap(environment => writtenSchemas(store, environment));
  return {
    schemas_dropped: dropped.map(({ contents: _contents, dependents: _dependents, ...schema }) => schema),
    schemas_left: written.filter(schema => !isDropped(schema)),
  };
}

const NOTHING: Collection = {
  environments: [],
  generations: [],
  artefacts: [],
  files: [],
  ledger: null,
  ledgerBytes: 0,
  unreadable: [],
};

interface Cleaning {
  readonly root: string;
  readonly store: StoreReader;
  readonly options: CleanupOptions;
}

function requestFor(world: World, { root, store, options }: Cleaning): CollectionRequest {
  const now = world.now();
  const expired = expiredEnvironments(store, now.getTime());
  const { agreed } = options;
  return {
    now,
    retention: retentionOf(root),
    expired: agreed === undefined ? expired : expired.filter(name => agreed.includes(name)),
  };
}

/** Throws if the settings have mistakes: their defaults could remove what the user meant to keep. */
function retentionOf(root: string): CollectionRequest['retention'] {
  const { project, diagnostics } = loadProject(root);
  assertValid(diagnostics.filter(({ file }) => file === PROJECT_FILE));
  return { generations: project.settings.keepGenerations, days: project.settings.keepDays };
}

/** An environment with an unreadable record does not expire, because its last use is unknown. */
function expiredEnvironments(store: StoreReader, now: number): readonly EnvironmentName[] {
  const names = new Map<string, EnvironmentName>(store.environmentNames().map(name => [name, name]));
  return store.listEnvironments().flatMap(({ name, config, lastUsedAt }) => {
    const known = names.get(name);
    if (config === null || known === undefined) return [];
    const usedAt = Date.parse(lastUsedAt ?? config.last_used_at);
    return lifetimeOf({ usedAt, ttl: config.ttl_ms }, now).expired ? [known] : [];
  });
}

function documentOf(
  { environments, generations, artefacts, ledgerBytes, unreadable }: Collection,
  schemas: Schemas,
): CleanupDocument {
  const parts = [...environments, ...generations, ...artefacts];
  return {
    format: 'seeknal.cleanup',
    version: 1,
    environments: environments.map(({ name }) => name),
    generations,
    artefacts,
    bytes: parts.reduce((sum, { bytes }) => sum + bytes, ledgerBytes),
    unreadable,
    ...schemas,
  };
}
