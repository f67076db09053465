import { describe, expect, it } from 'vitest';
import { planner } from '../../planning/planner.testing.ts';
import { project, type Sketch } from '../../planning/project.testing.ts';
import type { PlanNode } from '../documents/plan-document.ts';

const { built, plan } = planner();

const START = project()
  .source('s', 'id INTEGER, name VARCHAR, age INTEGER')
  .transform('a', 'SELECT id, name, age FROM source.s')
  .transform('b', 'SELECT id, name FROM transform.a');

async function lineOf(id: string, after: Sketch, before: Sketch = START): Promise<PlanNode> {
  return (await plan(after, { production: await built(before) })).line(id);
}

const NO_COLUMNS = { added: [], removed: [], retyped: [], changed: [] };

it('describes a changed node completely', async () => {
  const after = START.transform('a', "SELECT id::BIGINT AS id, name || '' AS name, 1 AS one FROM source.s");
  expect(await lineOf('transform.a', after)).toEqual({
    id: 'transform.a',
    change: 'modified',
    category: 'breaking',
    action: 'run',
    verify: false,
    moves: true,
    reason: 'its definition changed',
    columns: {
      added: ['one'],
      removed: ['age'],
      retyped: [{ name: 'id', from: 'INTEGER', to: 'BIGINT' }],
      changed: ['id', 'name'],
    },
    rows_changed: false,
    schema: [
      { name: 'id', type: 'BIGINT' },
      { name: 'name', type: 'VARCHAR' },
      { name: 'one', type: 'INTEGER' },
    ],
    targets: [],
    evidence: ['column one added', 'column age removed', 'column id is now BIGINT, was INTEGER'],
  });
});

describe('the changes of columns and rows', () => {
  it('are unknown for a new node', async () => {
    const line = await lineOf('transform.a', START, START.without('transform.a').without('transform.b'));
    expect(line).toMatchObject({ change: 'new', category: 'non_breaking', columns: null, rows_changed: null });
  });

  it('are null if nothing changes', async () => {
    expect(await lineOf('transform.b', START)).toMatchObject({ change: 'none', columns: null, rows_changed: null });
  });

  it('are listed for a changed node and for the nodes that it affects', async () => {
    const filtered = START.transform('a', 'SELECT id, name, age FROM source.s WHERE id > 1');
    expect(await lineOf('transform.a', filtered)).toMatchObject({ columns: NO_COLUMNS, rows_changed: true });
    expect(await lineOf('transform.b', filtered)).toMatchObject({ change: 'none', rows_changed: true });
    const renamed = START.transform('a', 'SELECT id, upper(name) AS name, age FROM source.s');
    expect(await lineOf('transform.b', renamed)).toMatchObject({
      columns: { ...NO_COLUMNS, changed: ['name'] },
      rows_changed: false,
    });
  });

  it('are empty for a change of documentation', async () => {
    expect(await lineOf('transform.a', START.with('transform.a', { description: 'All.' }))).toMatchObject({
      columns: NO_COLUMNS,
      rows_changed: false,
    });
  });

  it('list a column in another case as another column', async () => {
    const after = START.transform('a', 'SELECT id, name AS "Name", age FROM source.s');
    expect((await lineOf('transform.a', after)).columns).toEqual({ ...NO_COLUMNS, added: ['Name'], removed: ['name'] });
  });

  it('list every column of a removed node', async () => {
    expect(await lineOf('transform.b', START.without('transform.b'))).toEqual({
      id: 'transform.b',
      change: 'removed',
      category: 'breaking',
      action: 'remove',
      verify: false,
      moves: true,
      reason: 'its file seeknal/b.yml is gone',
      columns: { ...NO_COLUMNS, removed: ['id', 'name'] },
      rows_changed: null,
      schema: null,
      targets: [],
      evidence: [],
    });
  });
});

describe('evidence', () => {
  it('names volatile functions and a dependency on row order', async () => {
    const after = START.transform('b', 'SELECT id, random() AS r FROM transform.a LIMIT 2');
    expect((await lineOf('transform.b', after)).evidence).toEqual([
      'column r added',
      'column name removed',
      'reads row order (LIMIT)',
      'volatile random',
    ]);
  });

  it('is empty for an unchanged node', async () => {
    const limited = START.transform('b', 'SELECT id FROM transform.a LIMIT 2');
    expect((await lineOf('transform.b', limited, limited)).evidence).toEqual([]);
  });

  it('says that the files of a pinned source changed', async () => {
    const { lines, line } = await plan(START, { production: await built(START), outdated: ['source.s'] });
    expect(lines[0]).toBe("source.s  none  -  reuse  production's data");
    expect(line('source.s').evidence).toEqual(['its files changed']);
  });
});

it('has no schema if the columns depend on data', async () => {
  const pivot = START.transform('b', 'PIVOT transform.a ON name USING sum(age) GROUP BY id');
  expect((await lineOf('transform.b', pivot)).schema).toBeNull();
  const production = await built(pivot, { columns: { 'transform.b': 'id INTEGER, x BIGINT' } });
  expect((await plan(pivot, { production })).line('transform.b').schema).toEqual([
    { name: 'id', type: 'INTEGER' },
    { name: 'x', type: 'BIGINT' },
  ]);
});

it('shows a node to verify as reused', async () => {
  const after = START.transform('a', 'SELECT id, name, age, 1 AS one FROM source.s');
  expect(await lineOf('transform.b', after)).toMatchObject({ action: 'reuse', verify: true, moves: false });
});
