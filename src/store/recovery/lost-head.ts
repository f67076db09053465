import type { EnvironmentName } from '../../core/environment/environment-name.ts';
import { isRealFolder } from '../real-folder.ts';
import { readSerials } from '../generations/generation-file.ts';
import type { StorePaths } from '../paths.ts';
import { damaged } from '../ledger/stored-json.ts';

/**
 * Throws `store-damaged` if a head is missing but its generations exist. A crash during the first switch may leave one
 * generation. An empty history would let the next switch overwrite generations that environments are based on.
 */
export function assertHeadNotLost(paths: StorePaths, environment: EnvironmentName | null): void {
  const later = readSerials(paths.generations(environment)).some(serial => serial > 1);
  // A deletion removes an environment's folder before its head.
  if (later && (environment === null || isRealFolder(paths.views(environment)))) throw damaged(paths.head(environment));
}
