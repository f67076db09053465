import type { EnvironmentName } from '../../core/environment/environment-name.ts';
import { isRealFolder } from '../real-folder.ts';
import { readSerials } from '../generations/generation-file.ts';
import type { StorePaths } from '../paths.ts';
import { damaged } from '../ledger/stored-json.ts';

/**
 * Where nothing points to a generation there must be none: the first at most, whose switch a crash kept from being done.
 * Continuing with an empty history would overwrite generations that environments are based on. Throws `store-damaged`.
 */
export function assertHeadNotLost(paths: StorePaths, environment: EnvironmentName | null): void {
  const later = readSerials(paths.generations(environment)).some(serial => serial > 1);
  // An environment that is being deleted loses its folder first, its head next.
  if (later && (environment === null || isRealFolder(paths.views(environment)))) throw damaged(paths.head(environment));
}
