import type { EnvironmentName } from '../../core/environment/environment-name.ts';
import { readHead, renderHead } from '../generations/generation-file.ts';
import { assertHeadNotLost } from './lost-head.ts';
import type { StorePaths } from '../paths.ts';
import type { StoreReader } from '../store-reader.ts';
import { isDamage } from '../ledger/stored-json.ts';
import { replaceFile, type WriteContext } from '../write-context.ts';

/** Points unreadable heads to the latest readable generation. Call only if the user asked for a repair. */
export function repairHeads(context: WriteContext, store: StoreReader): void {
  const { paths } = context;
  for (const environment of [null, ...store.environmentNames()]) {
    if (!isUnreadable(paths, environment)) continue;
    const serial = store.serials(environment).find(entry => isReadable(store, environment, entry));
    if (serial === undefined) continue;
    const follows = environment !== null && store.environmentConfig(environment)?.status === 'promoted';
    context.assertOwned();
    replaceFile(context, paths.head(environment), renderHead({ serial, follows }));
  }
}

function isUnreadable(paths: StorePaths, environment: EnvironmentName | null): boolean {
  return !succeeds(() => {
    if (readHead(paths.head(environment)) === null) assertHeadNotLost(paths, environment);
  });
}

const isReadable = (store: StoreReader, environment: EnvironmentName | null, serial: number): boolean =>
  succeeds(() => store.generation(environment, serial));

function succeeds(look: () => unknown): boolean {
  try {
    look();
    return true;
  } catch (error) {
    if (isDamage(error)) return false;
    throw error;
  }
}
