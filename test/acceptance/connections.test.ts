import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { describePostgres, startPostgres, type TestPostgres } from '../servers/postgres.ts';
import { mistakesOf, type ShopProject, shopProject, statusesOf, target, targetsOf } from './shop.ts';

const SECRET = 'hunter2-$ecret"\'é';
const READ = 'transform.copied';

/** Every way to give the password; each connects as `app`. */
const PASSWORDS: readonly (readonly [string, object, Readonly<Record<string, string>>, string])[] = [
  ['in the profile', { password: SECRET.replaceAll('$', '$$$$') }, {}, ''],
  ['as a variable', { password: '${PG_PASSWORD}' }, { PG_PASSWORD: SECRET }, ''],
  ['in .env', { password: '${PG_PASSWORD}' }, {}, `PG_PASSWORD=\`${SECRET}\`\n`],
  ['from password_command', { password_command: ['cat', 'secret.txt'] }, {}, ''],
];

const connection = (postgres: TestPostgres, database: string, more: object) =>
  JSON.stringify({ type: 'postgresql', host: '127.0.0.1', port: postgres.port, database, user: 'app', ...more });

/** Reads `sales.orders` and writes `analytics.copied`, as user `app`. */
async function appProject(postgres: TestPostgres, more: object, dotEnv = ''): Promise<ShopProject> {
  const project = await shopProject(postgres);
  await project.rows(`
    GRANT CREATE ON DATABASE ${project.database} TO app;
    CREATE SCHEMA sales; GRANT USAGE ON SCHEMA sales TO app;
    CREATE TABLE sales.orders AS SELECT 1 AS id; GRANT SELECT ON sales.orders TO app`);
  project.write('profiles.yml', `connections:\n  shop: ${connection(postgres, project.database, more)}\n`);
  project.write('secret.txt', `${SECRET}\n`);
  if (dotEnv !== '') project.write('.env', dotEnv);
  project.defineSource('orders', 'table: sales.orders\n');
  project.define(READ, "SELECT id FROM ref('source.orders')", target('analytics.copied'));
  return project;
}

/** The files below `target/` that contain the secret or a part of it. */
const leaks = (project: ShopProject): readonly string[] =>
  readdirSync(project.path('target'), { recursive: true, withFileTypes: true })
    .filter(entry => entry.isFile())
    .map(entry => join(entry.parentPath, entry.name))
    .filter(path => readFileSync(path).includes('hunter2'));

describePostgres('the secret of a connection', () => {
  let postgres: TestPostgres;
  beforeAll(async () => {
    postgres = await startPostgres({ hba: ['host all app 127.0.0.1/32 scram-sha-256'] });
    await postgres.createUser('app', SECRET);
  });

  it.each(PASSWORDS)('%s opens the server, and is in no file and no output', async (_, more, env, dotEnv) => {
    const project = await appProject(postgres, more, dotEnv);
    const commands = [
      ['run', '--json'],
      ['env', 'plan', 'dev', '--refresh', '--verbose'],
      ['env', 'apply', 'dev'],
      ['env', 'show', 'dev', '--json'],
      ['env', 'promote', 'dev', '--yes', '--rematerialize', '--verbose'],
      ['repl', '-e', 'SELECT * FROM transform_copied'],
      ['doctor', '--json'],
      ['env', 'delete', 'dev', '--yes', '--drop-schemas'],
    ];
    for (const words of commands) {
      const { code, stdout, stderr } = await project.run(words, { env });
      expect(`${stdout}${stderr}`, words.join(' ')).not.toContain('hunter2');
      expect([code, leaks(project)], `${words.join(' ')}\n${stdout}${stderr}`).toEqual([0, []]);
    }
    expect(await project.rows('SELECT id FROM analytics.copied')).toEqual([['1']]);
  });

  it('is in no message when the server refuses it', async () => {
    const project = await appProject(postgres, { password: `${SECRET}-wrong`.replaceAll('$', '$$$$') });
    const endpoint = `postgresql://127.0.0.1:${postgres.port}/${project.database}`;
    for (const words of [['run'], ['env', 'plan', 'dev'], ['run', '--continue-on-error', '--json']]) {
      const { code, stdout, stderr } = await project.run(words);
      expect([code, `${stdout}${stderr}`.includes('hunter2')], words.join(' ')).toEqual([1, false]);
      expect(`${stdout}${stderr}`).toContain(`Connection 'shop' to ${endpoint}: wrong password for user 'app'.`);
    }
  });

  it('is in no process list while the server is used', async () => {
    const project = await appProject(postgres, { password_command: ['cat', 'secret.txt'] });
    const query = 'SELECT id, pg_advisory_xact_lock_shared(9)::text AS waited FROM sales.orders';
    project.write(
      'seeknal/orders.yml',
      `kind: source\nname: orders\nsource: postgresql\nparams: { connection: shop, query: "${query}" }\n`,
    );
    const release = await project.holding('SELECT pg_advisory_lock(9)');
    const running = project.spawn(['run']);
    const waiting = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted";
    await expect.poll(() => project.rows(waiting), { timeout: 60_000 }).toEqual([['1']]);
    const titles = readdirSync('/proc')
      .filter(name => /^\d+$/.test(name))
      .map(pid => titleOf(pid));
    const seen = await project.rows("SELECT string_agg(query || application_name, ' ') FROM pg_stat_activity");
    await release();
    const { code, stdout, stderr } = await running;
    expect([code, stdout.includes('hunter2'), stderr.includes('hunter2')], stderr).toEqual([0, false, false]);
    expect(titles.some(title => title.includes('main.js'))).toBe(true);
    expect(titles.filter(title => title.includes('hunter2'))).toEqual([]);
    expect(String(seen)).not.toContain('hunter2');
  });

  describe('and the rest of the profile', () => {
    it('comes from source_defaults, which a node overrides', async () => {
      const project = await appProject(postgres, { password: SECRET.replaceAll('$', '$$$$') });
      project.write(
        'profiles.yml',
        `${project.read('profiles.yml')}source_defaults: { postgres: { connection: shop } }\n`,
      );
      for (const params of ['', 'params:\n', 'params: null\n', 'params: { connection: shop }\n'])
        project.write(
          'seeknal/orders.yml',
          `kind: source\nname: orders\nsource: postgresql\ntable: sales.orders\n${params}`,
        );
      expect(statusesOf((await project.result(['run'])).document)).toMatchObject({ [READ]: 'executed' });
      project.edit('seeknal/orders.yml', 'connection: shop', 'connection: nope');
      const { code, document } = await project.result(['run']);
      expect([code, mistakesOf(document)[0]?.[0]]).toEqual([1, 'unknown-connection']);
    });

    it('fails plan and apply for an unset variable only if the entry is used', async () => {
      const project = await appProject(postgres, { password: '${NOT_SET}' });
      for (const words of [['env', 'plan', 'dev'], ['run']]) {
        const { code, document } = await project.result(words);
        expect([code, mistakesOf(document).map(([mistake, message]) => [mistake, message])[0]]).toEqual([
          1,
          [
            'unset-variable',
            expect.stringContaining(
              "profiles.yml: connection 'shop' needs the environment variable NOT_SET, which is not set.",
            ),
          ],
        ]);
      }
      const good = connection(postgres, project.database, { password_command: ['cat', 'secret.txt'] });
      const unused = connection(postgres, 'x', { password: '${NOT_SET}' });
      project.write('profiles.yml', `connections:\n  shop: ${good}\n  other: ${unused}\n`);
      await project.ok('run');
    });

    it('takes the port from a variable, as a number', async () => {
      const password = { password_command: ['cat', 'secret.txt'] };
      const project = await appProject(postgres, { ...password, port: '${PG_PORT:1}' });
      const env = { PG_PORT: String(postgres.port) };
      expect((await project.result(['run'], { env })).document.status).toBe('done');
      const other = await project.result(['run']);
      expect([other.code, other.stdout.includes("nothing listens on port 1 of '127.0.0.1'")]).toEqual([1, true]);
      const bad = await project.result(['run'], { env: { PG_PORT: 'many' } });
      expect([bad.code, mistakesOf(bad.document)[0]?.[0]]).toEqual([1, 'bad-connection']);
    });

    it('is used by all parallel readers', async () => {
      const project = await appProject(postgres, {});
      const profile = project.read('profiles.yml').replace('"user"', '"password_command":["cat","secret.txt"],"user"');
      project.write('conf/mine.yml', profile);
      for (const name of ['b', 'c', 'd']) project.defineSource(name, 'table: sales.orders\n');
      expect((await project.run(['run'])).code).toBe(1);
      const { code, document } = await project.result(['run', '--parallel', '--profile', 'conf/mine.yml']);
      expect([code, Object.values(statusesOf(document)), targetsOf(document)]).toEqual([
        0,
        Array.from({ length: 5 }, () => 'executed'),
        [[READ, 'analytics.copied', 'written', 1]],
      ]);
    });
  });
});

function titleOf(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8');
  } catch {
    // It has ended.
    return '';
  }
}
