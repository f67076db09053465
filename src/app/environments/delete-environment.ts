import { type EnvironmentName, parseEnvironmentName } from '../../core/environment/environment-name.ts';
import type { CommonOptions, World } from '../../core/world.ts';
import { assertEnvironmentExists } from '../../planning/saved-plan.ts';
import { leaveTargets } from '../../execution/targets/leave-targets.ts';
import { findProjectRoot } from '../../project/files/project-root.ts';
import { writeStore } from '../../project/write-store.ts';
import { openStore, type StoreReader } from '../../store/store-reader.ts';
import {
  dropSchemas,
  findSchemas,
  type FoundSchema,
  type WrittenSchema,
  writtenSchemas,
} from './environment-schemas.ts';

export interface DeleteOptions extends CommonOptions {
  readonly environment: string;
  /** Drops the schemas that the environment made outside the store. */
  readonly dropSchemas?: boolean;
  readonly profile?: string;
}

/** What a deletion drops outside the store, and what it leaves there. */
export interface Deletion {
  readonly dropped: readonly FoundSchema[];
  readonly left: readonly WrittenSchema[];
}

/** What a deletion would do outside the store. Writes nothing; throws what the deletion would throw. */
export async function previewDeletion(world: World, options: DeleteOptions): Promise<Deletion> {
  const environment = parseEnvironmentName(options.environment);
  const root = findProjectRoot(world, options);
  const store = openStore(root);
  assertDeletable(store, environment, options);
  return deletionOf(store, { world, root, environment, options });
}

/** Removes an environment with its folder and history; production and other environments are not affected. */
export async function deleteEnvironment(world: World, options: DeleteOptions): Promise<Deletion> {
  const environment = parseEnvironmentName(options.environment);
  const root = findProjectRoot(world, options);
  assertDeletable(openStore(root), environment, options);
  return writeStore({ world, root, options, command: `env delete ${environment}` }, async writer => {
    const deleting = { world, root, environment, options };
    const deletion = await deletionOf(writer, deleting);
    await dropSchemas(writer, searchOf(deleting), deletion.dropped);
    if (writer.environmentNames().includes(environment)) await writer.deleteEnvironment(environment);
    await leaveTargets(environment, [], { writer, world });
    return { dropped: deletion.dropped, left: writtenSchemas(writer, environment) };
  });
}

/** Schemas that an earlier deletion left can still be dropped. */
function assertDeletable(store: StoreReader, environment: EnvironmentName, options: DeleteOptions): void {
  if (options.dropSchemas === true && writtenSchemas(store, environment).length > 0) return;
  assertEnvironmentExists(store, environment);
}

interface Deleting {
  readonly world: World;
  readonly root: string;
  readonly environment: EnvironmentName;
  readonly options: DeleteOptions;
}

const searchOf = ({ world, root, environment, options }: Deleting) => ({
  world,
  root,
  environment,
  explicit: options.profile ?? null,
});

async function deletionOf(store: StoreReader, deleting: Deleting): Promise<Deletion> {
  const { environment, options } = deleting;
  const written = writtenSchemas(store, environment);
  if (options.dropSchemas !== true) return { dropped: [], left: written };
  const dropped = await findSchemas(store, searchOf(deleting));
  return { dropped, left: written.filter(schema => !dropped.some(each => isSame(each, schema))) };
}

const isSame = (a: WrittenSchema, b: WrittenSchema): boolean => a.endpoint === b.endpoint && a.name === b.name;
