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

/** The plan of an edit where production is as it was before. */
const edited = async (after: Sketch, before: Sketch = START) => linesOf(after, { production: await built(before) });

const KEPT_SOURCE = 'source.s  none  -  reuse  unchanged';

describe('what must run', () => {
  it('is everything where nothing was built yet', async () => {
    expect(await linesOf(START, {})).toEqual([
      'source.s  new  non_breaking  read  new source',
      'transform.a  new  non_breaking  run  new node',
      'transform.b  new  non_breaking  run  new node',
      'transform.c  new  non_breaking  run  new node',
    ]);
  });

  it('is nothing where nothing changed', async () => {
    expect(await edited(START)).toEqual([
      KEPT_SOURCE,
      'transform.a  none  -  reuse  unchanged',
      'transform.b  none  -  reuse  unchanged',
      'transform.c  none  -  reuse  unchanged',
    ]);
  });

  it.each([
    ['a column that nobody reads is added', 'SELECT id, name, age, 1 AS one FROM source.s', 'non_breaking'],
    ['a column that nobody reads has other values', 'SELECT id, name, age + 1 AS age FROM source.s', 'non_breaking'],
    ['a column that nobody reads is removed', 'SELECT id, name FROM source.s', 'breaking'],
    ['the order of the columns changes', 'SELECT age, name, id FROM source.s', 'non_breaking'],
    ['the order of the rows changes, which nobody sees', 'SELECT * FROM source.s ORDER BY id', 'non_breaking'],
  ])('is the node alone where %s', async (_, sql, category) => {
    expect(await edited(START.transform('a', sql))).toEqual([
      KEPT_SOURCE,
      `transform.a  modified  ${category}  run  its definition changed`,
      'transform.b  none  -  verify  reused if what it reads of transform.a turns out equal',
      'transform.c  none  -  verify  reused if what it reads of transform.b turns out equal',
    ]);
  });

  it('is everything below a changed filter, however deep', async () => {
    expect(await edited(START.transform('a', 'SELECT id, name, age FROM source.s WHERE id > 1'))).toEqual([
      KEPT_SOURCE,
      'transform.a  modified  non_breaking  run  its definition changed',
      'transform.b  none  -  run  reads the rows of transform.a, which changed',
      'transform.c  none  -  run  reads the rows of transform.b, which changed',
    ]);
  });

  it('follows a changed column as far as it is read', async () => {
    expect(await edited(START.transform('a', 'SELECT id, upper(name) AS name, age FROM source.s'))).toEqual([
      KEPT_SOURCE,
      'transform.a  modified  non_breaking  run  its definition changed',
      'transform.b  none  -  run  reads transform.a.name, which changed',
      'transform.c  none  -  verify  reused if what it reads of transform.b turns out equal',
    ]);
  });

  it('is everything below a source with other rows', async () => {
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

  it('is what sees the order of rows where that changes, and nobody else', async () => {
    const ordered = (direction: string) =>
      START.transform('a', `SELECT id, name, age FROM source.s ORDER BY id ${direction}`).transform(
        'c',
        'SELECT name FROM transform.a LIMIT 2',
      );
    expect(await edited(ordered('DESC'), ordered('ASC'))).toEqual([
      KEPT_SOURCE,
      'transform.a  modified  non_breaking  run  its definition changed',
      'transform.b  none  -  verify  reused if what it reads of transform.a turns out equal',
      'transform.c  none  -  run  reads the order of the rows of transform.a, which may have changed',
    ]);
  });

  it('takes the readers of a volatile column along where that is made anew', async () => {
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

  it('takes all readers of volatile rows along', async () => {
    const sampled = (more: string) =>
      START.transform('a', `SELECT id, name, age${more} FROM source.s WHERE random() < 0.5`);
    expect(await edited(sampled(', 1 AS one'), sampled(''))).toEqual([
      KEPT_SOURCE,
      'transform.a  modified  non_breaking  run  its definition changed',
      'transform.b  none  -  run  its inputs changed since it was built',
      'transform.c  none  -  verify  reused if what it reads of transform.b turns out equal',
    ]);
  });

  it('is not masked by a second change', async () => {
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

  it('is decided by the data for a source that is read again', async () => {
    expect(await linesOf(START, { production: await built(START), read: ['source.s'] })).toEqual([
      'source.s  none  -  read  its files changed',
      'transform.a  none  -  verify  reused if what it reads of source.s turns out equal',
      'transform.b  none  -  verify  reused if what it reads of transform.a turns out equal',
      'transform.c  none  -  verify  reused if what it reads of transform.b turns out equal',
    ]);
  });

  it('is what was asked for, and nothing below it that turns out equal', async () => {
    const production = await built(START);
    const { lines, actions } = await plan(START, { production, remake: ['transform.a'] });
    expect(lines).toEqual([
      KEPT_SOURCE,
      'transform.a  none  -  run  made anew (--full)',
      'transform.b  none  -  verify  reused if what it reads of transform.a turns out equal',
      'transform.c  none  -  verify  reused if what it reads of transform.b turns out equal',
    ]);
    expect(actions[1]).toMatchObject({ kind: 'execute', anew: true });
  });

  it('reads a source that is made anew into a new artefact', async () => {
    const situation = { production: await built(START), read: ['source.s'], remake: ['source.s'] };
    const { actions } = await plan(START, situation);
    expect(actions[0]).toMatchObject({ kind: 'read-source', anew: true, before: 'first rows of source.s' });
  });

  it('leaves out what is pinned, and what reads it sees what it holds', async () => {
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

describe('what the store holds', () => {
  const NEWER = START.rows('s', 'newer');
  const taken = (input: string) => `reads the rows of ${input}, which changed; its result is in the store already`;

  it('is taken where it was built from what is wanted now', async () => {
    const newer = await built(NEWER, { called: 'dev' });
    const { lines, actions } = await plan(NEWER, { production: await built(START), store: [newer] });
    expect(lines).toEqual([
      'source.s  modified  non_breaking  reuse, moves  its data are in the store already',
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
    ['was never looked at', { unchecked: ['transform.b of dev'] }],
  ])('is not taken where an artefact %s', async (_, state) => {
    const newer = await built(NEWER, { called: 'dev' });
    expect(await linesOf(NEWER, { production: await built(START), store: [newer], ...state })).toEqual([
      'source.s  modified  non_breaking  reuse, moves  its data are in the store already',
      `transform.a  none  -  reuse, moves  ${taken('source.s')}`,
      'transform.b  none  -  run  reads the rows of transform.a, which changed',
      'transform.c  none  -  verify  reused if what it reads of transform.b turns out equal',
    ]);
  });

  it('replaces what production lost', async () => {
    const situation = { production: await built(START), damaged: ['transform.b of production'] };
    expect(await linesOf(START, situation)).toEqual([
      KEPT_SOURCE,
      'transform.a  none  -  reuse  unchanged',
      'transform.b  none  -  run  the store has no usable result',
      'transform.c  none  -  verify  reused if what it reads of transform.b turns out equal',
    ]);
  });

  it('serves a query that means the same beside inputs that are equal, and only there', async () => {
    const after = START.transform('a', 'SELECT id, name, age FROM source.s WHERE id > -1');
    const dev = await built(after.without('transform.b').without('transform.c'), { called: 'dev' });
    const pair = 'transform.a of production = transform.a of dev';
    const situation = { production: await built(START), store: [dev] };
    const head = [KEPT_SOURCE, 'transform.a  modified  non_breaking  reuse, moves  its result is in the store already'];
    const rerun = [
      'transform.b  none  -  run  reads the rows of transform.a, which changed',
      'transform.c  none  -  run  reads the rows of transform.b, which changed',
    ];
    expect(await linesOf(after, { ...situation, unequal: [pair] })).toEqual([...head, ...rerun]);
    expect(await linesOf(after, situation)).toEqual([...head, ...rerun]);
    expect(await linesOf(after, { ...situation, equal: [pair] })).toEqual([
      ...head,
      'transform.b  none  -  reuse  what it reads came out equal',
      'transform.c  none  -  reuse  what it reads came out equal',
    ]);
  });

  it('does not serve beside inputs that it was not built from', async () => {
    const newer = await built(NEWER, { called: 'newer' });
    const behind = leavingBehind(newer, await built(START), ['transform.b', 'transform.c']);
    expect(await linesOf(NEWER, { production: behind })).toEqual([
      KEPT_SOURCE,
      'transform.a  none  -  reuse  unchanged',
      'transform.b  none  -  run  its inputs changed since it was built',
      'transform.c  none  -  run  its inputs changed since it was built',
    ]);
  });

  it('serves beside inputs that were found to be equal to those that it was built from', async () => {
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

describe('columns that only data tell', () => {
  const PIVOT = START.without('transform.b')
    .without('transform.c')
    .transform('p', 'PIVOT source.s ON name USING sum(age) GROUP BY id')
    .transform('q', 'SELECT * FROM transform.p');
  const WAITS = 'run  the columns of transform.p are known once it has run';

  it('keep all that reads them waiting', async () => {
    expect(await linesOf(PIVOT, {})).toEqual([
      'source.s  new  non_breaking  read  new source',
      'transform.a  new  non_breaking  run  new node',
      'transform.p  new  non_breaking  run  new node',
      `transform.q  new  non_breaking  ${WAITS}`,
    ]);
  });

  it('are known once they were built, and unknown again beside other rows', async () => {
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

describe('what is left out', () => {
  it('comes last, with the reason', async () => {
    const after = START.without('transform.b').transform('c', 'SELECT count(*) AS n FROM transform.a');
    expect((await edited(after)).at(-1)).toBe('transform.b  removed  breaking  remove  its file seeknal/b.yml is gone');
    const situation = { production: await built(START), files: ['seeknal/b.yml'] };
    expect((await linesOf(after, situation)).at(-1)).toBe('transform.b  removed  breaking  remove  no longer defined');
  });

  it('names the node that has its file now', async () => {
    const after = START.without('transform.c').transform('d', 'SELECT 1 AS x').file('transform.d', 'seeknal/c.yml');
    expect(await edited(after)).toEqual([
      KEPT_SOURCE,
      'transform.d  new  non_breaking  run  new node',
      'transform.a  none  -  reuse  unchanged',
      'transform.b  none  -  reuse  unchanged',
      'transform.c  removed  breaking  remove  its file seeknal/c.yml now defines transform.d',
    ]);
  });

  it('moves only where the environment still shows it', async () => {
    const after = START.without('transform.c');
    const production = await built(START);
    const shown = await built(after);
    const moves = async (situation: Situation) => (await plan(after, situation)).line('transform.c').moves;
    expect([await moves({ production }), await moves({ production, shown })]).toEqual([true, false]);
  });

  it('is also what only the environment has', async () => {
    const dev = await built(START.transform('x', 'SELECT 1 AS one').transform('w', 'SELECT 1 AS one'));
    const { lines, summary } = await plan(START, { production: await built(START), shown: dev });
    expect(lines.slice(-2)).toEqual([
      'transform.w  none  -  remove  only the environment still has it',
      'transform.x  none  -  remove  only the environment still has it',
    ]);
    expect(summary).toMatchObject({ removed: 0, breaking: 0, to_move: 2 });
  });
});

describe('what moves', () => {
  it('is a node whose file moved, although nothing else changed', async () => {
    expect((await edited(START.file('transform.b', 'seeknal/more/b.yml')))[2]).toBe(
      'transform.b  none  -  reuse, moves  its file moved from seeknal/b.yml',
    );
  });

  it('is all that the environment shows otherwise than it would be', async () => {
    const dev = await built(START.transform('c', 'SELECT 1 AS n FROM transform.b'), { called: 'dev' });
    expect(await linesOf(START, { production: await built(START), shown: dev })).toEqual([
      KEPT_SOURCE,
      'transform.a  none  -  reuse, moves  as in production',
      'transform.b  none  -  reuse, moves  as in production',
      'transform.c  none  -  reuse, moves  as in production',
    ]);
  });

  it('is nothing where the environment shows what the base would become', async () => {
    const after = START.transform('a', 'SELECT id, name, age FROM source.s WHERE id > 1');
    const dev = await built(after, { called: 'dev' });
    const { lines, summary } = await plan(after, { production: await built(START), shown: dev });
    expect(lines).toEqual([
      KEPT_SOURCE,
      'transform.a  modified  non_breaking  reuse  its result is in the store already',
      'transform.b  none  -  reuse  reads the rows of transform.a, which changed; its result is in the store already',
      'transform.c  none  -  reuse  reads the rows of transform.b, which changed; its result is in the store already',
    ]);
    expect(summary).toMatchObject({ non_breaking: 1, to_execute: 0, to_move: 0 });
  });
});

describe('a summary', () => {
  it('counts new and removed nodes within the three categories', async () => {
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
