import type { Deletion } from '../app/environments/delete-environment.ts';
import { plural } from './text/columns.ts';
import type { Style } from './text/style.ts';

const MOST_NAMED = 10;

/** The schemas that a deletion would drop, with their contents; empty without any. */
export function renderSchemasToDrop(schemas: Deletion['dropped']): string {
  const lines = schemas.flatMap(({ name, endpoint, contents }) => {
    const hidden = contents.length - MOST_NAMED;
    const more = hidden > 0 ? [`    … and ${hidden} more`] : [];
    return [`  ${name} on ${endpoint}`, ...contents.slice(0, MOST_NAMED).map(each => `    ${each}`), ...more];
  });
  return lines.length === 0 ? '' : ['Schemas to drop, with everything in them:', ...lines, ''].join('\n');
}

/** The result of deleting an environment; each line ends with a newline. */
export function renderDeletion(environment: string, { dropped, left }: Deletion, style: Style): string {
  const lines = dropped.map(({ name, endpoint }) => `  dropped: schema ${name} on ${endpoint}`);
  return [...lines, `${style.good('✓')} Environment '${environment}' deleted.`, ...leftLines(left, style), ''].join(
    '\n',
  );
}

/** The schemas that stay on their servers, with the command that drops them. */
export function leftLines(left: Deletion['left'], style: Style): readonly string[] {
  if (left.length === 0) return [];
  const commands = [...new Set(left.map(({ environment }) => environment))].map(
    name => `seeknal env delete ${name} --drop-schemas`,
  );
  return [
    ...left.map(({ name, endpoint }) => `  left: schema ${name} on ${endpoint}`),
    `${style.note('ℹ')} ${plural(left.length, 'schema')} left; '${commands.join("', '")}' drops what the environment made.`,
  ];
}
