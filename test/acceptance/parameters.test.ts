import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { addNode, type Document, inlineProject, type TestProject } from './harness.ts';
import { mistakesOf } from './mistakes.ts';

const SQL = "SELECT id, '{{ value }}' AS v FROM ref('source.s')";

/** A source, and a transform with the given params and SQL. */
function parametrised(params: string, sql = SQL): TestProject {
  const project = inlineProject({ 'source.s': 'id\n1\n2\n' });
  addNode(project, 'transform.m', sql, params === '' ? '' : `params: ${params}\n`);
  return project;
}

const values = async (project: TestProject, environment?: string) =>
  (await project.query('SELECT DISTINCT v FROM transform_m', environment)).map(row => row['v']);

const summary = async (project: TestProject, ...words: string[]) =>
  (await project.document('env', 'plan', 'dev', ...words))['summary'];
const NOTHING = {
  breaking: 0,
  non_breaking: 0,
  metadata: 0,
  new: 0,
  removed: 0,
  to_execute: 0,
  to_verify: 0,
  to_move: 0,
};

describe('parameters', () => {
  it('come from the node, common files, the date and environment variables', async () => {
    const project = parametrised(
      `{ who: "it's", since: "{{ today(-1) }}", area: "{{ regions.default }}-x", name: 'we"ird', code: "007" }`,
      [
        `SELECT id AS "{{ name }}", '{{ who }}' AS who, '{{ since }}' AS since, '{{ area }}' AS area, '{{ code }}' AS code,`,
        "'{{ env:REGION|nowhere }}' AS region, id IN ({{ regions.ids }}) AS listed, '{{ today }}' AS today",
        "FROM ref('source.s') WHERE id >= {{ regions.least }}",
      ].join('\n'),
    );
    project.write('seeknal/common/regions.yml', 'regions: { default: eu, ids: [2, 3], least: 2 }\n');
    await project.ok('run', '--date', '2024-03-01');
    expect(await project.query('FROM transform_m')).toEqual([
      {
        'we"ird': 2,
        who: "it's",
        since: '2024-02-29',
        area: 'eu-x',
        code: '007',
        region: 'nowhere',
        listed: true,
        today: '2024-03-01',
      },
    ]);
    expect((await project.run(['run', '--date', '2024-03-01'], { env: { REGION: "o'b" } })).code).toBe(0);
    expect(await project.query('SELECT region FROM transform_m')).toEqual([{ region: "o'b" }]);
    const compiled = await project.ok('show', 'transform.m', '--compiled');
    expect(compiled).toContain(`SELECT id AS "we""ird", 'it''s' AS who`);
  });

  it.each(['node', 'common', '--params'])('keep the digits of a number: %s', async origin => {
    const numbers = {
      one: '1.0',
      ten: '1.10',
      zip: '00501',
      long: '12345678901234567890',
      exact: '0.1234567890123456789',
      less: '-1.50',
      power: '1e5',
      half: '.5',
      plus: '+1',
      seven: '7',
    };
    const names = Object.keys(numbers);
    const written = names.map(name => `'{{ ${name} }}' AS ${name}`).join(', ');
    const types = ['one', 'less', 'exact', 'seven'].map(name => `typeof({{ ${name} }}) AS type_of_${name}`).join(', ');
    const sql = `SELECT DISTINCT ${written}, ${types}, 1 - {{ less }} AS sum FROM ref('source.s')`;
    const yaml = Object.entries(numbers).map(([name, text]) => `${name}: ${text}`);
    const project = parametrised(origin === 'node' ? `{ ${yaml.join(', ')} }` : '', sql);
    if (origin === 'common') project.write('seeknal/common/numbers.yml', `${yaml.join('\n')}\n`);
    const given = Object.entries(numbers).flatMap(([name, text]) => ['--params', `${name}=${text}`]);
    await project.ok('run', ...(origin === '--params' ? given : []));
    expect(await project.query('FROM transform_m')).toEqual([
      {
        ...numbers,
        type_of_one: 'DECIMAL(2,1)',
        type_of_less: 'DECIMAL(3,2)',
        type_of_exact: 'DECIMAL(20,19)',
        type_of_seven: 'INTEGER',
        sum: '2.50',
      },
    ]);
    expect(await summary(project)).toMatchObject(NOTHING);
  });

  it('keep the digits in lists, next to text and in paths; reader options are numbers', async () => {
    const sql = "SELECT [{{ rates }}]::VARCHAR AS rates, '{{ hex }}' AS hex, {{ hex }} AS n FROM ref('source.s')";
    const project = parametrised("{ rates: [1.10, 2.50], hex: 0x1F, codes: ['00501'] }", sql);
    project.write('data/1.10.csv', 'id\n1\n');
    project.write(
      'seeknal/s.yml',
      'kind: source\nname: s\nsource: csv\ntable: data/{{ version }}.csv\nparams: { version: 1.10, sample_size: 1e5 }\n',
    );
    await project.ok('run');
    expect(await project.query('FROM transform_m')).toEqual([{ rates: '[1.10, 2.50]', hex: '0x1F', n: 31 }]);
    project.edit('seeknal/m.yml', '[1.10, 2.50]', '[1.10, 2.5]');
    expect(await project.ok('diff')).toMatch(/- +- 2\.50\n +\+ +- 2\.5\n/);
  });

  it('are overridden by --params until the next run', async () => {
    const project = parametrised('{ value: own }');
    await project.ok('run');
    await project.ok('run', '--params', 'value=it\'s "x"', '--params', 'other=1');
    expect(await values(project)).toEqual(['it\'s "x"']);
    expect(await summary(project)).toEqual(NOTHING);
    await project.ok('run', '--params', 'value=007');
    expect(await values(project)).toEqual(['007']);
    expect(await summary(project, '--params', 'value=mine')).toEqual({
      ...NOTHING,
      non_breaking: 1,
      to_execute: 1,
      to_move: 1,
    });
    await project.ok('env', 'apply', 'dev');
    expect([await values(project, 'dev'), await values(project)]).toEqual([['mine'], ['007']]);
    await project.ok('run');
    expect(await values(project)).toEqual(['own']);
  });

  it('cause a warning if no node uses them, and are refused if malformed', async () => {
    const project = parametrised('{ value: own }');
    const outcome = await project.run(['run', '--params', 'valeu=1']);
    expect(outcome.code).toBe(0);
    expect(outcome.stderr).toContain(
      "warning[unused-parameter]: --params valeu: no node uses this parameter.\n  hint: Did you mean 'value'?",
    );
    for (const flags of [
      ['--params', 'x'],
      ['--params', '=1'],
      ['--date', '2024-02-30'],
      ['--date', 'today'],
    ]) {
      expect((await project.run(['run', ...flags])).code, flags.join(' ')).toBe(1);
    }
  });

  it('list unknown names, unset variables and cycles, each with position and suggestion', async () => {
    const project = parametrised('{ value: "{{ loop }}", loop: "{{ value }}" }');
    project.write('seeknal/common/regions.yml', 'regions: { default: eu }\n');
    addNode(
      project,
      'transform.n',
      "SELECT '{{ regions.defualt }}' AS a, '{{ env:NOBODY_SETS_THIS }}' AS b, {{ a..b }} AS c, {{ regions }} AS d FROM ref('source.s')",
    );
    project.write(
      'seeknal/o.yml',
      'kind: source\nname: o\nsource: csv\ntable: data/{{ whcih }}.csv\nparams: { which: s }\n',
    );
    project.write('seeknal/broken.yml', 'kind: [\n');
    expect(
      (await mistakesOf(project, 'env', 'plan', 'dev')).map(
        ({ file, line, code, hint }) => `${file}:${line} ${code} ${hint ?? ''}`,
      ),
    ).toEqual([
      'seeknal/broken.yml:2 invalid-yaml Put ] before this place.',
      'seeknal/m.yml:3 parameter-cycle Give one of them a fixed value.',
      'seeknal/m.yml:3 parameter-cycle Give one of them a fixed value.',
      "seeknal/n.yml:6 unknown-parameter Did you mean 'regions.default'?",
      'seeknal/n.yml:6 unset-variable Set it, or give a default: {{ env:NOBODY_SETS_THIS|default }}.',
      'seeknal/n.yml:6 bad-template Write {{ name }}, {{ a.b }}, {{ today(-1) }} or {{ env:VARIABLE|default }}.',
      'seeknal/n.yml:6 bad-parameter Name one of its keys: {{ name.key }}.',
      "seeknal/o.yml:4 unknown-parameter Did you mean 'which'?",
      "seeknal/o.yml:5 unknown-option See DuckDB's options for reading csv.",
    ]);
    expect(project.exists('target')).toBe(false);
  });

  it('another date is no change for a plan; a run takes the new date', async () => {
    const project = parametrised('{ value: "{{ today }}" }');
    await project.ok('run', '--date', '2020-01-01');
    expect(await summary(project)).toEqual(NOTHING);
    expect((await project.run(['env', 'plan', 'dev'])).stdout).toContain('✓ No changes detected.');
    expect(await summary(project, '--date', '2020-01-02')).toEqual({ ...NOTHING, to_execute: 1, to_move: 1 });
    const plan = await project.document('plan', '--date', '2020-01-02');
    expect(plan.nodes.filter(node => node['action'] === 'run').map(node => node['reason'])).toEqual([
      'the value of {{ today }} changed',
    ]);
    await project.ok('run', '--date', '2020-01-03');
    expect(await values(project)).toEqual(['2020-01-03']);
    expect((await project.run(['run', '--date', '2020-01-03'])).stdout).toContain(
      '✓ No changes detected. Nothing to run.',
    );
  });

  it('make a plan stale if a common value or a variable changed, and name it', async () => {
    const project = parametrised(
      '',
      "SELECT id, '{{ shared }}' AS v, '{{ env:REGION|none }}' AS region FROM ref('source.s')",
    );
    project.write('seeknal/common/c.yml', 'shared: one\n');
    await project.ok('run');
    project.write('seeknal/common/c.yml', 'shared: two\n');
    expect(await summary(project)).toEqual({ ...NOTHING, non_breaking: 1, to_execute: 1, to_move: 1 });
    project.write('seeknal/common/c.yml', 'shared: three\n');
    const common = await project.run(['env', 'apply', 'dev']);
    expect([common.code, common.stderr]).toEqual([
      1,
      expect.stringContaining('Plan is stale: parameter shared of transform.m changed.'),
    ]);
    await project.ok('env', 'plan', 'dev');
    const before = project.snapshot();
    const machine = await project.run(['env', 'apply', 'dev'], { env: { REGION: 'secret-region' } });
    expect([machine.code, machine.stderr]).toEqual([
      1,
      expect.stringContaining('Plan is stale: the environment variable REGION changed.'),
    ]);
    expect(machine.stderr).not.toContain('secret-region');
    const forced = await project.run(['env', 'apply', 'dev', '--force'], { env: { REGION: 'secret-region' } });
    expect([forced.code, forced.stderr]).toEqual([1, expect.stringContaining('REGION')]);
    expect(project.snapshot()).toEqual(before);
    await project.ok('env', 'apply', 'dev');
    expect(await values(project, 'dev')).toEqual(['three']);
  });

  it('run --env refuses --params and --date, which its plan has pinned', async () => {
    const project = parametrised('{ value: own }');
    await project.ok('env', 'plan', 'dev');
    for (const flags of [
      ['--params', 'value=1'],
      ['--date', '2024-01-01'],
    ]) {
      const outcome = await project.run(['run', '--env', 'dev', ...flags]);
      expect([outcome.code, outcome.stderr]).toEqual([
        1,
        expect.stringContaining(`${flags[0]} cannot be combined with --env`),
      ]);
    }
  });

  describe('a variable with another value than production was built with', () => {
    const WHO = { WHO: 'amy' };
    const planned = async (project: TestProject, ...flags: readonly string[]): Promise<Document> => {
      const outcome = await project.run(['env', 'plan', 'dev', '--json', ...flags], { env: WHO });
      expect(outcome.stdout).not.toContain('amy');
      return JSON.parse(outcome.stdout) as Document;
    };
    const sayings = (plan: Document): readonly string[] =>
      (plan['diagnostics'] as { message: string }[]).map(({ message }) => message);
    const withVariable = async (): Promise<TestProject> => {
      const project = parametrised('{ lim: 1 }', "SELECT id, '{{ env:WHO|bob }}' AS v FROM ref('source.s')");
      await project.ok('run');
      return project;
    };

    it('changes nothing by itself, and causes a warning', async () => {
      const project = await withVariable();
      const plan = await planned(project);
      expect([plan['changed'], plan['summary']]).toEqual([false, NOTHING]);
      expect(project.node(plan, 'transform.m')['reason']).toBe('unchanged');
      expect(sayings(plan)).toEqual([
        "transform.m keeps production's result: the environment variable WHO has another value here.",
      ]);
      expect((await project.document('env', 'plan', 'dev'))['fingerprint']).toBe(plan['fingerprint']);
      const applied = await project.run(['env', 'apply', 'dev'], { env: { WHO: 'eve' } });
      expect([applied.code, applied.stdout]).toEqual([0, expect.stringContaining('✓ No changes to apply.')]);
    });

    it('does not affect the node when another change is applied and promoted', async () => {
      const project = await withVariable();
      addNode(project, 'transform.other', "SELECT count(*) AS n FROM ref('transform.m')");
      project.write('seeknal/m.yml', project.read('seeknal/m.yml').replace('name: m', 'name: m\ndescription: a text'));
      const plan = await planned(project);
      expect(plan['summary']).toEqual({ ...NOTHING, non_breaking: 1, metadata: 1, new: 1, to_execute: 1, to_move: 2 });
      expect((await project.run(['env', 'apply', 'dev'], { env: WHO })).code).toBe(0);
      expect((await project.run(['env', 'promote', 'dev', '--yes'], { env: WHO })).code).toBe(0);
      expect(await values(project)).toEqual(['bob']);
      expect((await project.run(['run'])).stdout).toContain('✓ No changes detected. Nothing to run.');
    });

    it('does not block a promotion when production moved on elsewhere', async () => {
      const project = await withVariable();
      addNode(project, 'transform.here', "SELECT max(id) AS n FROM ref('source.s')");
      await project.ok('env', 'plan', 'dev');
      await project.ok('env', 'apply', 'dev');
      project.remove('seeknal/here.yml');
      addNode(project, 'transform.there', "SELECT min(id) AS n FROM ref('transform.m')");
      await project.ok('run');
      const promoted = await project.run(['env', 'promote', 'dev', '--yes'], { env: WHO });
      expect(promoted.code).toBe(0);
      expect(await project.query('SELECT n FROM transform_here UNION ALL SELECT n FROM transform_there')).toEqual([
        { n: 2 },
        { n: 1 },
      ]);
    });

    it('is used for a node that must run, with a warning', async () => {
      const project = await withVariable();
      project.write('seeknal/s.yml', `${project.read('seeknal/s.yml')}params: { skip: 1 }\n`);
      project.write('data/s.csv', '# numbers\nid\n1\n5\n');
      const plan = await planned(project);
      expect(project.node(plan, 'transform.m')['action']).toBe('run');
      expect(sayings(plan)).toEqual([
        'transform.m is planned with another value of the environment variable WHO than production was built with.',
      ]);
      const other = await project.run(['env', 'apply', 'dev']);
      expect([other.code, other.stderr]).toEqual([1, expect.stringContaining('the environment variable WHO changed')]);
      expect((await project.run(['env', 'apply', 'dev'], { env: WHO })).code).toBe(0);
      expect(await values(project, 'dev')).toEqual(['amy']);
    });

    it('is used with --refresh', async () => {
      const project = await withVariable();
      const plan = await planned(project, '--refresh');
      expect(project.node(plan, 'transform.m')['reason']).toBe('the value of {{ env:WHO }} changed');
    });
  });

  describe('are kept for each node', () => {
    const DAY = "SELECT id, '{{ today }}' AS v FROM ref('source.s')";
    const dayOf = async (project: TestProject, id: string, environment?: string): Promise<unknown> =>
      (await project.query(`SELECT DISTINCT v FROM transform_${id}`, environment))[0]?.['v'];
    const days = (): TestProject => inlineProject({ 'source.s': 'id\n1\n2\n', 'transform.a': DAY, 'transform.b': DAY });

    it('a selection gives its date only to the selected nodes, not to their inputs', async () => {
      const project = days();
      addNode(project, 'transform.c', "SELECT id, v || ' {{ today }}' AS v FROM ref('transform.a')");
      await project.ok('run', '--date', '2024-01-01');
      await project.ok('run', '--nodes', 'transform.c', '--date', '2024-01-02');
      expect(await dayOf(project, 'c')).toBe('2024-01-01 2024-01-02');
      expect([await dayOf(project, 'a'), await dayOf(project, 'b')]).toEqual(['2024-01-01', '2024-01-01']);
      expect((await project.document('env', 'plan', 'dev'))['changed']).toBe(false);
    });

    it('a selection keeps the values and variables of its inputs', async () => {
      const project = inlineProject({ 'source.s': 'id\n1\n' });
      addNode(project, 'transform.a', "SELECT id, '{{ value }} {{ env:WHO|bob }}' AS v FROM ref('source.s')");
      addNode(project, 'transform.c', "SELECT v || ' {{ value }}' AS v FROM ref('transform.a')");
      project.write('seeknal/common/c.yml', 'value: shared\n');
      await project.ok('run', '--params', 'value=one');
      const words = ['run', '--nodes', 'c', '--params', 'value=two'];
      const selected = await project.run(words, { env: { WHO: 'amy' } });
      expect(selected.code).toBe(0);
      expect([await dayOf(project, 'a'), await dayOf(project, 'c')]).toEqual(['one bob', 'one bob two']);
      expect((await project.document('env', 'plan', 'dev'))['changed']).toBe(false);
      const unused = await project.run(['run', '--nodes', 'source.s', '--params', 'valeu=2', '--dry-run']);
      expect(unused.stderr).toContain('--params valeu: no node uses this parameter.');
    });

    it('a merge takes those of the merged nodes, and keeps the others', async () => {
      const project = days();
      await project.ok('run', '--date', '2024-01-01');
      addNode(project, 'transform.b', `${DAY} WHERE id > 0`);
      await project.ok('env', 'plan', 'dev', '--date', '2024-05-05');
      await project.ok('env', 'apply', 'dev');
      expect([await dayOf(project, 'a', 'dev'), await dayOf(project, 'b', 'dev')]).toEqual([
        '2024-05-05',
        '2024-05-05',
      ]);
      await project.ok('env', 'plan', 'dev');
      await project.ok('env', 'apply', 'dev');
      addNode(project, 'transform.b', DAY);
      addNode(project, 'transform.a', `${DAY} WHERE id > -1`);
      await project.ok('run', '--nodes', 'a', '--date', '2024-01-02');
      await project.ok('env', 'promote', 'dev', '--yes');
      expect([await dayOf(project, 'a'), await dayOf(project, 'b')]).toEqual(['2024-01-02', '2024-01-01']);
      addNode(project, 'transform.b', `${DAY} WHERE id > 0`);
      addNode(project, 'transform.n', DAY);
      await project.ok('env', 'plan', 'dev');
      await project.ok('env', 'apply', 'dev');
      const shown = ['a', 'b', 'n'].map(id => dayOf(project, id, 'dev'));
      expect(await Promise.all(shown)).toEqual(['2024-01-02', '2024-01-01', '2024-01-02']);
    });

    it('a rebase keeps the date of unaffected nodes', async () => {
      const project = days();
      addNode(project, 'transform.c', "SELECT id FROM ref('transform.a')");
      await project.ok('run', '--date', '2024-01-01');
      addNode(project, 'transform.c', "SELECT id, v FROM ref('transform.a')");
      await project.ok('env', 'plan', 'dev');
      await project.ok('env', 'apply', 'dev');
      addNode(project, 'transform.c', "SELECT id FROM ref('transform.a')");
      await project.ok('run', '--date', '2024-01-02');
      await project.ok('env', 'promote', 'dev', '--rebase', '--yes');
      expect([await dayOf(project, 'a'), await dayOf(project, 'c')]).toEqual(['2024-01-02', '2024-01-02']);
      addNode(project, 'transform.c', "SELECT id, v FROM ref('transform.a')");
      expect((await project.document('env', 'plan', 'next'))['changed']).toBe(false);
    });

    it('a rollback restores those that its nodes were built with', async () => {
      const project = days();
      await project.ok('run', '--date', '2024-01-01');
      await project.ok('run', '--nodes', 'a', '--date', '2024-01-02');
      await project.ok('run', '--date', '2024-01-03');
      const { stderr } = await project.run(['env', 'rollback', '--yes']);
      expect(stderr).not.toContain('differ');
      expect((await project.document('env', 'plan', 'dev'))['changed']).toBe(false);
    });
  });

  it('name a changed value in the reason', async () => {
    const project = parametrised('{ lim: 1 }', "SELECT id, {{ lim }} AS n FROM ref('source.s')");
    await project.ok('run');
    const given = await project.document('env', 'plan', 'dev', '--params', 'lim=2');
    expect(project.node(given, 'transform.m')['reason']).toBe('the value of {{ lim }} changed');
  });
});

describe('the value of an environment variable', () => {
  const COMMANDS = [
    ['run'],
    ['run', '--json', '--continue-on-error'],
    ['dry-run', 'seeknal/m.yml'],
    ['dry-run', 'seeknal/m.yml', '--json'],
    ['validate'],
    ['env', 'plan', 'dev'],
    ['env', 'apply', 'dev'],
    ['show', 'm', '--compiled'],
  ];

  it.each([
    ["SELECT id, CAST('{{ env:X }}' AS INTEGER) AS n FROM ref('source.s')", 'hunter2-Passw0rd'],
    ["SELECT id, error('no {{ env:X }}') AS n FROM ref('source.s')", 'hunter2-Passw0rd'],
    ["SELECT id, '{{ env:X }}'::DATE AS n FROM ref('source.s')", 'q7z'],
    ["SELECT id, upper('{{ env:X }}')::DATE AS n FROM ref('source.s')", "it's hidden"],
    ["SELECT id, strptime('x', '{{ env:X }}') AS n FROM ref('source.s')", 'quokka41pin'],
    ["SELECT id, {{ env:X }} AS n FROM ref('source.s')", 'quokka41pin'],
    ["SELECT id, '{{ token }}'::INTEGER AS n FROM ref('source.s')", 'quokka41pin'],
    ["CREATE TEMP TABLE t AS SELECT '{{ env:X }}'::INTEGER AS n FROM ref('source.s'); FROM t", 'quokka41pin'],
  ])('is shown by no command, and written to no file: %s', async (sql, secret) => {
    const project = parametrised("{ token: 'Bearer {{ env:X }}' }", sql);
    for (const words of COMMANDS) {
      const { stdout, stderr, code } = await project.run(words, { env: { X: secret } });
      expect((stdout + stderr).toLowerCase(), words.join(' ')).not.toContain(secret.toLowerCase());
      expect(code, words.join(' ')).toBeLessThan(2);
    }
    // A query that does not bind stops the command before it writes anything.
    const written = project.exists('target');
    const files = written ? readdirSync(project.path('target'), { recursive: true, withFileTypes: true }) : [];
    for (const file of files.filter(entry => entry.isFile()))
      expect(readFileSync(join(file.parentPath, file.name), 'utf8'), file.name).not.toContain(secret);
  });

  it('is not shown for a bad option of a source, or for its path', async () => {
    for (const source of ['table: "data/{{ env:X }}.csv"', 'table: data/s.csv\nparams: { header: "{{ env:X }}" }']) {
      const project = parametrised('');
      project.write('seeknal/s.yml', `kind: source\nname: s\nsource: csv\n${source}\n`);
      for (const words of [['run'], ['dry-run', 'seeknal/s.yml'], ['validate', '--json']]) {
        const { stdout, stderr } = await project.run(words, { env: { X: 'quokka41pin' } });
        expect([stdout + stderr, stdout + stderr]).toEqual([
          expect.stringContaining('***'),
          expect.not.stringContaining('quokka41pin'),
        ]);
      }
    }
  });
});
