import { describe, expect, it } from 'vitest';
import { leavingBehind } from '../../planning/built.testing.ts';
import { planner } from '../../planning/planner.testing.ts';
import { project, type Sketch } from '../../planning/project.testing.ts';
import type { Situation } from '../../planning/situation.testing.ts';
import { artefactOf } from './action.ts';

const { built, plan } = planner();

/** A chain: `c` counts the rows of `b`, which takes two of the columns of `a`. */
const START = project()
  .source('s', 'id INTEGER, name VARCHAR, age INTEGER')
  .transform('a', 'SELECT id, name, age FROM source.s')
  .transform('b', 'SELECT id, name FROM transform.a')
  .transform('c', 'SELECT count(*) AS n FROM transform.b');

const linesOf = async (after: Sketch, situation: Situation) => (await plan(after, situation)).lines;

/** The plan lines of an edit of a project that production has built. */
const edited = async (after: Sketch, before: Sketch = START) => linesOf(after, { production: await built(before) });

const KEPT_SOURCE = 'source.s  none  -  reuse  unchanged';

describe('what must run', () => {
  it('is everything if nothing has been built', async () => {
    expect(await linesOf(START, {})).toEqual([
      'source.s  new  non_breaking  read  new source',
      'transform.a  new  non_breaking  run  new node',
      'transform.b  new  non_breaking  run  new node',
      'transform.c  new  non_breaking  run  new node',
    ]);
  });

  it('is nothing if nothing changed', async () => {
    expect(await edited(START)).toEqual([
      KEPT_SOURCE,
      'transform.a  none  -  reuse  unchanged',
      'transform.b  none  -  reuse  unchanged',
      'transform.c  none  -  reuse  unchanged',
    ]);
  });

  it.each([
    ['an unread column is added', 'SELECT id, name, age, 1 AS one FROM source.s', 'non_breaking'],
    ['an unread column has other values', 'SELECT id, name, age + 1 AS age FROM source.s', 'non_breaking'],
    ['an unread column is removed', 'SELECT id, name FROM source.s', 'breaking'],
    ['the order of the columns changes', 'SELECT age, name, id FROM source.s', 'non_breaking'],
    ['the row order changes and no node depends on it', 'SELECT * FROM source.s ORDER BY id', 'non_breaking'],
  ])('is the node alone if %s', async (_, sql, category) => {
    expect(await edited(START.transform('a', sql))).toEqual([
      KEPT_SOURCE,
      `transform.a  modified  ${category}  run  its definition changed`,
      'transform.b  none  -  verify  reused if what it reads of transform.a turns out equal',
      'transform.c  none  -  verify  reused if what it reads of transform.b turns out equal',
    ]);
  });

  it('is everything below a changed filter, at any depth', async () => {
    expect(await edited(START.transform('a', 'SELECT id, name, age FROM source.s WHERE id > 1'))).toEqual([
      KEPT_SOURCE,
      'transform.a  modified  non_breaking  run  its definition changed',
      'transform.b  none  -  run  reads the rows of transform.a, which changed',
      'transform.c  none  -  run  reads the rows of transform.b, which changed',
    ]);
  });

  it('follows a changed column to all its readers', async () => {
    expect(await edited(START.transform('a', 'SELECT id, upper(name) AS name, age FROM source.s'))).toEqual([
      KEPT_SOURCE,
      'transform.a  modified  non_breaking  run  its definition changed',
      'transform.b  none  -  run  reads transform.a.name, which changed',
      'transform.c  none  -  verify  reused if what it reads of transform.b turns out equal',
    ]);
  });

  it('is everything below a source with changed rows', async () => {
    expect(await edited(START.rows('s', 'newer'))).toEqual([
      'source.s  modified  non_breaking  read  its files changed',
      'transform.a  none  -  run  reads the rows of source.s, which changed',
      'transform.b  none  -  run  reads the rows of transform.a, which changed',
      'transform.c  none  -  run  reads the rows of transform.b, which changed',
    ]);
  });

  it.each([
    ['a rewrite that means the same', START.transform('a', 'SELECT x.* FROM source.s x WHERE true')],
    ['a description', START.with('transform.a', { description: 'People.' })],
  ])('is nothing for %s', async (_, after) => {
    expect(await edited(after)).toEqual([
      KEPT_SOURCE,
      'transform.a  modified  metadata  reuse, moves  the change does not reach its data',
      'transform.b  none  -  reuse  unchanged',
      'transform.c  none  -  reuse  unchanged',
    ]);
  });

  it('is every node that depends on a changed row order, and no other', async () => {
    const ordered = (direction: string) =>
      START.transform('a', `SELECT id, name, age FROM source.s ORDER BY id ${direction}`).transform(
        'c',
        'SELECT name FROM transform.a LIMIT 2',
      );
    expect(await edited(ordered('DESC'), ordered('ASC'))).toEqual([
      KEPT_SOURCE,
      'transform.a  modified  non_breaking  run  its definition changed',
      'transform.b  none  -  verify  reused if what it reads of transform.a turns out equal',
      'transform.c  none  -  run  reads the row order of transform.a, which may have changed',
    ]);
  });

  it('includes the readers of a volatile column that is rebuilt', async () => {
    const volatile = (more: string) =>
      START.transform('a', `SELECT id, name, random() AS r${more} FROM source.s`).transform(
        'c',
        'SELECT r FROM transform.a',
      );
    expect(await edited(volatile(', age'), volatile(''))).toEqual([
      KEPT_SOURCE,
      'transform.a  modified  non_breaking  run  its definition changed',
      'transform.b  none  -  verify  reused if what it reads of transform.a turns out equal',
      'transform.c  none  -  run  its inputs changed since it was built',
    ]);
  });

  it('includes all readers of volatile rows', async () => {
    const sampled = (more: string) =>
      START.transform('a', `SELECT id, name, age${more} FROM source.s WHERE random() < 0.5`);
    expect(await edited(sampled(', 1 AS one'), sampled(''))).toEqual([
      KEPT_SOURCE,
      'transform.a  modified  non_breaking  run  its definition changed',
      'transform.b  none  -  run  its inputs changed since it was built',
      'transform.c  none  -  verify  reused if what it reads of transform.b turns out equal',
    ]);
  });

  it('is not hidden by a second change that cancels the first', async () => {
    const after = START.transform('a', 'SELECT id + 1 AS id, name, age FROM source.s').transform(
      'b',
      'SELECT id - 1 AS id, name FROM transform.a',
    );
    expect(await edited(after)).toEqual([
      KEPT_SOURCE,
      'transform.a  modified  non_breaking  run  its definition changed',
      'transform.b  modified  non_breaking  run  its definition changed; reads transform.a.id, which changed',
      'transform.c  none  -  verify  reused if what it reads of transform.b turns out equal',
    ]);
  });

  it('depends on the data for a source that is read again', async () => {
    expect(await linesOf(START, { production: await built(START), read: ['source.s'] })).toEqual([
      'source.s  none  -  read  its files changed',
      'transform.a  none  -  verify  reused if what it reads of source.s turns out equal',
      'transform.b  none  -  verify  reused if what it reads of transform.a turns out equal',
      'transform.c  none  -  verify  reused if what it reads of transform.b turns out equal',
    ]);
  });

  it('is the requested node; nodes below it are verified', async () => {
    const production = await built(START);
    const { lines, actions } = await plan(START, { production, remake: ['transform.a'] });
    expect(lines).toEqual([
      KEPT_SOURCE,
      'transform.a  none  -  run  rebuilt (--full)',
      'transform.b  none  -  verify  reused if what it reads of transform.a turns out equal',
      'transform.c  none  -  verify  reused if what it reads of transform.b turns out equal',
    ]);
    expect(actions[1]).toMatchObject({ kind: 'execute', full: true });
  });

  it('includes a source that --full reads into a new artefact', async () => {
    const situation = { production: await built(START), read: ['source.s'], remake: ['source.s'] };
    const { actions } = await plan(START, situation);
    expect(actions[0]).toMatchObject({ kind: 'read-source', full: true, before: 'first rows of source.s' });
  });

  it('leaves out a pinned node, whose readers see its pinned data', async () => {
    const after = START.transform('a', 'SELECT id, name, age FROM source.s WHERE id > 1');
    const { lines, actions } = await plan(after, {
      production: await built(START),
      pinned: { 'transform.b': 'not selected' },
    });
    expect(lines).toEqual([
      KEPT_SOURCE,
      'transform.a  modified  non_breaking  run  its definition changed',
      'transform.b  none  -  reuse  not selected',
      'transform.c  none  -  reuse  unchanged',
    ]);
    expect(actions[2]).toMatchObject({ kind: 'reuse', artefact: 'transform.b of production', pinned: true });
  });
});

describe('an artefact in the store', () => {
  const NEWER = START.rows('s', 'newer');
  const taken = (input: string) => `reads the rows of ${input}, which changed; its result is already in the store`;

  it('is reused if it was built from the wanted inputs', async () => {
    const newer = await built(NEWER, { called: 'dev' });
    const { lines, actions } = await plan(NEWER, { production: await built(START), store: [newer] });
    expect(lines).toEqual([
      'source.s  modified  non_breaking  reuse, moves  its data is already in the store',
      `transform.a  none  -  reuse, moves  ${taken('source.s')}`,
      `transform.b  none  -  reuse, moves  ${taken('transform.a')}`,
      `transform.c  none  -  reuse, moves  ${taken('transform.b')}`,
    ]);
    expect(actions.map(artefactOf)).toEqual([
      'newer rows of source.s',
      'transform.a of dev',
      'transform.b of dev',
      'transform.c of dev',
    ]);
  });

  it.each([
    ['no longer holds what was recorded', { damaged: ['transform.b of dev'] }],
    ['was never checked', { unchecked: ['transform.b of dev'] }],
  ])('is not reused if it %s', async (_, state) => {
    const newer = await built(NEWER, { called: 'dev' });
    expect(await linesOf(NEWER, { production: await built(START), store: [newer], ...state })).toEqual([
      'source.s  modified  non_breaking  reuse, moves  its data is already in the store',
      `transform.a  none  -  reuse, moves  ${taken('source.s')}`,
      'transform.b  none  -  run  reads the rows of transform.a, which changed',
      'transform.c  none  -  verify  reused if what it reads of transform.b turns out equal',
    ]);
  });

  it('is rebuilt if production lost it', async () => {
    const situation = { production: await built(START), damaged: ['transform.b of production'] };
    expect(await linesOf(START, situation)).toEqual([
      KEPT_SOURCE,
      'transform.a  none  -  reuse  unchanged',
      'transform.b  none  -  run  the store has no usable result',
      'transform.c  none  -  verify  reused if what it reads of transform.b turns out equal',
    ]);
  });

  it('serves an equivalent query with equal inputs only', async () => {
    const after = START.transform('a', 'SELECT id, name, age FROM source.s WHERE id > -1');
    const dev = await built(after.without('transform.b').without('transform.c'), { called: 'dev' });
    const pair = 'transform.a of production = transform.a of dev';
    const situation = { production: await built(START), store: [dev] };
    const head = [KEPT_SOURCE, 'transform.a  modified  non_breaking  reuse, moves  its result is already in the store'];
    const rerun = [
      'transform.b  none  -  run  reads the rows of transform.a, which changed',
      'transform.c  none  -  run  reads the rows of transform.b, which changed',
    ];
    expect(await linesOf(after, { ...situation, unequal: [pair] })).toEqual([...head, ...rerun]);
    expect(await linesOf(after, situation)).toEqual([...head, ...rerun]);
    expect(await linesOf(after, { ...situation, equal: [pair] })).toEqual([
      ...head,
      'transform.b  none  -  reuse  what it reads turned out equal',
      'transform.c  none  -  reuse  what it reads turned out equal',
    ]);
  });

  it('is not reused with inputs that it was not built from', async () => {
    const newer = await built(NEWER, { called: 'newer' });
    const behind = leavingBehind(newer, await built(START), ['transform.b', 'transform.c']);
    expect(await linesOf(NEWER, { production: behind })).toEqual([
      KEPT_SOURCE,
      'transform.a  none  -  reuse  unchanged',
      'transform.b  none  -  run  its inputs changed since it was built',
      'transform.c  none  -  run  its inputs changed since it was built',
    ]);
  });

  it('is reused with inputs that were found equal to those it was built from', async () => {
    const newer = await built(NEWER, { called: 'newer' });
    const behind = leavingBehind(newer, await built(START), ['transform.b', 'transform.c']);
    const equal = ['transform.a of production = transform.a of newer'];
    expect(await linesOf(NEWER, { production: behind, equal })).toEqual([
      KEPT_SOURCE,
      'transform.a  none  -  reuse  unchanged',
      'transform.b  none  -  reuse  unchanged',
      'transform.c  none  -  reuse  unchanged',
    ]);
  });
});

describe('columns that depend on data', () => {
  const PIVOT = START.without('transform.b')
    .without('transform.c')
    .transform('p', 'PIVOT source.s ON name USING sum(age) GROUP BY id')
    .transform('q', 'SELECT * FROM transform.p');
  const WAITS = 'run  the columns of transform.p are known only after it has run';

  it('postpone the analysis of their readers', async () => {
    expect(await linesOf(PIVOT, {})).toEqual([
      'source.s  new  non_breaking  read  new source',
      'transform.a  new  non_breaking  run  new node',
      'transform.p  new  non_breaking  run  new node',
      `transform.q  new  non_breaking  ${WAITS}`,
    ]);
  });

  it('are known after the node was built, and unknown again with other rows', async () => {
    const production = await built(PIVOT, { columns: { 'transform.p': 'id INTEGER, x BIGINT' } });
    expect((await linesOf(PIVOT, { production })).slice(2)).toEqual([
      'transform.p  none  -  reuse  unchanged',
      'transform.q  none  -  reuse  unchanged',
    ]);
    expect((await linesOf(PIVOT.rows('s', 'newer'), { production })).slice(2)).toEqual([
      'transform.p  none  -  run  reads the rows of source.s, which changed',
      `transform.q  none  -  ${WAITS}`,
    ]);
  });
});

describe('a removed node', () => {
  it('comes last, with the reason', async () => {
    const after = START.without('transform.b').transform('c', 'SELECT count(*) AS n FROM transform.a');
    expect((await edited(after)).at(-1)).toBe('transform.b  removed  breaking  remove  its file seeknal/b.yml is gone');
    const situation = { production: await built(START), files: ['seeknal/b.yml'] };
    expect((await linesOf(after, situation)).at(-1)).toBe('transform.b  removed  breaking  remove  no longer defined');
  });

  it('names the node that its file now defines', async () => {
    const after = START.without('transform.c').transform('d', 'SELECT 1 AS x').file('transform.d', 'seeknal/c.yml');
    expect(await edited(after)).toEqual([
      KEPT_SOURCE,
      'transform.d  new  non_breaking  run  new node',
      'transform.a  none  -  reuse  unchanged',
      'transform.b  none  -  reuse  unchanged',
      'transform.c  removed  breaking  remove  its file seeknal/c.yml now defines transform.d',
    ]);
  });

  it('moves only if the environment still shows it', async () => {
    const after = START.without('transform.c');
    const production = await built(START);
    const shown = await built(after);
    const moves = async (situation: Situation) => (await plan(after, situation)).line('transform.c').moves;
    expect([await moves({ production }), await moves({ production, shown })]).toEqual([true, false]);
  });

  it('may exist in the environment only', async () => {
    const dev = await built(START.transform('x', 'SELECT 1 AS one').transform('w', 'SELECT 1 AS one'));
    const { lines, summary } = await plan(START, { production: await built(START), shown: dev });
    expect(lines.slice(-2)).toEqual([
      'transform.w  none  -  remove  only the environment still has it',
      'transform.x  none  -  remove  only the environment still has it',
    ]);
    expect(summary).toMatchObject({ removed: 0, breaking: 0, to_move: 2 });
  });
});

describe('a node moves', () => {
  it('if only its file moved', async () => {
    expect((await edited(START.file('transform.b', 'seeknal/more/b.yml')))[2]).toBe(
      'transform.b  none  -  reuse, moves  its file moved from seeknal/b.yml',
    );
  });

  it('if the environment shows another version of it', async () => {
    const dev = await built(START.transform('c', 'SELECT 1 AS n FROM transform.b'), { called: 'dev' });
    expect(await linesOf(START, { production: await built(START), shown: dev })).toEqual([
      KEPT_SOURCE,
      'transform.a  none  -  reuse, moves  as in production',
      'transform.b  none  -  reuse, moves  as in production',
      'transform.c  none  -  reuse, moves  as in production',
    ]);
  });

  it('not if the environment already shows what the plan leads to', async () => {
    const after = START.transform('a', 'SELECT id, name, age FROM source.s WHERE id > 1');
    const dev = await built(after, { called: 'dev' });
    const { lines, summary } = await plan(after, { production: await built(START), shown: dev });
    expect(lines).toEqual([
      KEPT_SOURCE,
      'transform.a  modified  non_breaking  reuse  its result is already in the store',
      'transform.b  none  -  reuse  reads the rows of transform.a, which changed; its result is already in the store',
      'transform.c  none  -  reuse  reads the rows of transform.b, which changed; its result is already in the store',
    ]);
    expect(summary).toMatchObject({ non_breaking: 1, to_execute: 0, to_move: 0 });
  });
});

describe('a summary', () => {
  it('counts new and removed nodes in the three categories', async () => {
    const after = START.transform('a', 'SELECT id, name FROM source.s')
      .with('transform.b', { description: 'Names.' })
      .without('transform.c')
      .transform('d', 'SELECT id FROM transform.b');
    const { summary } = await plan(after, { production: await built(START) });
    expect(summary).toEqual({
      breaking: 2,
      non_breaking: 1,
      metadata: 1,
      new: 1,
      removed: 1,
      to_execute: 2,
      to_verify: 1,
      to_move: 4,
    });
  });
});
