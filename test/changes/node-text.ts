import { referencesIn } from '../../src/planning/project.testing.ts';

/** The YAML of a transform whose SQL reads `source.x` and `transform.y`, as references or not. */
export function nodeText(name: string, sql: string): string {
  const references = referencesIn(sql);
  const inputs = references.length === 0 ? '' : `inputs:\n${references.map(id => `  - ref: ${id}\n`).join('')}`;
  const text = sql.split('\n').map(line => `  ${line}`);
  return `kind: transform\nname: ${name}\n${inputs}transform: |\n${text.join('\n')}\n`;
}
