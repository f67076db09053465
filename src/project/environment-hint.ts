import { type EnvironmentName, isEnvironmentName } from '../core/environment/environment-name.ts';
import { ToolError } from '../diagnostics/tool-error.ts';

interface Surroundings {
  /** Names of the existing environments. */
  environments(): readonly EnvironmentName[];
  /** The command to suggest for an environment. */
  command(name: string): string;
}

/** Runs `find`; if it does not find a word that is the name of an environment, the error suggests the right command. */
export function orEnvironment<T>(words: readonly string[], find: () => T, around: Surroundings): T {
  try {
    return find();
  } catch (error) {
    if (!(error instanceof ToolError) || error.code !== 'unknown-node') throw error;
    const name = words.find(word => error.message.includes(`'${word}'`));
    const hint = name === undefined ? null : environmentHint(name, around);
    throw hint === null ? error : new ToolError(error.code, error.message, { hint });
  }
}

/** Returns null if the environment does not exist. */
export function environmentHint(name: string, { environments, command }: Surroundings): string | null {
  if (!isEnvironmentName(name) || !environments().includes(name)) return null;
  return `'${name}' is an environment: run 'seeknal ${command(name)}'.`;
}
