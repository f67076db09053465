import { parseEnvironmentName } from '../../core/environment/environment-name.ts';
import type { CommonOptions, World } from '../../core/world.ts';
import { assertEnvironmentExists } from '../../planning/saved-plan.ts';
import { findProjectRoot } from '../../project/files/project-root.ts';
import { writeStore } from '../../project/write-store.ts';
import { openStore } from '../../store/store-reader.ts';

/** Throws if the environment does not exist, before the user is asked to confirm. */
export function assertDeletable(world: World, options: CommonOptions & { readonly environment: string }): void {
  const environment = parseEnvironmentName(options.environment);
  assertEnvironmentExists(openStore(findProjectRoot(world, options)), environment);
}

/** Removes an environment with its folder and history; production and other environments are not affected. */
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
