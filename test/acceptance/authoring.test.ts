import { describe, expect, it } from 'vitest';
import { addNode, baselineProject, DAILY, finishedProject, inlineProject, TestProject } from './harness.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

describe('init', () => {
  it('creates a project that can run immediately, and prints the next commands', async () => {
    const outside = new TestProject(temporaryFolder());
    const said = await outside.ok('init', '--name', 'my-project', '--description', 'of "mine"', '--path', 'shop');
    expect(said.split('Next:\n')[1]).toBe('  cd shop\n  seeknal run\n  seeknal env plan dev\n  seeknal repl\n');
    const project = new TestProject(outside.path('shop'));
    expect(project.read('seeknal_project.yml')).toMatch(
      /^name: "my-project"\nversion: .*\ndescription: "of \\"mine\\""\n/,
    );
    expect((await project.document('run')).nodes.map(node => node['status'])).toEqual(
      Array.from({ length: 5 }, () => 'executed'),
    );
    expect((await project.run(['repl'])).stdout).toContain('Project: my-project\n');
  });

  it('accepts the empty template, and refuses an unknown one', async () => {
    const outside = new TestProject(temporaryFolder());
    await outside.ok('init', '--path', 'bare', '--template', 'empty');
    const bare = new TestProject(outside.path('bare'));
    expect(await bare.ok('run')).toContain('✓ No changes detected. Nothing to run.');
    expect((await bare.document('list'))['nodes']).toEqual([]);
    const refused = await outside.run(['init', '--path', 'x', '--template', 'shop']);
    expect([refused.code, outside.exists('x')]).toEqual([1, false]);
  });

  it('refuses an existing project; --force asks, overwrites it and keeps credentials', async () => {
    const project = finishedProject();
    project.write('profiles.yml', 'connections: {}\n');
    project.write(DAILY, 'mine\n');
    const there = await project.run(['init']);
    expect([there.code, there.stderr.includes('--force')]).toEqual([1, true]);
    const unasked = await project.run(['init', '--force']);
    expect([unasked.code, unasked.stderr.includes('--yes'), project.read(DAILY)]).toEqual([1, true, 'mine\n']);
    await project.ok('init', '--force', '--yes');
    expect(project.read(DAILY)).toContain('kind: transform');
    expect(project.read('profiles.yml')).toBe('connections: {}\n');
  });

  it('extends an existing .gitignore, also with --force, and says whether it did', async () => {
    const outside = new TestProject(temporaryFolder());
    outside.write('.gitignore', '*.bak');
    expect(await outside.document('init')).toMatchObject({ files: expect.arrayContaining(['.gitignore']), kept: [] });
    const again = await outside.document('init', '--force', '--yes', '--description', 'mine');
    expect([again['kept'], outside.read('.gitignore')]).toEqual([
      ['.gitignore'],
      '*.bak\ntarget/\nprofiles*.yml\n.env\n',
    ]);
  });

  it('refuses a path that is a file, and an empty name', async () => {
    const outside = new TestProject(temporaryFolder());
    outside.write('notes', '');
    const refused = await outside.run(['init', '--path', 'notes']);
    expect([refused.code, refused.stderr]).toEqual([
      1,
      'error[file-unwritable]: notes cannot be written: part of its path is a file.\n',
    ]);
    expect([(await outside.run(['init', '--name', ' '])).code, outside.exists('seeknal_project.yml')]).toEqual([
      1,
      false,
    ]);
  });
});

describe('draft, dry-run and apply FILE', () => {
  it('show the position of a query that fails on its data', async () => {
    const project = inlineProject({
      'source.s': 'id\n1\n',
      'transform.m': "SELECT id, 'abc'::DATE AS d FROM ref('source.s')",
      'transform.n': "SELECT id FROM ref('transform.m')",
    });
    for (const sql of ["'abc'::DATE", "error('no such thing')", '(255 + id)::UTINYINT', '(SELECT unnest([1, 2]))']) {
      addNode(project, 'transform.m', `SELECT id, ${sql} AS d FROM ref('source.s')`);
      for (const file of ['seeknal/m.yml', 'seeknal/n.yml']) {
        const { code, stdout, stderr } = await project.run(['dry-run', file]);
        expect([code, stdout, stderr], sql).toEqual([
          1,
          '',
          expect.stringMatching(/^seeknal\/m\.yml:6:3: error\[query-/),
        ]);
        expect(stderr).not.toContain('bug');
      }
    }
    const { code, stdout } = await project.run(['dry-run', 'seeknal/m.yml', '--json']);
    expect([code, JSON.parse(stdout)]).toMatchObject([
      1,
      { format: 'seeknal.error', diagnostics: [{ code: 'query-failed', file: 'seeknal/m.yml', line: 6 }] },
    ]);
  });

  it('show the columns of a PIVOT that depend on data', async () => {
    const project = inlineProject({
      'source.s': 'kind,n\nx,1\ny,2\n',
      'transform.p': "PIVOT ref('source.s') ON kind USING sum(n)",
    });
    expect((await project.document('dry-run', 'seeknal/p.yml'))['columns']).toEqual([
      { name: 'x', type: 'DECIMAL(38,0)' },
      { name: 'y', type: 'DECIMAL(38,0)' },
    ]);
  });

  it('lead from a template to a node that runs', async () => {
    const project = finishedProject();
    project.remove(DAILY);
    await project.ok('run');
    const drafted = await project.ok('draft', 'transform', 'per_status', '-d', 'Orders by "status"');
    expect(drafted).toContain('draft_transform_per_status.yml');
    const draft = 'draft_transform_per_status.yml';
    expect(project.read(draft)).toContain('name: per_status');
    expect(project.read(draft)).toMatch(/^\s*#/m);
    const again = await project.run(['draft', 'transform', 'per_status']);
    expect([again.code, again.stderr]).toEqual([
      1,
      'error[file-exists]: draft_transform_per_status.yml already exists.\n  hint: Pass -f to overwrite it.\n',
    ]);
    await project.ok('draft', 'transform', 'per_status', '-f');
    expect(await project.ok('draft', 'source', "Ana's")).toContain("seeknal apply 'draft_source_Ana'\\''s.yml'\n");
    const long = await project.run(['draft', 'source', 'x'.repeat(250)]);
    expect([long.code, long.stderr]).toEqual([1, expect.stringContaining('cannot be written: its name is too long.')]);
    const text =
      'kind: transform\nname: per_status\ninputs: [{ ref: transform.orders_merged }]\ntransform: SELECT status, count(*) AS n FROM input_0 GROUP BY status ORDER BY status\n';
    project.write(draft, text);
    const before = project.snapshot('.');

    const preview = await project.ok('dry-run', draft);
    const outside = await project.run(['dry-run', draft, '--project-path', project.root], { cwd: project.home });
    expect([outside.code, outside.stdout]).toEqual([0, preview]);
    expect(preview).toMatch(/│ COMPLETED +│ +\d+ │/);
    expect((await project.ok('dry-run', draft, '--limit', '1')).match(/^│/gm)?.length).toBe(2);
    expect(await project.ok('dry-run', draft, '--schema-only')).toBe(
      '✓ transform.per_status is valid: 2 columns\n  status   VARCHAR\n  n        BIGINT\n',
    );
    expect(Object.entries(project.snapshot('.')).filter(([path]) => !path.includes('/cache/'))).toEqual(
      Object.entries(before),
    );

    const applied = await project.ok('apply', draft);
    expect(applied).toContain('seeknal/transforms/per_status.yml');
    expect([project.exists(draft), project.read('seeknal/transforms/per_status.yml')]).toEqual([false, text]);
    const plan = await project.document('env', 'plan', 'dev');
    expect(plan['summary']).toEqual({
      breaking: 0,
      non_breaking: 1,
      metadata: 0,
      new: 1,
      removed: 0,
      to_execute: 1,
      to_verify: 0,
      to_move: 1,
    });
    const run = await project.document('run');
    expect(run.nodes.filter(node => node['status'] === 'executed').map(node => node.id)).toEqual([
      'transform.per_status',
    ]);
  });

  it('show what they overwrite, ask first, and leave project files in place', async () => {
    const project = await baselineProject();
    project.write('seeknal/transforms/n.yml', 'kind: transform\nname: n\ntransform: SELECT 1 AS a\n');
    project.write('new.yml', 'kind: transform\nname: n\ntransform: SELECT 2 AS a\n');
    const refused = await project.run(['apply', 'new.yml']);
    expect([refused.code, refused.stderr]).toEqual([
      1,
      "error[confirmation-needed]: 'apply new.yml' needs confirmation; pass --yes.\n",
    ]);
    expect(refused.stdout).toContain('-transform: SELECT 1 AS a\n');
    expect(refused.stdout).toContain('+transform: SELECT 2 AS a\n');
    expect(project.read('seeknal/transforms/n.yml')).toContain('SELECT 1');
    await project.ok('apply', 'new.yml', '--yes');
    expect([project.read('seeknal/transforms/n.yml').includes('SELECT 2'), project.exists('new.yml')]).toEqual([
      true,
      false,
    ]);
    project.write('seeknal/odd/place.yml', 'kind: transform\nname: o\ntransform: SELECT 3 AS a\n');
    expect(await project.ok('apply', 'seeknal/odd/place.yml')).toContain(
      'transform.o is valid and stays in seeknal/odd/place.yml.',
    );
    expect(project.exists('seeknal/odd/place.yml')).toBe(true);
  });

  it('refuse mistakes with their position in the named file, and move nothing', async () => {
    const project = await baselineProject();
    project.write(
      'sub/bad.yml',
      'kind: transform\nname: bad\ninputs: [{ ref: transform.orders_merged }]\ntransform: SELECT statsu FROM input_0\n',
    );
    for (const command of [
      ['dry-run', 'bad.yml'],
      ['apply', 'bad.yml', '--yes'],
    ]) {
      const outcome = await project.run(command, { cwd: project.path('sub') });
      expect([outcome.code, outcome.stderr.split('\n')[0]]).toEqual([
        1,
        "bad.yml:4:19: error[unknown-column]: Column 'statsu' does not exist.",
      ]);
    }
    expect(project.exists('sub/bad.yml')).toBe(true);
    for (const [command, code] of [
      [['dry-run', 'none.yml'], 'file-not-found'],
      [['apply', 'none.yml'], 'file-not-found'],
      [['draft', 'transfrom', 'x'], 'unknown-kind'],
      [['draft', 'exposure', 'x'], 'not-yet-supported'],
      [['draft', 'source', 'a/b'], 'bad-name'],
    ] as const) {
      const outcome = await project.run(command);
      expect([outcome.code, outcome.stderr.split(':')[0]], command.join(' ')).toEqual([1, `error[${code}]`]);
    }
  });

  it('refuse a node that reads itself, a missing node or one of its readers', async () => {
    const project = inlineProject({ 'source.a': 'id\n1\n' });
    addNode(project, 'transform.b', "SELECT id FROM ref('source.a')");
    addNode(project, 'transform.c', "SELECT id FROM ref('transform.b')");
    const before = project.snapshot('seeknal');
    const cases = [
      ['transform.c', 'cycle', 'These nodes read each other: transform.b → transform.c → transform.b.'],
      ['transform.b', 'cycle', 'transform.b reads itself: transform.b → transform.b.'],
      ['transform.d', 'unknown-reference', 'Node transform.d does not exist.'],
    ];
    for (const [input, code, message] of cases) {
      const text = `kind: transform\nname: b\ninputs: [{ ref: ${input} }]\ntransform: SELECT id FROM input_0\n`;
      project.write('new.yml', text);
      for (const command of ['dry-run', 'apply']) {
        const refused = await project.run([command, 'new.yml']);
        const place = `  3 | inputs: [{ ref: ${input} }]\n    |                 ^`;
        expect([refused.code, refused.stderr]).toEqual([
          1,
          expect.stringContaining(`new.yml:3:17: error[${code}]: ${message}\n${place}`),
        ]);
      }
    }
    project.write('new.yml', 'kind: source\nname: A\nsource: csv\ntable: data/a.csv\n');
    expect((await project.run(['apply', 'new.yml'])).stderr).toContain(
      'new.yml:2:7: error[ambiguous-name]: source.A and source.a (seeknal/a.yml) differ only in case.',
    );
    expect(project.snapshot('seeknal')).toEqual(before);
  });

  it('draft templates that become valid when their table is filled in', async () => {
    const project = inlineProject({ 'source.raw': 'id\n1\n' });
    for (const kind of ['source', 'transform']) {
      await project.ok('draft', kind, 'a b');
      const outcome = await project.run(['dry-run', `draft_${kind}_a b.yml`, '--schema-only']);
      expect(outcome.stderr, kind).not.toMatch(/invalid-yaml|unknown-key|missing-key|bad-name/);
    }
  });
});

describe('list, show, validate and lineage', () => {
  it('describe the nodes of the project', async () => {
    const project = await baselineProject();
    const listed = (await project.document('list'))['nodes'] as { id: string }[];
    expect(listed.map(node => node.id)).toEqual([
      'source.orders_updates',
      'source.raw_orders',
      'transform.orders_cleaned',
      'transform.orders_merged',
      'transform.daily_revenue',
    ]);
    expect((await project.ok('list')).split('\n').at(-2)).toBe('Total: 5 nodes');
    const shown = await project.document('show', 'daily_revenue');
    expect(shown).toMatchObject({
      format: 'seeknal.show',
      version: 1,
      id: 'transform.daily_revenue',
      file: DAILY,
      inputs: ['transform.orders_merged'],
      consumers: [],
    });
    expect(shown['sql']).toContain("ref('transform.orders_merged')");
    expect((await project.document('show', 'transform.daily_revenue', '--compiled'))['sql']).toContain(
      'FROM "transform"."orders_merged"',
    );
    const unknown = await project.run(['show', 'daily_revenu']);
    expect([unknown.code, unknown.stderr]).toEqual([
      1,
      expect.stringMatching(/daily_revenu.*\n.*[Dd]id you mean '?(transform\.)?daily_revenue/),
    ]);
    expect(await project.ok('validate')).toBe('✓ The project is valid: 5 nodes.\n');
  });

  it('draw the graph, or the surroundings of one node, and refuse an unknown node', async () => {
    const project = await baselineProject();
    const tree = [
      'source.orders_updates',
      '└── transform.orders_merged',
      '    └── transform.daily_revenue',
      'source.raw_orders',
      '└── transform.orders_cleaned',
      '    └── transform.orders_merged (above)',
      '',
    ].join('\n');
    expect(await project.ok('lineage')).toBe(tree);
    expect(await project.ok('lineage', '--ascii')).toBe(tree);
    const graph = (await project.document('lineage')) as never as { edges: { from: string; to: string }[] };
    expect(graph.edges).toHaveLength(4);
    const node = await project.document('lineage', 'transform.orders_merged');
    expect(node).toMatchObject({
      format: 'seeknal.lineage',
      node: 'transform.orders_merged',
      upstream: ['source.orders_updates', 'source.raw_orders', 'transform.orders_cleaned'],
      downstream: ['transform.daily_revenue'],
    });
    const unknown = await project.run(['lineage', 'transform.nope']);
    expect([unknown.code, unknown.stderr.split(':')[0]]).toEqual([1, 'error[unknown-node]']);
  });

  it('list all mistakes of all files at once (validate)', async () => {
    const project = await baselineProject();
    project.write('seeknal/bad.yml', 'kind: [\n');
    addNode(project, 'transform.a', "SELECT nothing FROM ref('source.raw_orders')");
    addNode(project, 'transform.b', "SELECT '{{ nope }}' AS x FROM ref('source.raw_orders')");
    addNode(project, 'transform.c', "SELECT * FROM ref('transform.gone')");
    const outcome = await project.run(['validate']);
    expect(outcome.code).toBe(1);
    for (const code of ['invalid-yaml', 'unknown-column', 'unknown-parameter', 'unknown-reference'])
      expect(outcome.stderr).toContain(`error[${code}]`);
    expect(outcome.stderr).toContain('error[invalid-project]: The project has 4 mistakes.');
  });

  it('report a missing project', async () => {
    const outside = new TestProject(temporaryFolder());
    for (const command of [['list'], ['run'], ['env', 'list'], ['validate'], ['env', 'plan', 'dev'], ['lineage']]) {
      const outcome = await outside.run(command);
      expect([outcome.code, outcome.stderr.split(':')[0]], command.join(' ')).toEqual([1, 'error[no-project]']);
    }
  });
});

it('lineage follows a column to its readers', async () => {
  const project = inlineProject({
    'source.s': 'id,v,flag\n1,2,3\n',
    'transform.m': "SELECT id, CASE WHEN flag > 1 THEN v END AS w FROM ref('source.s')",
    'transform.n': "SELECT id FROM ref('source.s') WHERE flag = 3",
  });
  const readers = async (column: string): Promise<unknown> => {
    const document = (await project.document('lineage', 'source.s', '-c', column)) as unknown as {
      columns: { readers: unknown }[];
    };
    return document.columns.map(found => found.readers);
  };
  expect(await readers('v')).toEqual([{ value: ['transform.m.w'], condition: [], rows: [] }]);
  expect(await readers('FLAG')).toEqual([{ value: [], condition: ['transform.m.w'], rows: ['transform.n'] }]);
  expect(await project.ok('lineage', 'source.s', '-c', 'flag')).toContain(
    '  goes to\n    filters or derives transform.m.w\n    determines the rows of transform.n\n',
  );
});

it('lineage follows columns and rows to the sources, rows only through inputs that decide them', async () => {
  const project = inlineProject({
    'source.c': 'id,name\n1,a\n2,b\n',
    'source.o': 'cid,amount,paid\n1,10,1\n1,20,0\n',
    'transform.s': "SELECT cid, amount FROM ref('source.o') WHERE paid = 1",
    'transform.top': "SELECT c.id, (SELECT max(amount) FROM ref('transform.s')) AS top FROM ref('source.c') c",
    'transform.sums': `SELECT c.id, s.total FROM ref('source.c') c LEFT JOIN (
      SELECT cid, sum(amount) AS total FROM ref('transform.s') GROUP BY cid) s ON c.id = s.cid`,
    'transform.pairs': "SELECT c.id FROM ref('source.c') c LEFT JOIN ref('transform.s') s ON c.id = s.cid",
    'transform.all': "SELECT amount FROM ref('transform.s')",
  });
  const recursive = async (node: string) => {
    const { columns, rows } = (await project.document('lineage', node, '--recursive')) as never as {
      columns: { name: string; value: string[]; condition: string[] }[];
      rows: string[];
    };
    return { columns: columns.map(({ name, value, condition }) => ({ name, value, condition })), rows };
  };
  const id = { name: 'id', value: ['source.c.id'], condition: [] };
  expect(await recursive('transform.top')).toEqual({
    columns: [id, { name: 'top', value: ['source.o.amount'], condition: ['source.o.paid'] }],
    rows: [],
  });
  expect(await recursive('transform.sums')).toEqual({
    columns: [
      id,
      { name: 'total', value: ['source.o.amount'], condition: ['source.c.id', 'source.o.cid', 'source.o.paid'] },
    ],
    rows: [],
  });
  expect(await recursive('transform.pairs')).toEqual({
    columns: [id],
    rows: ['source.c.id', 'source.o.cid', 'source.o.paid'],
  });
  expect(await recursive('transform.all')).toEqual({
    columns: [{ name: 'amount', value: ['source.o.amount'], condition: [] }],
    rows: ['source.o.paid'],
  });
});
