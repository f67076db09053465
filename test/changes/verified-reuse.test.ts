import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { PlanDocument } from '../../src/core/documents/plan-document.ts';
import type { RunDocument } from '../../src/core/documents/run-document.ts';
import { LiveProject, type Queries } from './live-project.ts';
import { Oracle, quoteText, sameMultiset } from './oracle.ts';

let project: LiveProject;
let oracle: Oracle;
beforeEach(async () => {
  project = new LiveProject();
  oracle = await Oracle.open();
});
afterEach(() => {
  oracle.close();
  project.remove();
});

/** Writes the rows of a query as `source.s`; every call changes the file. */
async function writeSource(query: string): Promise<void> {
  project.write('data/.keep', '');
  await oracle.run(`COPY (${query}) TO ${quoteText(`${project.root}/data/s.parquet`)} (FORMAT parquet)`);
  project.addSource('s', 'data/s.parquet');
}

const ROWS = 'SELECT i AS id, i % 3 AS k, i * 0.5::DOUBLE AS x FROM range(12) t(i)';

async function planned(environment: string, queries: Queries): Promise<PlanDocument> {
  project.setTransforms(queries);
  return project.plan(environment);
}

const actionsOf = (plan: PlanDocument) =>
  Object.fromEntries(
    plan.nodes.map(node => [node.id.replace(/^\w+\./, ''), `${node.action}${node.verify ? ' verify' : ''}`]),
  );

const statusesOf = (run: RunDocument) =>
  Object.fromEntries(run.nodes.map(node => [node.id.replace(/^\w+\./, ''), node.status]));

const artefactOf = (environment: string | null, name: string) =>
  project.held(environment).get(`transform.${name}`)?.record.id;

const dataOf = (environment: string | null, name: string) =>
  oracle.file(project.held(environment).get(`transform.${name}`)?.path ?? '');

describe('a consumer of a rebuilt input', () => {
  const C = 'SELECT sum(id) AS s FROM transform.m';

  it('is reused if what it reads turned out equal, as the next plan knows', async () => {
    await writeSource(ROWS);
    project.setTransforms({ m: 'SELECT id, k FROM source.s', c: C });
    await project.run();
    const plan = await planned('dev', { m: 'SELECT id, k, x FROM source.s', c: C });
    expect(actionsOf(plan)).toEqual({ s: 'reuse', m: 'run', c: 'reuse verify' });
    expect(statusesOf(await project.apply('dev'))).toEqual({ s: 'reused', m: 'executed', c: 'reused' });
    expect(artefactOf('dev', 'c')).toBe(artefactOf(null, 'c'));
    expect(actionsOf(await project.plan('dev'))).toEqual({ s: 'reuse', m: 'reuse', c: 'reuse' });
  });

  it('is cut off if everything it reads turned out equal, and the next plan reuses it', async () => {
    await writeSource(ROWS);
    const d = 'SELECT max(s) AS s FROM transform.c';
    project.setTransforms({ m: 'SELECT id FROM source.s WHERE id >= 0', c: C, d });
    await project.run();
    // A different filter that selects the same rows.
    const plan = await planned('dev', { m: 'SELECT id FROM source.s WHERE id >= -1', c: C, d });
    expect(actionsOf(plan)).toEqual({ s: 'reuse', m: 'run', c: 'run', d: 'run' });
    const result = await project.apply('dev');
    expect(statusesOf(result)).toEqual({ s: 'reused', m: 'executed', c: 'cut_off', d: 'cut_off' });
    expect(result.nodes.find(node => node.id === 'transform.c')?.reason).toBe(
      'what it reads of its rebuilt inputs turned out equal',
    );
    expect(artefactOf('dev', 'c')).toBe(artefactOf(null, 'c'));
    expect(actionsOf(await project.plan('dev'))).toEqual({ s: 'reuse', m: 'reuse', c: 'reuse', d: 'reuse' });
    await project.promote('dev');
    expect((await project.run()).status).toBe('nothing_to_do');
  });

  it('runs if what it reads differs, as the result says', async () => {
    await writeSource(ROWS);
    const m = (more: string) => `SELECT id, random() AS r${more} FROM source.s`;
    project.setTransforms({ m: m(''), n: 'SELECT r AS q FROM transform.m', c: 'SELECT sum(q) AS s FROM transform.n' });
    await project.run();
    const plan = await planned('dev', {
      m: m(', k'),
      n: 'SELECT r AS q FROM transform.m',
      c: 'SELECT sum(q) AS s FROM transform.n',
    });
    expect(actionsOf(plan)).toEqual({ s: 'reuse', m: 'run', n: 'run', c: 'reuse verify' });
    expect(plan.nodes.find(node => node.id === 'transform.m')?.evidence).toContain('volatile random');
    expect(statusesOf(await project.apply('dev'))).toEqual({
      s: 'reused',
      m: 'executed',
      n: 'executed',
      c: 'executed',
    });
    expect(artefactOf('dev', 'c')).not.toBe(artefactOf(null, 'c'));
  });

  it('does not run for float sums, which are equal on several threads', async () => {
    await writeSource('SELECT i AS id, i % 3 AS k, (i % 8) * 0.125::DOUBLE AS x FROM range(300000) t(i)');
    const c = 'SELECT k, sum(x) AS s, avg(x) AS a FROM transform.m GROUP BY k';
    project.setTransforms({ m: 'SELECT id, k, x FROM source.s', c, d: 'SELECT max(s) AS s FROM transform.c' });
    await project.run();
    await planned('dev', { m: 'SELECT id, k, x, 1 AS one FROM source.s', c, d: 'SELECT max(s) AS s FROM transform.c' });
    expect(statusesOf(await project.apply('dev'))).toEqual({ s: 'reused', m: 'executed', c: 'reused', d: 'reused' });
  });
});

describe('one fingerprint and several artefacts', () => {
  it('each is reused with the inputs that it was built from, in any environment', async () => {
    await writeSource(ROWS);
    const queries = (more: string): Queries => ({
      m: `SELECT id, random() AS r${more} FROM source.s`,
      c: 'SELECT sum(r) AS s FROM transform.m',
      d: 'SELECT s + 1 AS s FROM transform.c',
    });
    project.setTransforms(queries(''));
    await project.run();
    for (const environment of ['one', 'two']) {
      await planned(environment, queries(', k'));
      await project.apply(environment);
    }
    // The second environment reuses what the first built from the same definition and inputs.
    expect(artefactOf('two', 'm')).toBe(artefactOf('one', 'm'));
    await planned('three', queries(', x'));
    await project.apply('three');
    for (const environment of [null, 'one', 'two', 'three']) {
      await oracle.show('transform.m', project.held(environment).get('transform.m')?.path ?? '');
      const expected = await oracle.query('SELECT sum(r) + 1 AS s FROM transform.m');
      expect(sameMultiset(await dataOf(environment, 'd'), expected), String(environment)).toBe(true);
    }
    const artefacts = [null, 'one', 'two', 'three'].map(environment => artefactOf(environment, 'c'));
    expect(new Set(artefacts).size).toBe(3);
    // Back to production's data and then to the first environment's: each finds its artefact.
    await planned('two', queries(''));
    await project.apply('two');
    expect(artefactOf('two', 'c')).toBe(artefactOf(null, 'c'));
    await planned('two', queries(', k'));
    await project.apply('two');
    expect(artefactOf('two', 'c')).toBe(artefactOf('one', 'c'));
  });
});

describe('a consumer that depends on the row order', () => {
  const C = 'SELECT id FROM transform.m LIMIT 3';

  it('follows the order of its input, unlike others', async () => {
    await writeSource(ROWS);
    const queries = (order: string): Queries => ({
      m: `SELECT id FROM source.s ORDER BY id ${order}`,
      c: C,
      n: 'SELECT count(*) AS n FROM transform.m',
    });
    project.setTransforms(queries('ASC'));
    await project.run();
    const plan = await planned('dev', queries('DESC'));
    expect(actionsOf(plan)).toEqual({ s: 'reuse', m: 'run', c: 'run', n: 'reuse verify' });
    await project.apply('dev');
    expect((await dataOf('dev', 'c')).rows).toEqual(['["11"]', '["10"]', '["9"]']);
  });

  it('compares rows in sequence: equal rows in another order count as different', async () => {
    await writeSource(ROWS);
    const m = (more: string) => `SELECT id${more} FROM source.s ORDER BY random()`;
    project.setTransforms({ m: m(''), c: C });
    await project.run();
    const plan = await planned('dev', { m: m(', k'), c: C });
    expect(plan.nodes.find(node => node.id === 'transform.c')?.evidence).toEqual(['reads row order (LIMIT)']);
    await project.apply('dev');
    const first = (await dataOf('dev', 'm')).rows
      .slice(0, 3)
      .map(row => JSON.stringify([(JSON.parse(row) as unknown[])[0]]));
    expect((await dataOf('dev', 'c')).rows).toEqual(first);
  });
});

describe('two equivalent tables with different rows', () => {
  const RANDOM = 'SELECT id, random() AS r FROM source.s';
  const difference = (one: string, other: string) =>
    `SELECT (SELECT sum(r) FROM ${one}) - (SELECT sum(r) FROM ${other}) AS d`;
  const firstOf = async (environment: string | null) =>
    Number(JSON.parse((await dataOf(environment, 'd')).rows[0] ?? '')[0]);

  it('are distinguished by a query that reads both', async () => {
    await writeSource(ROWS);
    const inputs = { a: RANDOM, b: RANDOM };
    project.setTransforms({ ...inputs, d: difference('transform.a', 'transform.b') });
    await project.run();
    await planned('dev', { ...inputs, d: difference('transform.b', 'transform.a') });
    await project.apply('dev');
    expect(await firstOf('dev')).toBeCloseTo(-(await firstOf(null)), 9);
    expect(await firstOf('dev')).not.toBe(0);
  });

  it('are distinguished if an earlier statement creates them', async () => {
    await writeSource(ROWS);
    const both = `CREATE TEMP TABLE a AS ${RANDOM};\nCREATE TEMP TABLE b AS ${RANDOM};\n`;
    project.setTransforms({ d: both + difference('a', 'a') });
    await project.run();
    await planned('dev', { d: both + difference('a', 'b') });
    await project.apply('dev');
    expect(await firstOf(null)).toBe(0);
    expect(await firstOf('dev')).not.toBe(0);
  });
});

it('names a changed column list or row order of an input as the reason', async () => {
  await writeSource(ROWS);
  const consumers = {
    all: 'SELECT * FROM transform.m',
    first: 'SELECT first(id) AS f FROM transform.m',
    count: 'SELECT count(*) AS n FROM transform.m',
  };
  project.setTransforms({ m: 'SELECT id, k, x FROM source.s', ...consumers });
  await project.run();
  const reasons = async (m: string) => {
    const { nodes } = await planned('dev', { m, ...consumers });
    return Object.keys(consumers).map(name => nodes.find(node => node.id === `transform.${name}`)?.reason);
  };
  const same = 'reused if what it reads of transform.m turns out equal';
  const list = 'takes its columns from transform.m, whose column list changed';
  const order = 'reads the row order of transform.m, which may have changed';
  expect(await reasons('SELECT id, x FROM source.s')).toEqual([list, order, same]);
  expect(await reasons('SELECT k, id, x FROM source.s')).toEqual([list, order, same]);
  expect(await reasons('SELECT id, k, x FROM source.s ORDER BY id DESC')).toEqual([same, order, same]);
});
