import { expect, it } from 'vitest';
import { addNode, TestProject } from './harness.ts';

interface Mistake {
  readonly code: string;
  readonly file: string | null;
  readonly line: number | null;
  readonly message: string;
}

/** The mistakes of a node with these lines; no server is asked. */
async function mistakes(...lines: readonly string[]): Promise<readonly Mistake[]> {
  const project = new TestProject();
  project.write('seeknal_project.yml', 'name: shop\n');
  project.write(
    'profiles.yml',
    'connections:\n  shop: { type: postgresql, host: 127.0.0.1, port: 1, database: d, user: u }\n',
  );
  addNode(project, 'transform.m', 'SELECT 1 AS id', lines.map(line => `${line}\n`).join(''));
  const { code, stdout } = await project.run(['env', 'plan', 'dev', '--json']);
  const found = (JSON.parse(stdout) as { diagnostics: readonly (Mistake & { severity: string })[] }).diagnostics;
  const errors = found.filter(({ severity }) => severity === 'error');
  expect([code, project.exists('target')]).toEqual([errors.length > 0 ? 1 : 0, errors.length === 0]);
  return errors;
}

const entry = (text: string): readonly string[] => ['materializations:', `  - { ${text} }`];

it.each([
  ['no table', 'type: postgresql, connection: shop', 'missing-key'],
  ['no connection', 'type: postgresql, table: a.b', 'missing-key'],
  ['no type, but a connection', 'connection: shop, table: a.b', 'missing-key'],
  ['no type and no connection, which is Iceberg', 'table: a.b', 'not-yet-supported'],
  ['an unknown type', 'type: oracle, connection: shop, table: a.b', 'unknown-target-type'],
  ['three parts', 'type: postgresql, connection: shop, table: a.b.c', 'bad-table'],
  ['an injection', 'type: postgresql, connection: shop, table: "a.b; DROP TABLE x"', 'bad-table'],
  ['an unknown mode', 'type: postgresql, connection: shop, table: a.b, mode: merge', 'bad-value'],
  ['upsert without keys', 'type: postgresql, connection: shop, table: a.b, mode: upsert_by_key', 'missing-key'],
  [
    'a period without a time',
    'type: postgresql, connection: shop, table: a.b, mode: incremental_by_time',
    'missing-key',
  ],
  [
    'a negative lookback',
    'type: postgresql, connection: shop, table: a.b, mode: incremental_by_time, time_column: id, lookback: -1',
    'bad-value',
  ],
  ['an unknown key', 'type: postgresql, connection: shop, table: a.b, scheme: x', 'unknown-key'],
])('a target with %s is refused at its place', async (_, text, code) => {
  const [first, ...more] = await mistakes(...entry(text));
  expect([first?.code, first?.file, first?.line, more]).toEqual([code, 'seeknal/m.yml', 4, []]);
});

it.each([
  [
    'both spellings',
    ['materialization: { type: postgresql, connection: shop, table: a.b }', 'materializations: []'],
    'conflicting-keys',
  ],
  ['no list', ['materializations: { type: postgresql }'], 'wrong-type'],
  [
    'one table twice',
    [
      'materializations:',
      '  - { type: postgresql, connection: shop, table: a.b }',
      '  - { type: postgres, connection: shop, table: a.b }',
    ],
    'duplicate-target',
  ],
])('targets with %s are refused', async (_, lines, code) => {
  expect((await mistakes(...lines)).map(mistake => mistake.code)).toContain(code);
});

it.each([
  ['disabled', entry('type: postgresql, connection: nope, table: a.b, enabled: false')],
  ['a disabled Iceberg table', entry('type: iceberg, table: a.b, enabled: false')],
  ['null', ['materialization:']],
  ['an empty list', ['materializations: []']],
])('targets that are %s are none', async (_, lines) => {
  expect(await mistakes(...lines)).toEqual([]);
});
