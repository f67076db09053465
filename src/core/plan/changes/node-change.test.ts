import { describe, expect, it } from 'vitest';
import { planner } from '../../../planning/planner.testing.ts';
import { project, type Sketch } from '../../../planning/project.testing.ts';

const { built, plan } = planner();

const START = project()
  .source('s', 'id INTEGER, name VARCHAR')
  .source('t', 'id INTEGER, rate DOUBLE')
  .transform('a', 'SELECT id, name FROM source.s');

/** Change, category and evidence of one node, as in `modified  breaking: column name removed`. */
async function changeOf(id: string, after: Sketch, before: Sketch = START): Promise<string> {
  const { change, category, evidence } = (await plan(after, { production: await built(before) })).line(id);
  return `${change}  ${category}: ${evidence.join(', ')}`;
}

const target = (changes: object = {}) => ({
  type: 'postgresql',
  connection: 'pg',
  table: 'x.a',
  mode: 'full',
  ...changes,
});
const WITH_TARGET = START.with('transform.a', { materializations: [target()] });

describe('external targets', () => {
  it.each([
    ['an added target is non-breaking', START, WITH_TARGET, 'non_breaking: target postgresql pg x.a added'],
    ['a removed target is breaking', WITH_TARGET, START, 'breaking: target postgresql pg x.a removed'],
    [
      'a target that points elsewhere is breaking',
      WITH_TARGET,
      START.with('transform.a', { materializations: [target({ table: 'x.b' })] }),
      'breaking: target postgresql pg x.b added, target postgresql pg x.a removed',
    ],
    [
      'another mode is non-breaking',
      WITH_TARGET,
      START.with('transform.a', { materializations: [target({ mode: 'append' })] }),
      'non_breaking: target postgresql pg x.a is written differently',
    ],
    [
      'a disabled target is a removed one',
      WITH_TARGET,
      START.with('transform.a', { materializations: [target({ enabled: false })] }),
      'breaking: target postgresql pg x.a removed',
    ],
  ])('%s, and rebuilds nothing', async (_, before, after, expected) => {
    const line = (await plan(after, { production: await built(before) })).line('transform.a');
    expect(`${line.category}: ${line.evidence.join(', ')}`).toBe(expected);
    expect([line.change, line.action, line.moves]).toEqual(['modified', 'reuse', true]);
  });
});

describe('a transform', () => {
  it.each([
    ['a description is metadata', { description: 'All names.' }, 'metadata: description changed'],
    ['an owner is metadata', { owner: 'ana' }, 'metadata: owner changed'],
    ['tags are metadata', { tags: ['core'] }, 'metadata: tags changed'],
    ['column descriptions are metadata', { columns: { id: 'the key' } }, 'metadata: columns changed'],
    [
      'an unread input is non-breaking',
      { inputs: [{ ref: 'source.s' }, { ref: 'source.t' }] },
      'non_breaking: input source.t added, equivalent query',
    ],
  ])('%s', async (_, keys, expected) => {
    expect(await changeOf('transform.a', START.with('transform.a', keys))).toBe(`modified  ${expected}`);
  });

  it.each([
    ['formatting is metadata', 'select  id,\n  name\nfrom source.s', 'metadata: equivalent query'],
    ['a comment is metadata', '-- all of them\nSELECT id, name FROM source.s', 'metadata: equivalent query'],
    ['an alias is metadata', 'SELECT x.id, x.name AS name FROM source.s x', 'metadata: equivalent query'],
    ['a star for all columns is metadata', 'SELECT * FROM source.s', 'metadata: equivalent query'],
    [
      'a filter that is always true is metadata',
      'SELECT id, name FROM source.s WHERE true',
      'metadata: equivalent query',
    ],
    [
      'a common table expression is metadata',
      'WITH q AS (FROM source.s) SELECT id, name FROM q',
      'metadata: equivalent query',
    ],
    ['an added column is non-breaking', 'SELECT id, name, 1 AS one FROM source.s', 'non_breaking: column one added'],
    ['other values are non-breaking', 'SELECT id, upper(name) AS name FROM source.s', 'non_breaking: '],
    ['a filter is non-breaking', 'SELECT id, name FROM source.s WHERE id > 1', 'non_breaking: '],
    [
      'another column order is non-breaking',
      'SELECT name, id FROM source.s',
      'non_breaking: only the order of columns or rows changed',
    ],
    [
      'another row order is non-breaking',
      'SELECT id, name FROM source.s ORDER BY id',
      'non_breaking: only the order of columns or rows changed',
    ],
    ['a removed column is breaking', 'SELECT id FROM source.s', 'breaking: column name removed'],
    [
      'a renamed column is breaking',
      'SELECT id, name AS label FROM source.s',
      'breaking: column label added, column name removed',
    ],
    [
      'a retyped column is breaking',
      'SELECT id::BIGINT AS id, name FROM source.s',
      'breaking: column id is now BIGINT, was INTEGER',
    ],
    [
      'a column in another case is breaking',
      'SELECT id, name AS "Name" FROM source.s',
      'breaking: column name is now Name (case only)',
    ],
    [
      'an added and a removed column are breaking',
      'SELECT id, 1 AS one FROM source.s WHERE id > 1',
      'breaking: column one added, column name removed',
    ],
    [
      'an added input is non-breaking',
      'SELECT id, name FROM source.s WHERE id IN (SELECT id FROM source.t)',
      'non_breaking: input source.t added',
    ],
    [
      'a replaced input is breaking',
      "SELECT id, 'x' AS name FROM source.t",
      'breaking: input source.t added, input source.s removed',
    ],
  ])('%s', async (_, sql, expected) => {
    expect(await changeOf('transform.a', START.transform('a', sql))).toBe(`modified  ${expected}`);
  });

  it('takes the more severe of two changes', async () => {
    const after = START.with('transform.a', { description: 'Keys.' }).transform('a', 'SELECT id FROM source.s');
    expect(await changeOf('transform.a', after)).toBe('modified  breaking: column name removed, description changed');
  });

  it('breaks if an existing column is no longer declared', async () => {
    const before = START.with('transform.a', { columns: { id: 'the key', name: 'the name' } });
    const after = START.with('transform.a', { columns: { id: 'the key' } });
    expect(await changeOf('transform.a', after, before)).toBe(
      'modified  breaking: column name is no longer declared, columns changed',
    );
  });

  it('breaks if an unread input is removed', async () => {
    const before = START.with('transform.a', { inputs: [{ ref: 'source.s' }, { ref: 'source.t' }] });
    expect(await changeOf('transform.a', START, before)).toBe(
      'modified  breaking: input source.t removed, equivalent query',
    );
  });

  it('is not changed by changes of its inputs', async () => {
    const above = START.transform('b', 'SELECT name FROM transform.a');
    const after = above.transform('a', 'SELECT id, upper(name) AS name FROM source.s');
    expect(await changeOf('transform.b', after, above)).toBe('none  null: ');
  });

  it('is not judged by columns that a star passes on', async () => {
    const above = START.transform('b', 'SELECT * FROM transform.a').with('transform.b', { description: 'Before.' });
    const after = above.transform('a', 'SELECT id FROM source.s').with('transform.b', { description: 'After.' });
    expect(await changeOf('transform.a', after, above)).toBe('modified  breaking: column name removed');
    expect(await changeOf('transform.b', after, above)).toBe('modified  metadata: description changed');
  });

  it('is changed by a given parameter value as by an edit of its query', async () => {
    const limited = START.transform('a', 'SELECT id, name FROM source.s WHERE id < {{ most }}').with('transform.a', {
      params: { most: 5 },
    });
    const other = await changeOf('transform.a', limited.given({ most: 6 }), limited.given({ most: 7 }));
    expect(other).toBe('modified  non_breaking: parameter most changed');
    expect(await changeOf('transform.a', limited.given({ most: 5 }), limited)).toBe(
      'modified  metadata: parameter most changed, equivalent query',
    );
  });

  it('is not changed by the day or an environment variable', async () => {
    const dated = START.transform('a', "SELECT id, '{{ today }}' AS d, '{{ env:REGION }}' AS r FROM source.s");
    const before = dated.on('2024-01-01').variable('REGION', 'eu');
    const after = dated.on('2024-01-02').variable('REGION', 'us');
    expect(await changeOf('transform.a', after, before)).toBe('none  null: ');
  });
});

describe('a source', () => {
  it.each([
    ['other rows are non-breaking', START.rows('s', 'newer'), 'non_breaking: '],
    [
      'an added column is non-breaking',
      START.rows('s', 'newer').source('s', 'id INTEGER, name VARCHAR, age INTEGER'),
      'non_breaking: column age added',
    ],
    [
      'a removed column is breaking',
      START.rows('s', 'newer').source('s', 'id INTEGER').without('transform.a'),
      'breaking: column name removed',
    ],
    [
      'a retyped column is breaking',
      START.rows('s', 'newer').source('s', 'id BIGINT, name VARCHAR'),
      'breaking: column id is now BIGINT, was INTEGER',
    ],
    [
      'another source type is breaking',
      START.with('source.s', { source: 'csv', table: 'data/s.csv' }),
      'breaking: source type changed, same rows',
    ],
    [
      'another file with the same rows is metadata',
      START.with('source.s', { table: 'data/other.parquet' }),
      'metadata: same rows',
    ],
    [
      'a description is metadata',
      START.with('source.s', { description: 'From the till.' }),
      'metadata: description changed',
    ],
    [
      'on_schema_change is metadata',
      START.with('source.s', { on_schema_change: 'evolve' }),
      'metadata: on_schema_change changed',
    ],
  ])('%s', async (_, after, expected) => {
    expect(await changeOf('source.s', after)).toBe(`modified  ${expected}`);
  });
});

it('a source in the file of a transform is a new node, and the transform is removed', async () => {
  const after = START.without('transform.a').source('a', 'id INTEGER, name VARCHAR');
  const { lines } = await plan(after, { production: await built(START) });
  expect(lines).toEqual([
    'source.a  new  non_breaking  read  new source',
    'source.s  none  -  reuse  unchanged',
    'source.t  none  -  reuse  unchanged',
    'transform.a  removed  breaking  remove  its file seeknal/a.yml now defines source.a',
  ]);
});
