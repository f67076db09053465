import { dirname, join } from 'node:path';
import type { Collection } from './collection.ts';
import { errnoOf } from '../disk.ts';
import { removeEnvironment } from '../generations/environment-folder.ts';
import { isOwnFolder } from './own-folder.ts';
import { replaceFileSafely, type WriteContext } from '../write-context.ts';

/**
 * Removes what was collected, in an order in which nothing that is there refers to something that is gone: environments,
 * generations, what the ledger says, and last the artefacts. Stopped anywhere, the next collection goes on.
 * Returns whether the ledger was replaced.
 */
export async function sweep(context: WriteContext, collection: Collection): Promise<boolean> {
  const { paths, disk } = context;
  for (const { name } of collection.environments) removeEnvironment(context, name);
  const generations = collection.generations.map(({ environment, serial }) => paths.generation(environment, serial));
  for (const path of generations) removeFile(context, path);
  // A power cut must not bring back a generation whose artefacts are gone.
  for (const folder of new Set(generations.map(path => dirname(path)))) await disk.sync(folder);
  if (collection.environments.length > 0) await disk.sync(join(paths.store, 'generations'));
  if (collection.ledger !== null) await replaceFileSafely(context, paths.ledger, collection.ledger);
  for (const { id } of collection.artefacts) removeFile(context, paths.artefact(id));
  return collection.ledger !== null;
}

/** Follows no link. The lock is looked at before each: another owner may have begun to use what was free when it was marked. */
export function removeFile({ paths, disk, assertOwned }: WriteContext, path: string): void {
  assertOwned();
  if (!isOwnFolder(paths, dirname(path))) return;
  try {
    disk.unlink(path);
  } catch (error) {
    if (errnoOf(error) !== 'ENOENT') throw error;
  }
}
