import { dirname, join } from 'node:path';
import type { Collection } from './collection.ts';
import { removeEnvironment } from '../generations/environment-folder.ts';
import { removeFile } from './remove-file.ts';
import { replaceFileSafely, type WriteContext } from '../write-context.ts';

/**
 * Removes environments, then generations, ledger records and artefacts, so that nothing refers to something removed. If
 * interrupted, the next collection continues. Returns whether the ledger was replaced.
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
  for (const path of collection.files) removeFile(context, path);
  return collection.ledger !== null;
}
