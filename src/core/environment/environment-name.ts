import { ToolError } from '../../diagnostics/tool-error.ts';

/** A checked name: safe as a folder name, in a schema name and in messages. */
export type EnvironmentName = string & { readonly brand: 'environment-name' };

const PATTERN = /^[a-z][a-z0-9_-]{0,39}$/;
const RESERVED: ReadonlySet<string> = new Set(['prod', 'production']);

/** Checks a name before any file is touched. Throws `environment-name` if it is not valid. */
export function parseEnvironmentName(text: string): EnvironmentName {
  if (RESERVED.has(text)) {
    throw new ToolError('environment-name', `'${text}' is reserved for production.`, {
      hint: 'Choose another name, such as dev or staging, or omit the name to use production.',
    });
  }
  if (!isEnvironmentName(text)) {
    throw new ToolError('environment-name', `${JSON.stringify(text)} is not a valid environment name.`, {
      hint: 'Use 1 to 40 characters (a-z, 0-9, _ and -), starting with a letter, such as dev or exp_ml.',
    });
  }
  return text;
}

/** Whether a name is valid for an environment. */
export const isEnvironmentName = (text: string): text is EnvironmentName => PATTERN.test(text) && !RESERVED.has(text);

/** Prefix of the environment's external schemas, without the trailing underscore. */
export const environmentPrefix = (name: EnvironmentName): string => name.replaceAll('-', '_');

/** Throws `environment-name` if another environment has the same prefix (`exp-ml`, `exp_ml`). */
export function assertPrefixFree(name: EnvironmentName, others: readonly EnvironmentName[]): void {
  const taken = others.find(other => other !== name && environmentPrefix(other) === environmentPrefix(name));
  if (taken === undefined) return;
  throw new ToolError(
    'environment-name',
    `'${name}' would share the prefix '${environmentPrefix(name)}_' with '${taken}'.`,
    {
      hint: `Use '${taken}', or choose a name that differs in more than - and _.`,
    },
  );
}
