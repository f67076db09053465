import type { EnvironmentName } from '../../core/environment/environment-name.ts';
import type { EnvironmentConfig } from './environment-records.ts';
import type { StorePaths } from '../paths.ts';
import type { Generation } from '../../core/state/generation.ts';
import { readText } from '../ledger/stored-json.ts';

/** The fields of a plan that the store uses. */
export interface StoredPlan {
  readonly base: Generation['base'];
  readonly fingerprint: string | null;
}

/** All fields are null if the plan is missing or cannot be read. */
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

/** `applied` while an environment shows the result of its latest plan; a rollback may show that of an earlier one. */
export function statusOf(
  paths: StorePaths,
  environment: EnvironmentName,
  shown: Generation['plan'],
): Extract<EnvironmentConfig['status'], 'applied' | 'planned'> {
  return readStoredPlan(paths, environment).fingerprint === shown ? 'applied' : 'planned';
}
