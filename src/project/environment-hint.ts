import { type EnvironmentName, isEnvironmentName } from '../core/environment/environment-name.ts';
import { ToolError } from '../diagnostics/tool-error.ts';

interface Surroundings {
  /** Names of the environments that there are. */
  environments(): readonly EnvironmentName[];
  /** The command that takes an environment. */
  command(name: string): string;
}

/** Finds nodes by the words of a command; where one is the name of an environment, the refusal names the command that is meant. */
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
