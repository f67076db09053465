import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { TestProject } from './acceptance/harness.ts';
import { SCHEMA_NAMES } from './schemas.ts';
import { REPOSITORY } from './support/repository.ts';

const page = (name: string): string => readFileSync(join(REPOSITORY, 'docs/reference', name), 'utf8');

describe('the page on the files of a project', () => {
  const text = page('project.md');
  /** Code blocks that start with a file name. */
  const files = [...text.matchAll(/```yaml\n# (\S+)\n([^]*?)```/g)];
  const shown = (): TestProject => {
    const project = new TestProject();
    for (const [, path = '', content = ''] of files) project.write(path, content);
    return project;
  };

  it('shows files that form a working project', async () => {
    const project = shown();
    const header = 'order_id;status;amount;ordered_on\n';
    project.write('data/orders-1.csv', `${header}1;paid;10.50;2024-01-02\n2;open;3;2024-01-03\n`);
    project.write('data/orders-2.csv', `${header}3;paid;20;2024-01-30\n4;paid;9;2024-02-01\n`);
    await project.ok('run');
    expect(await project.query('FROM transform_monthly')).toEqual([{ month: '2024-01-01', revenue: '30.50' }]);
    expect((await project.run(['env', 'plan', 'dev'])).stderr).toContain('profiles-dev.yml');
  });

  it('names every key', async () => {
    const project = shown();
    project.write('seeknal_project.yml', 'name: shop\nsettings: { unheard_of: 1 }\nunheard_of: 1\n');
    for (const kind of ['source', 'transform'])
      project.write(`seeknal/${kind}.yml`, `kind: ${kind}\nname: x\nunheard_of: 1\n`);
    const { stderr } = await project.run(['validate']);
    const known = [...stderr.matchAll(/Known keys: (.*)\./g)].flatMap(match => match[1]?.split(', ') ?? []);
    const later = ['audits'];
    expect(known).toEqual(expect.arrayContaining(['settings', 'threads', 'table', 'transform', ...later]));
    expect(known.filter(key => !later.includes(key) && !text.includes(`\`${key}`))).toEqual([]);
  });
});

it('the page on output names every document', () => {
  const named = [...page('output.md').matchAll(/schemas\/([a-z-]+)\.schema\.json/g)].map(match => match[1]);
  expect([...new Set(named)].sort()).toEqual([...SCHEMA_NAMES].sort());
});
