import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { TestProject } from './acceptance/harness.ts';
import { REPOSITORY } from './source-files.ts';

/** Blocks of the page that begin with the name of a file. */
const files = [
  ...readFileSync(join(REPOSITORY, 'docs/reference/project.md'), 'utf8').matchAll(/```yaml\n# (\S+)\n([^]*?)```/g),
];

it('the files that the page on projects shows are a project that runs', async () => {
  const project = new TestProject();
  for (const [, path = '', text = ''] of files) project.write(path, text);
  project.write(
    'data/orders-1.csv',
    'order_id;status;amount;ordered_on\n1;paid;10.50;2024-01-02\n2;open;3;2024-01-03\n',
  );
  project.write('data/orders-2.csv', 'order_id;status;amount;ordered_on\n3;paid;20;2024-01-30\n4;paid;9;2024-02-01\n');
  await project.ok('run');
  expect(await project.query('FROM transform_monthly')).toEqual([{ month: '2024-01-01', revenue: '30.50' }]);
  expect((await project.run(['env', 'plan', 'dev'])).stderr).toContain('profiles-dev.yml');
});
