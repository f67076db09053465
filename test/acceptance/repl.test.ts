import { linkSync, lstatSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { addNode, addUniqueCustomers, baselineProject, inlineProject, TestProject } from './harness.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const BANNER = 'Seeknal SQL REPL (DuckDB + StarRocks)\n';

async function appliedProject(): Promise<TestProject> {
  const project = await baselineProject();
  addUniqueCustomers(project);
  await project.ok('env', 'plan', 'dev');
  await project.ok('env', 'apply', 'dev');
  return project;
}

/** The tests below only read. */
let applied: TestProject;
beforeAll(async () => {
  applied = await appliedProject();
});

const script = (project: TestProject, input: string, ...words: string[]) => project.run(['repl', ...words], { input });
const once = (sql: string, ...words: string[]) => applied.run(['repl', '-e', sql, ...words]);

describe('repl', () => {
  it('starts with the documented banner, the nodes and the last run', async () => {
    const name = /name: (.*)/.exec(applied.read('seeknal_project.yml'))?.[1]?.replaceAll('"', '') ?? '';
    const dev = await script(applied, '', '--env', 'dev');
    const lines = dev.stdout.split('\n');
    expect([dev.code, ...lines.slice(0, 3)]).toEqual([
      0,
      BANNER.trim(),
      `Project: ${name} [env: dev]`,
      '  Intermediate outputs: 5 tables registered',
    ]);
    expect(lines[3]).toMatch(/^ {2}5 nodes, last run: \d{4}-\d\d-\d\d \d\d:\d\d$/);
    const fresh = await script(inlineProject({ 'transform.a': 'SELECT 1 AS a' }), '');
    expect(fresh.stdout).toBe(`${BANNER}Project: inline\n  Intermediate outputs: 0 tables registered\n\n`);
  });

  it('shows the environment on top of production; production is unchanged until the promotion', async () => {
    const has = async (...words: string[]) =>
      (
        await applied.run(['repl', ...words, '-e', 'FROM transform_daily_revenue LIMIT 1', '--format', 'csv'])
      ).stdout.includes('unique_customers');
    expect([await has('--env', 'dev'), await has()]).toEqual([true, false]);
    expect(await applied.query('SELECT count(*) AS n FROM transform_orders_merged', 'dev')).toEqual([{ n: 14 }]);
    expect(
      await applied.query(
        'SELECT (SELECT count(*) FROM daily_revenue) = (SELECT count(*) FROM transform_daily_revenue) AS same',
      ),
    ).toEqual([{ same: true }]);
  });

  it('offers a bare name only if it is unique and not a view', async () => {
    const project = inlineProject({
      'source.a': 'id\n1\n',
      'transform.source_a': "SELECT id + 2 AS id FROM ref('source.a')",
    });
    project.write(
      'seeknal/t.yml',
      'kind: transform\nname: a\ninputs: [{ ref: source.a }]\ntransform: SELECT id + 1 AS id FROM input_0\n',
    );
    await project.ok('run');
    expect((await project.run(['repl', '-e', 'FROM a'])).code).toBe(1);
    expect(await project.query('FROM source_a')).toEqual([{ id: 1 }]);
    expect(await project.query('FROM transform_source_a')).toEqual([{ id: 3 }]);
    const tables = await script(project, '.tables\n');
    expect(tables.stdout.split('\n').slice(-4)).toEqual(['  source_a', '  transform_a', '  transform_source_a', '']);
    project.remove('seeknal/source_a.yml');
    await project.ok('env', 'plan', 'dev');
    await project.ok('env', 'apply', 'dev');
    expect((await project.run(['repl', '--env', 'dev', '-e', 'FROM transform_source_a'])).code).toBe(1);
  });

  it('refuses an unknown environment; an unapplied one shows production and says so', async () => {
    const unknown = await applied.run(['repl', '--env', 'nope']);
    expect([unknown.code, unknown.stdout]).toEqual([1, '']);
    expect(unknown.stderr).toContain("Environment 'nope' not found.\n  hint: Available: dev.");
    const project = await baselineProject();
    await project.ok('env', 'plan', 'early');
    const early = await project.run([
      'repl',
      '--env',
      'early',
      '-e',
      'SELECT count(*) AS n FROM transform_daily_revenue',
      '--format',
      'csv',
    ]);
    expect([early.code, early.stdout]).toEqual([0, 'n\r\n8\r\n']);
    expect(early.stderr).toContain("Environment 'early' has not been applied; showing production's tables.");
  });

  it('finds the project in a parent folder; outside a project it is a plain shell', async () => {
    const inside = await applied.run(
      ['repl', '-e', 'SELECT count(*) AS n FROM transform_daily_revenue', '--format', 'csv'],
      { cwd: applied.path('seeknal') },
    );
    expect(inside.stdout).toBe('n\r\n8\r\n');
    const outside = new TestProject(temporaryFolder());
    const plain = await script(outside, 'SELECT 42 AS answer;\n');
    expect([plain.code, plain.stdout.startsWith(`${BANNER}\n`), plain.stdout.includes('│     42 │')]).toEqual([
      0,
      true,
      true,
    ]);
    const environment = await outside.run(['repl', '--env', 'dev']);
    expect([environment.code, environment.stderr.split(':')[0]]).toEqual([1, 'error[no-project]']);
  });

  it('leaves out a table with a broken file, with a warning, and shows the others', async () => {
    const project = inlineProject({ 'source.a': 'id\n1\n', 'transform.b': "SELECT id FROM ref('source.a')" });
    await project.ok('run');
    const state = project.json('target/run_state.json') as never as { nodes: Record<string, { artefact: string }> };
    const artefact = Object.keys(project.snapshot()).find(
      path => path.includes('/store/') && path.includes(state.nodes['source.a']?.artefact ?? '?'),
    );
    project.remove(artefact ?? '');
    const outcome = await project.run(['repl', '-e', 'FROM transform_b', '--format', 'csv']);
    expect([outcome.code, outcome.stdout]).toEqual([0, 'id\r\n1\r\n']);
    expect(outcome.stderr).toMatch(/warning: .*source_a/);
  });
});

describe('repl -e', () => {
  it('prints tables, JSON, JSON lines and CSV, limits rows, and reads stdin', async () => {
    const sql = "SELECT * FROM (VALUES (1, 'x,\"y\"'), (2, NULL), (3, '')) t(a, b)";
    expect((await once(sql, '--format', 'csv')).stdout).toBe('a,b\r\n1,"x,""y"""\r\n2,\r\n3,""\r\n');
    expect(JSON.parse((await once(sql, '--json')).stdout)).toEqual([
      { a: 1, b: 'x,"y"' },
      { a: 2, b: null },
      { a: 3, b: '' },
    ]);
    expect((await once(sql, '--format', 'ndjson', '--limit', '1')).stdout).toBe('{"a":1,"b":"x,\\"y\\""}\n');
    expect((await once(sql, '--limit', '1')).stdout).toBe(
      ['┌───┬───────┐', '│ a │ b     │', '├───┼───────┤', '│ 1 │ x,"y" │', '└───┴───────┘', ''].join('\n'),
    );
    expect((await once(`${sql};`, '--format', 'csv', '--limit', '0')).stdout).toBe('a,b\r\n');
    expect((await applied.run(['repl', '-e', '-', '--format', 'csv'], { input: 'SELECT 1 AS a;\n' })).stdout).toBe(
      'a\r\n1\r\n',
    );
    expect((await once('SELECT 1 AS a WHERE false', '--format', 'json')).stdout).toBe('[]\n');
    expect((await once('SELECT 1 AS a WHERE false', '--format', 'csv')).stdout).toBe('a\r\n');
    expect((await once('FROM range(250)', '--format', 'ndjson')).stdout.split('\n').length).toBe(251);
  });

  it('writes files by extension, and nothing on failure', async () => {
    const folder = temporaryFolder();
    for (const extension of ['csv', 'json', 'ndjson', 'parquet']) {
      const outcome = await once(
        'SELECT total_orders FROM transform_daily_revenue ORDER BY ALL',
        '--output',
        `${folder}/x.${extension}`,
        '--limit',
        '2',
      );
      expect([outcome.code, outcome.stdout], outcome.stderr).toEqual([0, '']);
    }
    expect(readFileSync(`${folder}/x.csv`, 'utf8')).toMatch(/^total_orders\r\n\d+\r\n\d+\r\n$/);
    expect(readFileSync(`${folder}/x.parquet`).subarray(0, 4).toString()).toBe('PAR1');
    const outside = new TestProject(folder);
    for (const words of [
      ['SELECT 1', '--output', 'x.txt'],
      ['SELEC', '--output', 'y.csv'],
      ["SELECT error('no')", '--output', 'y.csv'],
    ]) {
      const refused = await outside.run(['repl', '-e', ...words]);
      expect([refused.code, refused.stdout], words.join(' ')).toEqual([1, '']);
    }
    const nowhere = await outside.run(['repl', '-e', 'SELECT 1', '--output', 'nowhere/y.csv']);
    expect(nowhere.stderr).toContain('nowhere/y.csv cannot be written: its folder does not exist.');
    expect(readdirSync(folder).filter(file => !file.startsWith('x.'))).toEqual([]);
  });

  it('keeps the permissions of a file that it replaces', async () => {
    const project = new TestProject(temporaryFolder());
    for (const file of ['x.csv', 'x.parquet']) {
      writeFileSync(project.path(file), 'old', { mode: 0o600 });
      await project.ok('repl', '-e', 'SELECT 1 AS a', '--output', file);
      expect(lstatSync(project.path(file)).mode & 0o777, file).toBe(0o600);
    }
  });

  it('writes its file, and touches no other', async () => {
    const folder = temporaryFolder();
    const project = new TestProject(folder);
    const elsewhere = join(temporaryFolder(), 'elsewhere');
    const write = (file: string, sql: string) => project.run(['repl', '-e', sql, '--output', file]);
    for (const extension of ['csv', 'json', 'ndjson', 'parquet']) {
      const file = `x.${extension}`;
      for (const other of [`${file}.part`, `${file}.new`, `${file}.tmp`, `tmp_${file}`])
        project.write(other, 'precious');
      expect((await write(file, "SELECT error('no')")).code).toBe(1);
      expect([(await write(file, 'SELECT 1 AS a')).code, project.exists(file)]).toEqual([0, true]);
      // A link at the path of the file is replaced, not followed.
      writeFileSync(elsewhere, 'precious');
      project.remove(file);
      symlinkSync(elsewhere, project.path(file));
      await write(file, 'SELECT 1 AS a');
      expect([readFileSync(elsewhere, 'utf8'), lstatSync(project.path(file)).isFile()]).toEqual(['precious', true]);
    }
    const others = readdirSync(folder).filter(file => !file.startsWith('x.') || /\.(part|new|tmp)$/.test(file));
    expect(others.map(file => project.read(file))).toEqual(Array.from({ length: 16 }, () => 'precious'));
  });

  it('writes nothing under target/, by any path', async () => {
    const project = await appliedProject();
    const artefact = readdirSync(project.path('target/intermediate'))[0] ?? '';
    const away = temporaryFolder();
    symlinkSync(project.path('target/store'), project.path('link'));
    symlinkSync('link', project.path('again'));
    symlinkSync(project.path('target/new.csv'), project.path('dangling.csv'));
    symlinkSync(project.path('target/store/heads/production.json'), join(away, 'head.json'));
    symlinkSync(project.root, join(away, 'project'));
    const before = project.snapshot();
    for (const file of [
      'target/x.csv',
      'target/store/x.parquet',
      './data/../target/cache/x.json',
      'link/x.csv',
      'again/tmp/x.csv',
      'dangling.csv',
      join(away, 'head.json'),
      join(away, 'project/target/x.csv'),
      project.path('target/environments/dev/x.csv'),
      'target/environments/dev/plan.json',
      `target/intermediate/${artefact}`,
    ]) {
      const refused = await project.run(['repl', '-e', 'SELECT 666 AS id', '--output', file]);
      expect([refused.code, refused.stderr], file).toEqual([1, expect.stringContaining('inside target/')]);
    }
    const elsewhere = new TestProject(away);
    const foreign = await elsewhere.run(['repl', '-e', 'SELECT 1', '--output', project.path('target/x.csv')]);
    expect(foreign.code).toBe(1);
    expect(project.snapshot()).toEqual(before);
    await project.ok('doctor');
  });

  it('replaces a hard link to an artefact without touching the artefact', async () => {
    const project = await appliedProject();
    const artefact = readdirSync(project.path('target/intermediate'))[0] ?? '';
    linkSync(project.path('target/intermediate', artefact), project.path('mine.parquet'));
    await project.ok('repl', '-e', 'SELECT 666 AS id', '--output', 'mine.parquet');
    await project.ok('doctor');
  });

  it('writes no history, and the options for its output require it', async () => {
    await once('SELECT 1');
    expect(new TestProject(applied.home).exists('.seeknal/history')).toBe(false);
    for (const words of [
      ['--format', 'csv'],
      ['--output', 'x.csv'],
      ['--limit', '1'],
    ]) {
      expect((await script(applied, '', ...words)).code, words.join(' ')).toBe(1);
    }
    expect((await applied.run(['repl', '--nonsense'])).code).toBe(64);
    expect((await applied.run(['repl', '-e'])).code).toBe(64);
  });

  it('refuses all writing statements in the engine, and changes nothing', async () => {
    const before = applied.snapshot('.');
    const writes = [
      'DROP VIEW transform_daily_revenue',
      'INSERT INTO transform_daily_revenue SELECT 1',
      'DELETE FROM transform_daily_revenue',
      'UPDATE transform_daily_revenue SET total_orders = 0',
      'CREATE TABLE x AS SELECT 1',
      "ATTACH 'x.db'",
      "SELECT 1; ATTACH 'x.db'",
      "COPY (SELECT 1) TO 'x.csv'",
      "EXPLAIN ANALYZE COPY (SELECT 1) TO 'x.csv'",
      "EXPORT DATABASE 'x'",
      'SET threads = 1',
      'RESET threads',
      'INSTALL httpfs',
      'LOAD httpfs',
      'PRAGMA threads=1',
      'BEGIN',
      'CALL pragma_version()',
      "FROM 'data/orders.csv'",
      "SELECT * FROM read_text('seeknal_project.yml')",
      "SELECT * FROM glob('*')",
      `COPY (SELECT 1 AS a) TO '${applied.path('target/intermediate/transform_daily_revenue.parquet')}' (FORMAT parquet)`,
      'WITH x AS (SELECT 1) INSERT INTO y FROM x',
      'PREPARE p AS DROP VIEW transform_daily_revenue',
    ];
    const outcome = await script(applied, `${writes.join(';\n')};\n`);
    expect([outcome.code, outcome.stderr.match(/^error\[/gm)?.length]).toEqual([1, writes.length]);
    for (const sql of [writes[0], writes[7], writes[8]]) expect((await once(sql ?? '')).code, sql).toBe(1);
    expect(applied.snapshot('.')).toEqual(before);
  });

  it('fails if a query fails after some of its rows', async () => {
    const sql = "SELECT CASE WHEN i = 900000 THEN error('late') ELSE i::VARCHAR END AS a FROM range(1000000) t(i)";
    const failed = await once(sql, '--format', 'csv');
    expect([failed.code, failed.stderr]).toEqual([1, 'error[query-failed]: Invalid Input Error: late\n']);
    const folder = temporaryFolder();
    const file = await once(sql, '--output', join(folder, 'x.csv'));
    expect([file.code, readdirSync(folder)]).toEqual([1, []]);
  });

  it('runs every kind of query', async () => {
    const queries = [
      "SELECT 'please DELETE me' AS a",
      'FROM transform_daily_revenue',
      'SUMMARIZE transform_daily_revenue',
      "SELECT ';' AS a;",
      'DESCRIBE transform_daily_revenue',
      'SELECT column_name FROM (DESCRIBE transform_daily_revenue)',
      'SHOW TABLES',
      'VALUES (1)',
      'EXPLAIN SELECT 1',
      'EXPLAIN ANALYZE SELECT 1',
      'WITH a AS (SELECT 1 AS x) FROM a',
      'PIVOT transform_orders_merged ON status USING count(*)',
      '/* DROP TABLE x; */ SELECT 1 -- DELETE\n',
    ];
    for (const sql of queries) {
      const outcome = await once(sql, '--limit', '5');
      expect(outcome.code, `${sql}\n${outcome.stderr}`).toBe(0);
    }
  });

  it('shows the output of EXPLAIN unchanged, and the message of DuckDB for a mistake', async () => {
    expect((await once('EXPLAIN SELECT 1')).stdout).toMatch(/^┌─+┐\n│ +PROJECTION +│\n/);
    expect((await script(applied, 'EXPLAIN SELECT 1;\n')).stdout).toMatch(/^│ +PROJECTION +│\n/m);
    expect((await once('SELCT 1')).stderr).toMatch(
      /^error\[query-failed\]: Parser Error: syntax error at or near "SELCT"/,
    );
  });

  it('truncates a long result, and has dot commands', async () => {
    const long = await script(applied, 'FROM range(101);\nFROM range(100);\n');
    expect(long.stdout.match(/^│ +\d+ │$/gm)?.length).toBe(200);
    expect(long.stdout).toContain('Only the first 100 rows are shown');
    expect(long.stdout).toContain('(100 rows)');
    const dots = await script(
      applied,
      '.tables\n.schema source_raw_orders\n.help\n.tabels\nSELECT nothing;\n.quit\nSELECT 1;\n',
      '--env',
      'dev',
    );
    expect(dots.code).toBe(1);
    expect(dots.stdout).toMatch(/^ {2}transform_daily_revenue +also daily_revenue$/m);
    expect(dots.stdout).toMatch(/│ order_id +│ VARCHAR/);
    expect(dots.stdout).toContain('.schema [NAME]');
    expect(dots.stdout).not.toContain('│ 1 │');
    expect(dots.stderr).toMatch(/Unknown command '\.tabels'\. Did you mean '\.tables'\?/);
    expect(dots.stderr).toContain('error[query-failed]');
  });

  it('keeps every value exact in JSON', async () => {
    const values = [
      '9007199254740992 AS edge',
      '9007199254740993 AS big',
      '-170141183460469231731687303715884105727::HUGEINT AS huge',
      '1.10::DECIMAL(5, 2) AS money',
      '5::DECIMAL(38, 0) AS whole',
      "TIMESTAMP '2024-01-02 03:04:05.123456' AS at",
      "DATE '2024-01-02' AS day",
      "TIME '01:02:03.000004' AS time",
      '[1, NULL] AS list',
      "{'a': 1.5::DECIMAL(3, 1)} AS deep",
      '0.1::DOUBLE AS d',
      'NULL AS none',
      'true AS yes',
      "'ü\"' AS text",
    ];
    expect(await applied.query(`SELECT ${values.join(', ')}`)).toEqual([
      {
        edge: 9007199254740992,
        big: '9007199254740993',
        huge: '-170141183460469231731687303715884105727',
        money: '1.10',
        whole: 5,
        at: '2024-01-02 03:04:05.123456',
        day: '2024-01-02',
        time: '01:02:03.000004',
        list: [1, null],
        deep: { a: '1.5' },
        d: 0.1,
        none: null,
        yes: true,
        text: 'ü"',
      },
    ]);
  });

  it('shows a promoted column in production immediately', async () => {
    const project = await appliedProject();
    addNode(project, 'transform.kept_out', 'SELECT 1 AS a');
    await project.ok('env', 'promote', 'dev', '--yes');
    const columns = await project.query('SELECT column_name FROM (DESCRIBE transform_daily_revenue)');
    expect(columns).toContainEqual({ column_name: 'unique_customers' });
    expect((await project.run(['repl', '-e', 'FROM transform_kept_out'])).code).toBe(1);
  });
});
