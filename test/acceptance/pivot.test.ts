import { describe, expect, it } from 'vitest';
import { addNode, inlineProject } from './harness.ts';

describe('a PIVOT whose columns depend on data', () => {
  const project = () =>
    inlineProject({
      'source.s': 'g,kind,n\na,x,1\na,y,2\nb,x,5\n',
      'transform.p': "PIVOT ref('source.s') ON kind USING sum(n) GROUP BY g",
      'transform.c': "SELECT g, x + coalesce(y, 0) AS total FROM ref('transform.p')",
      'transform.d': "SELECT sum(total) AS total FROM ref('transform.c')",
    });

  it('runs with its readers, and then nothing is left to do', async () => {
    const made = project();
    const plan = await made.document('plan');
    expect(made.node(plan, 'transform.p')).toMatchObject({ action: 'run', schema: null });
    expect(made.node(plan, 'transform.c')).toMatchObject({
      action: 'run',
      schema: null,
      reason: 'the columns of transform.p are known only after it has run',
    });
    await made.ok('run');
    expect(await made.query('SELECT * FROM transform_p ORDER BY g')).toEqual([
      { g: 'a', x: 1, y: 2 },
      { g: 'b', x: 5, y: null },
    ]);
    expect(await made.query('SELECT total FROM transform_d')).toEqual([{ total: 8 }]);
    expect(await made.ok('run')).toContain('No changes detected');
    expect(made.node(await made.document('env', 'plan', 'dev'), 'transform.p')).toMatchObject({
      action: 'reuse',
      change: 'none',
    });
  });

  it('gets a new column with new data, in production and in an environment', async () => {
    const made = project();
    await made.ok('run');
    made.append('data/s.csv', 'b,z,7\n');
    await made.ok('env', 'plan', 'dev', '--refresh');
    await made.ok('env', 'apply', 'dev');
    expect(await made.query('SELECT z FROM transform_p WHERE g = $$b$$', 'dev')).toEqual([{ z: 7 }]);
    await made.ok('run');
    expect(await made.query('SELECT z FROM transform_p WHERE g = $$b$$')).toEqual([{ z: 7 }]);
    addNode(made, 'transform.c', "SELECT g, x + coalesce(z, 0) AS total FROM ref('transform.p')");
    await made.ok('run');
    expect(await made.query('SELECT total FROM transform_d')).toEqual([{ total: 13 }]);
  });

  it('fails readers of a column that it turns out not to have, and production does not change', async () => {
    const made = project();
    addNode(made, 'transform.c', "SELECT g, nosuch AS total FROM ref('transform.p')");
    const outcome = await made.run(['run']);
    expect(outcome.code).toBe(1);
    expect(outcome.stderr).toContain('nosuch');
    expect(outcome.stderr).toMatch(/seeknal\/c\.yml:\d+:\d+/);
    expect(made.exists('target/intermediate/transform_p.parquet')).toBe(false);
  });

  it('is recorded like any other output, and doctor finds no problem', async () => {
    const made = project();
    expect(await made.ok('run')).not.toContain('NaN');
    const full = await made.document('run', '--full');
    expect(made.node(full, 'transform.p')).toMatchObject({ status: 'executed', rows: 2 });
    await made.ok('doctor');
    await made.ok('doctor', '--repair');
    expect(await made.query('SELECT count(*) AS n FROM transform_p')).toEqual([{ n: 2 }]);
  });

  it.each([
    "PIVOT (SELECT kind, n FROM ref('source.s')) ON kind USING sum(n)",
    "FROM (PIVOT (SELECT kind, n FROM ref('source.s')) ON kind USING sum(n))",
    "SELECT x, y FROM (PIVOT (SELECT kind, n FROM ref('source.s')) ON kind USING sum(n))",
    "WITH w AS (PIVOT (SELECT kind, n FROM ref('source.s')) ON kind USING sum(n)) SELECT * FROM w ORDER BY x",
    "CREATE TEMP TABLE w AS PIVOT (SELECT kind, n FROM ref('source.s')) ON kind USING sum(n); SELECT x, y FROM w",
  ])('may have only the columns that it creates: %s', async sql => {
    const made = project();
    addNode(made, 'transform.p', sql);
    addNode(made, 'transform.c', "SELECT x + y AS total FROM ref('transform.p')");
    await made.ok('validate');
    await made.ok('run');
    expect(await made.query('SELECT x, y FROM transform_p')).toEqual([{ x: 6, y: 2 }]);
    expect(await made.query('SELECT total FROM transform_d')).toEqual([{ total: 8 }]);
    expect(await made.ok('run')).toContain('No changes detected');
  });

  it('is refused if its clauses name a column that does not exist', async () => {
    const made = project();
    addNode(made, 'transform.p', "PIVOT ref('source.s') ON kind USING sum(n) GROUP BY nosuch");
    const outcome = await made.run(['validate']);
    expect([outcome.code, outcome.stderr + outcome.stdout]).toEqual([1, expect.stringContaining('nosuch')]);
  });

  it('works in the shell, with output on the terminal and to files', async () => {
    const made = project();
    await made.ok('run');
    const pivot = 'PIVOT source_s ON kind USING sum(n) GROUP BY g ORDER BY g';
    const rows = [
      { g: 'a', x: 1, y: 2 },
      { g: 'b', x: 5, y: null },
    ];
    expect(await made.query(pivot)).toEqual(rows);
    await made.ok('repl', '-e', pivot, '--output', 'wide.csv');
    expect(made.read('wide.csv')).toBe('g,x,y\r\na,1,2\r\nb,5,\r\n');
    const written = await made.run(['repl', '-e', pivot, '--output', 'wide.parquet']);
    expect([written.code, written.stderr]).toEqual([0, expect.stringContaining('2 rows written')]);
  });
});
