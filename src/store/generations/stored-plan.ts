import type { EnvironmentName } from '../../core/environment/environment-name.ts';
import type { EnvironmentConfig } from './environment-records.ts';
import type { StorePaths } from '../paths.ts';
import type { Generation } from '../../core/state/generation.ts';
import { readText } from '../ledger/stored-json.ts';

/** What the store itself looks at in a plan: it is no document of its own. */
export interface StoredPlan {
  readonly base: Generation['base'];
  readonly fingerprint: string | null;
}

/** All null where there is no plan, or none that can be read. */
export function readStoredPlan(paths: StorePaths, environment: EnvironmentName): StoredPlan {
  try {
    const plan = JSON.parse(readText(paths.view(environment, 'plan.json')) ?? '') as Partial<StoredPlan> | null;
    return {
      base: typeof plan?.base?.serial === 'number' ? plan.base : null,
      fingerprint: typeof plan?.fingerprint === 'string' ? plan.fingerprint : null,
    };
  } catch {
    return { base: null, fingerprint: null };
  }
}

/** An environment is `applied` while it shows what its plan led to; a rollback may bring back what another one did. */
export function statusOf(
  paths: StorePaths,
  environment: EnvironmentName,
  shown: Generation['plan'],
): Extract<EnvironmentConfig['status'], 'applied' | 'planned'> {
  return readStoredPlan(paths, environment).fingerprint === shown ? 'applied' : 'planned';
}
