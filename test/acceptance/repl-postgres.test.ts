import { beforeAll, expect, it } from 'vitest';
import { describePostgres, startPostgres, type TestPostgres } from '../servers/postgres.ts';
import { inlineProject, type TestProject } from './harness.ts';

const PASSWORD = `pa$$'"word`;

describePostgres('repl with the PostgreSQL connections of a profile', () => {
  let postgres: TestPostgres;
  let project: TestProject;

  beforeAll(async () => {
    postgres = await startPostgres({ hba: ['host all reader 127.0.0.1/32 scram-sha-256'] });
    await postgres.createUser('reader', PASSWORD);
    for (const database of ['shop', 'shop_dev']) {
      await postgres.rows(`CREATE DATABASE ${database}`);
      await postgres.rows(
        `CREATE SCHEMA sales; CREATE TABLE sales.orders AS SELECT 1 AS id, current_database()::text AS place;
         GRANT USAGE ON SCHEMA sales TO reader; GRANT ALL ON sales.orders TO reader`,
        database,
      );
    }
    project = inlineProject({ 'transform.mine': "SELECT 1 AS id, 'm' AS mark" });
    project.write('profiles.yml', profile({ local_pg: server('shop') }));
    project.write('profiles-dev.yml', profile({ local_pg: server('shop_dev') }));
    await project.ok('run');
    await project.ok('env', 'plan', 'dev');
    await project.ok('env', 'apply', 'dev');
  });

  const server = (database: string, more = '') =>
    `{type: postgresql, host: 127.0.0.1, port: ${postgres.port}, database: ${database}, user: reader, password: "\${PG_PASSWORD}"${more}}`;
  const profile = (connections: Readonly<Record<string, string>>): string =>
    `connections:\n${Object.entries(connections)
      .map(([name, text]) => `  ${name}: ${text}\n`)
      .join('')}`;
  const env = { PG_PASSWORD: PASSWORD };
  const script = (input: string, ...words: string[]) => project.run(['repl', ...words], { input, env });
  const once = (sql: string, ...words: string[]) =>
    project.run(['repl', '-e', sql, '--format', 'csv', ...words], { env });

  it('attaches those of the environment, and says so', async () => {
    const query = 'SELECT mark, place FROM mine JOIN local_pg.sales.orders USING (id)';
    expect((await once(query)).stdout).toBe('mark,place\r\nm,shop\r\n');
    expect((await once(query, '--env', 'dev')).stdout).toBe('mark,place\r\nm,shop_dev\r\n');
    const chosen = await once(query, '--env', 'dev', '--profile', 'profiles.yml');
    expect([chosen.code, chosen.stdout]).toEqual([0, 'mark,place\r\nm,shop\r\n']);
    const dev = await script('.tables\n.schema\n', '--env', 'dev');
    expect(dev.code, dev.stderr).toBe(0);
    expect(dev.stdout.split('\n').map(line => line.replace(/last run: .*/, 'last run: T'))).toEqual([
      'Seeknal SQL REPL (DuckDB + StarRocks)',
      'Project: inline [env: dev]',
      '  Intermediate outputs: 1 table registered',
      '  1 node, last run: T',
      '  Attached: local_pg (postgresql, read-only)',
      '',
      '  transform_mine   also mine',
      '  local_pg         attached database (postgresql, read-only)',
      '┌────────┬─────────┐',
      '│ column │ type    │',
      '├────────┼─────────┤',
      '│ id     │ INTEGER │',
      '│ mark   │ VARCHAR │',
      '└────────┴─────────┘',
      '(2 rows)',
      '',
    ]);
  });

  it('writes what it reads into files', async () => {
    for (const file of ['rows.csv', 'rows.parquet']) {
      const written = await project.run(['repl', '-e', 'FROM local_pg.sales.orders', '--output', file], { env });
      expect([written.code, written.stderr]).toEqual([0, expect.stringContaining('✓ 1 row written')]);
    }
    expect(project.read('rows.csv')).toBe('id,place\r\n1,shop\r\n');
  });

  it('writes nothing to the server, even as a user that may', async () => {
    for (const sql of [
      "INSERT INTO local_pg.sales.orders VALUES (2, 'x')",
      "FROM postgres_execute('local_pg', 'COMMIT; DELETE FROM sales.orders')",
      "FROM postgres_query('local_pg', 'DELETE FROM sales.orders RETURNING id')",
    ]) {
      expect([sql, (await once(sql)).code]).toEqual([sql, 1]);
    }
    expect(await postgres.rows('SELECT id FROM sales.orders', 'shop')).toEqual([['1']]);
  });

  it('warns about each connection that cannot be attached, and attaches the others', async () => {
    const many = {
      closed: '{type: postgres, host: 127.0.0.1, port: 1, database: shop, user: reader}',
      local_pg: server('shop'),
      memory: server('shop'),
      nowhere: server('nowhere'),
      unset: '{type: postgresql, host: "${NOT_SET}", database: shop, user: reader}',
      wrong: server('shop', ', sslmode: no'),
      broken: '7',
      lake: '{type: iceberg, uri: "${NOT_SET_EITHER}"}',
    };
    project.write('many.yml', profile(many));
    const outcome = await script(
      'FROM mine;\nSELECT place FROM local_pg.sales.orders JOIN memory_pg.sales.orders USING (id, place);\nFROM closed.sales.orders;\n',
      '--profile',
      'many.yml',
    );
    const warnings = outcome.stderr.split('\n').filter(line => line.startsWith('warning: '));
    expect(warnings.map(line => line.slice('warning: '.length).split(':')[0])).toEqual([
      "connection 'memory' is attached as memory_pg, because the name 'memory' is taken",
      'closed is not attached',
      'nowhere is not attached',
      'unset is not attached',
      'wrong is not attached',
      'broken is not attached',
    ]);
    expect(outcome.stdout).toContain('  Attached: local_pg, memory_pg (postgresql, read-only)\n');
    expect(outcome.stdout.match(/\(1 row\)/g)).toHaveLength(2);
    expect(outcome.stderr.match(/^error\[.*$/gm)).toEqual([
      `error[connection-refused]: Connection 'closed' to postgresql://127.0.0.1:1/shop: nothing listens on port 1 of '127.0.0.1'.`,
    ]);
    expect(outcome.stdout + outcome.stderr).not.toContain(PASSWORD);
  });

  it('attaches for one query only what that mentions', async () => {
    project.write('two.yml', profile({ closed: '{type: postgres, host: 127.0.0.1, port: 1, database: a, user: b}' }));
    const without = await once('SELECT id FROM mine', '--profile', 'two.yml');
    expect(without).toEqual({ code: 0, stdout: 'id\r\n1\r\n', stderr: 'ℹ Profile: two.yml (--profile)\n' });
    const mentioned = await once("SELECT 'closed' AS a", '--profile', 'two.yml');
    expect(mentioned).toEqual({ code: 0, stdout: 'a\r\nclosed\r\n', stderr: 'ℹ Profile: two.yml (--profile)\n' });
    const needed = await once('FROM closed.a.b', '--profile', 'two.yml');
    expect([needed.code, needed.stdout, needed.stderr.match(/error\[.*?\]/)?.[0]]).toEqual([
      1,
      '',
      'error[connection-refused]',
    ]);
  });
});
