import { type EnvironmentName, parseEnvironmentName } from '../../core/environment/environment-name.ts';
import type { Generation } from '../../core/state/generation.ts';
import { ToolError } from '../../diagnostics/tool-error.ts';
import { assertEnvironmentExists } from '../../planning/saved-plan.ts';
import { differenceOf, type GenerationDifference } from '../../promotion/generation-difference.ts';
import type { StoreReader } from '../../store/store-reader.ts';

/** Which generation to restore. */
export interface RollbackChoice {
  /** Default: production. */
  readonly environment?: string;
  /** Serial of the generation to restore (default: the parent of the one whose content is shown). */
  readonly to?: number;
  /** The current generation that the user confirmed; if another one is current, nothing is rolled back. */
  readonly expected?: number;
}

/** The current generation; only its serial is known if it is unreadable. */
type Pointed = Pick<Generation, 'environment' | 'serial' | 'restored' | 'nodes' | 'plan' | 'base'>;

/** A generation to restore, and what that changes. */
export interface Rollback {
  readonly environment: EnvironmentName | null;
  readonly current: Pointed;
  readonly earlier: Generation;
  readonly difference: GenerationDifference;
}

/** The generation that a rollback restores. Throws `no-earlier-generation` or `moved-on`. */
export function findRollback(store: StoreReader, options: RollbackChoice): Rollback {
  const environment = options.environment === undefined ? null : parseEnvironmentName(options.environment);
  if (environment !== null) assertEnvironmentExists(store, environment);
  const current = currentOf(store, environment, options);
  if (options.expected !== undefined && options.expected !== current.serial) throw movedOn(current, options.expected);
  const shown = current.restored ?? current.serial;
  // Serials have no gaps: the parent of a generation has the previous serial.
  const serial = options.to ?? shown - 1;
  if (serial < 1) throw noEarlierThan(current, shown);
  const earlier = store.generation(environment, serial);
  if (earlier === null) throw notKept(store, environment, serial);
  return { environment, current, earlier, difference: differenceOf(current, earlier.nodes) };
}

function currentOf(store: StoreReader, environment: EnvironmentName | null, { to }: RollbackChoice): Pointed {
  if (environment !== null && store.followsProduction(environment)) {
    throw noEarlier(
      `Environment '${environment}' has no earlier generation of its own: it follows production.`,
      "Run 'seeknal env rollback' to roll production back.",
    );
  }
  const current = to === undefined ? store.current(environment) : pointed(store, environment);
  if (current !== null) return current;
  throw noEarlier(`${nameOf(environment)} has no earlier generation: it has no generations yet.`);
}

/** With an explicit serial, the current generation may be damaged. */
function pointed(store: StoreReader, environment: EnvironmentName | null): Pointed | null {
  const serial = store.head(environment);
  if (serial === null) return null;
  return store.readable(environment, serial) ?? { environment, serial, nodes: [], plan: null, base: null };
}

/** Production or an environment, at the start of a sentence. */
export const nameOf = (environment: string | null): string =>
  environment === null ? 'Production' : `Environment '${environment}'`;

const noEarlier = (message: string, hint?: string): ToolError =>
  new ToolError('no-earlier-generation', message, hint === undefined ? {} : { hint });

/** After a rollback to the first generation, --to can still restore a later one. */
function noEarlierThan({ environment, serial }: Pointed, shown: number): ToolError {
  const message = `${nameOf(environment)} has no earlier generation than ${shown}`;
  if (serial === shown) return noEarlier(`${message}.`);
  const command = environment === null ? 'seeknal env rollback' : `seeknal env rollback ${environment}`;
  return noEarlier(`${message}, which it already shows.`, `Run '${command} --to SERIAL' to choose a generation.`);
}

function notKept(store: StoreReader, environment: EnvironmentName | null, serial: number): ToolError {
  const name = environment === null ? '' : ` ${environment}`;
  const kept = [...store.serials(environment)].reverse().join(', ');
  const message = `${nameOf(environment)} has no earlier generation ${serial}; it keeps ${kept}.`;
  return noEarlier(message, `Run 'seeknal env history${name}' to list them.`);
}

const movedOn = ({ environment, serial }: Pointed, expected: number): ToolError =>
  new ToolError(
    'moved-on',
    `${nameOf(environment)} moved on from generation ${expected} to ${serial} in the meantime.`,
    {
      hint: 'Check what it holds now, then roll back again if that is still intended.',
    },
  );

/** Whether nothing would change; for an environment, plan and base must be equal too, because promotion depends on them. */
export function isNothing({ environment, current, earlier, difference }: Rollback): boolean {
  if (difference.changed.length + difference.removed.length > 0) return false;
  return environment === null || (current.plan === earlier.plan && current.base?.serial === earlier.base?.serial);
}
