import { describe, expect, it } from 'vitest';
import { planner } from '../../planning/planner.testing.ts';
import { project, type Sketch } from '../../planning/project.testing.ts';
import type { Situation } from '../../planning/situation.testing.ts';

const { built, plan } = planner();

/** These tests ask what happens to `b`, which reads two columns of `a`. */
const START = project()
  .source('s', 'id INTEGER, name VARCHAR, age INTEGER')
  .transform('a', 'SELECT id, name, age FROM source.s')
  .transform('b', 'SELECT id, name FROM transform.a');

/** The action and the reason for `transform.b`, as in `run: new node`. */
async function reasonOf(after: Sketch, situation: Situation): Promise<string> {
  const { lines } = await plan(after, situation);
  const [, , , action, reason] = (lines.find(line => line.startsWith('transform.b')) ?? '').split('  ');
  return `${action}: ${reason}`;
}

/** The same for an edit of a project that production has built. */
const edited = async (after: Sketch, before: Sketch = START) => reasonOf(after, { production: await built(before) });

const A = (columns: string, rest = '') => START.transform('a', `SELECT ${columns} FROM source.s${rest}`);
const B = (sql: string, start: Sketch = START) => start.transform('b', sql);

describe('a transform runs', () => {
  it.each<readonly [string, Sketch, Sketch]>([
    ['new node', START, START.without('transform.b')],
    ['its definition changed', B('SELECT id + 1 AS id, name FROM transform.a'), START],
    ['its definition changed (case only)', B('SELECT id, name AS "Name" FROM transform.a'), START],
    ['reads the rows of transform.a, which changed', A('id, name, age', ' WHERE id > 1'), START],
    ['reads transform.a.name, which changed', A("id, '' AS name, age"), START],
    ['reads transform.a.id, transform.a.name, which changed', A('id + 1 AS id, upper(name) AS name, age'), START],
    [
      'reads the row order of transform.a, which may have changed',
      B('SELECT id FROM transform.a LIMIT 1', A('id, name, age', ' ORDER BY id DESC')),
      B('SELECT id FROM transform.a LIMIT 1', A('id, name, age', ' ORDER BY id')),
    ],
    [
      'takes its columns from transform.a, whose column list changed',
      B('FROM transform.a', A('id, name')),
      B('FROM transform.a'),
    ],
    [
      'its definition changed; reads transform.a.name, which changed',
      B('SELECT name FROM transform.a', A("id, '' AS name, age")),
      START,
    ],
    [
      'its definition changed; reads transform.c, which is new',
      B('SELECT id FROM transform.c').transform('c', 'SELECT id + 1 AS id FROM transform.a'),
      START,
    ],
  ])('because: %s', async (reason, after, before) => {
    expect(await edited(after, before)).toBe(`run: ${reason}`);
  });

  const limited = B(
    "SELECT id FROM transform.a WHERE id < {{ most }} AND name <> '{{ env:REGION|eu }} {{ today }}'",
  ).with('transform.b', { params: { most: 1 } });

  it.each<readonly [string, Sketch, Sketch]>([
    ['the value of {{ most }} changed', limited.given({ most: 3 }), limited.given({ most: 2 })],
    ['the value of {{ today }} changed', limited.on('2024-01-02'), limited.on('2024-01-01')],
    ['the value of {{ env:REGION }} changed', limited.variable('REGION', 'us'), limited],
    [
      'the value of {{ today }} changed; the value of {{ env:REGION }} changed',
      limited.variable('REGION', 'us').on('2024-01-02'),
      limited,
    ],
    [
      'its definition changed; the value of {{ most }} changed',
      limited.given({ most: 3 }).with('transform.b', { params: { most: 9 } }),
      limited.given({ most: 2 }),
    ],
  ])('because %s', async (reason, after, before) => {
    expect(await edited(after, before)).toBe(`run: ${reason}`);
  });

  it('because its source lost or retyped a column', async () => {
    const onSource = B('SELECT id, name FROM source.s');
    const production = await built(onSource);
    const refused = (columns: string) =>
      reasonOf(onSource.rows('s', 'newer'), { production, refused: { 'source.s': columns } });
    expect(await refused('id INTEGER, age INTEGER')).toBe('run: reads source.s.name, which is gone');
    expect(await refused('id BIGINT, name VARCHAR, age INTEGER')).toBe(
      'run: reads source.s.id, whose type changed from INTEGER to BIGINT',
    );
  });

  it('because the store has no usable result', async () => {
    const production = await built(START);
    expect(await reasonOf(START, { production, damaged: ['transform.b of production'] })).toBe(
      'run: the store has no usable result',
    );
  });

  it('because its result was built from other inputs', async () => {
    const production = await built(START);
    const situation = {
      production,
      damaged: ['transform.a of production'],
      store: [await built(START, { called: 'x' })],
    };
    const unequal = ['transform.a of production = transform.a of x'];
    expect(await reasonOf(START, { ...situation, unequal, damaged: [...situation.damaged, 'transform.b of x'] })).toBe(
      'run: its inputs changed since it was built',
    );
  });
});

describe('a transform is verified', () => {
  it('against the input that is rebuilt', async () => {
    expect(await edited(A('id, name, age, 1 AS one'))).toBe(
      'verify: reused if what it reads of transform.a turns out equal',
    );
  });

  it('against all inputs that are rebuilt, and no others', async () => {
    const joined = B(
      'SELECT a.id FROM transform.a a JOIN transform.c c USING (id) JOIN source.s s USING (id)',
    ).transform('c', 'SELECT id FROM source.s');
    const after = joined
      .transform('a', 'SELECT id, name, age, 1 AS one FROM source.s')
      .transform('c', 'SELECT id, 2 AS two FROM source.s');
    expect(await edited(after, joined)).toBe(
      'verify: reused if what it reads of transform.a, transform.c turns out equal',
    );
  });

  it('against the inputs that were not compared yet', async () => {
    const other = await built(A('id, name, age, 1 AS one'), { called: 'other' });
    const situation = { production: await built(START), store: [other], damaged: ['transform.b of other'] };
    expect(await reasonOf(A('id, name, age, 1 AS one'), situation)).toBe(
      'verify: reused if what it reads of transform.a turns out equal',
    );
  });
});

describe('a transform is reused', () => {
  const WIDER = A('id, name, age, 1 AS one');
  const FILTERED = A('id, name, age', ' WHERE id > -1');

  it('because nothing changed', async () => {
    expect(await edited(START)).toBe('reuse: unchanged');
  });

  it('because it reads none of the changed columns', async () => {
    const wider = await built(WIDER.without('transform.b'), { called: 'wider' });
    const equal = ['transform.a of production = transform.a of wider'];
    expect(await reasonOf(WIDER, { production: await built(START), store: [wider], equal })).toBe(
      'reuse: reads none of the changed columns',
    );
  });

  it('because what it reads was found equal', async () => {
    const filtered = await built(FILTERED.without('transform.b'), { called: 'filtered' });
    const equal = ['transform.a of production = transform.a of filtered'];
    expect(await reasonOf(FILTERED, { production: await built(START), store: [filtered], equal })).toBe(
      'reuse: what it reads turned out equal',
    );
  });

  it('because the store has its result', async () => {
    const filtered = await built(FILTERED, { called: 'filtered' });
    expect(await reasonOf(FILTERED, { production: await built(START), store: [filtered] })).toBe(
      'reuse, moves: reads the rows of transform.a, which changed; its result is already in the store',
    );
  });

  it('because the store has its result for the requested day', async () => {
    const dated = B("SELECT id, '{{ today }}' AS d FROM transform.a");
    const production = await built(dated);
    const earlier = await built(dated.on('2023-12-31'), { called: 'earlier', over: production });
    expect(await reasonOf(dated.on('2023-12-31'), { production, store: [earlier] })).toBe(
      'reuse, moves: the value of {{ today }} changed; its result is already in the store',
    );
  });

  it('because the store has its result although production does not', async () => {
    const production = await built(START.without('transform.b'));
    const dev = await built(START, { called: 'dev', over: production });
    expect(await reasonOf(START, { production, store: [dev] })).toBe(
      'reuse, moves: new; its result is already in the store',
    );
  });

  it('because the store has the result of its new definition', async () => {
    const after = B('SELECT id, name, age FROM transform.a');
    const production = await built(START);
    const dev = await built(after, { called: 'dev', over: production });
    expect(await reasonOf(after, { production, store: [dev] })).toBe(
      'reuse, moves: its result is already in the store',
    );
  });

  it('because the store has the result of the query without a column', async () => {
    const after = B('SELECT id FROM transform.a');
    const production = await built(START);
    const dev = await built(after, { called: 'dev', over: production });
    expect(await reasonOf(after, { production, store: [dev] })).toBe(
      'reuse, moves: its result is already in the store',
    );
  });

  it.each([
    ['affects only its documentation', START.with('transform.b', { description: 'Names.' }), START],
    ['means the same', B('SELECT x.id, x.name FROM transform.a x'), START],
    [
      'removes an input that it never read',
      START,
      START.with('transform.b', { inputs: [{ ref: 'transform.a' }, { ref: 'source.s' }] }),
    ],
  ])('because its change %s', async (_, after, before) => {
    expect(await edited(after, before)).toBe('reuse, moves: the change does not reach its data');
  });
});
