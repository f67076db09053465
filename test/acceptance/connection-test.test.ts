import { readdirSync, readFileSync } from 'node:fs';
import { beforeAll, expect, it } from 'vitest';
import { describePostgres, startPostgres, type TestPostgres } from '../servers/postgres.ts';
import { projectWith, refusalOf as refusal, SECRET, testConnection as test } from './connection-tests.ts';

describePostgres('connection-test', () => {
  let postgres: TestPostgres;
  let encrypted: TestPostgres;

  beforeAll(async () => {
    postgres = await startPostgres({ hba: ['host all app 127.0.0.1/32 scram-sha-256'] });
    encrypted = await startPostgres({ tls: true });
    await postgres.createUser('app', SECRET);
  });

  const profile = (more = ''): string => `connections:
  local_pg: { type: postgres, host: 127.0.0.1, port: ${postgres.port}, database: postgres, user: app, password: "\${PG_PASSWORD}"${more} }
  admin: { type: postgresql, url: "postgresql://postgres@127.0.0.1:${postgres.port}/postgres" }
  secure: { type: postgresql, host: localhost, port: ${encrypted.port}, database: postgres, user: postgres, sslmode: verify-full, sslrootcert: ca.crt }
`;

  it('says what the server is and what the user may do', async () => {
    const project = projectWith(profile());
    expect(await project.run(['connection-test', 'admin'])).toEqual({
      code: 0,
      stdout: expect.stringMatching(
        new RegExp(
          `^✓ Connection 'admin' works: postgresql://127\\.0\\.0\\.1:${postgres.port}/postgres \\(\\d+ ms\\)\\n` +
            '  server    PostgreSQL \\d+\\.\\d+\\n  user      postgres\\n  database  postgres\\n  TLS       no\\n' +
            '  schemas   can be created\\n$',
        ),
      ),
      stderr: 'ℹ Profile: profiles.yml (profiles.yml in the project)\n',
    });
  });

  it('warns if no schema can be created, and says what to run', async () => {
    const project = projectWith(profile());
    const { code, document } = await test(project, ['local_pg'], { PG_PASSWORD: SECRET });
    expect([code, document]).toEqual([
      0,
      {
        format: 'seeknal.connection-test',
        version: 1,
        connection: 'local_pg',
        type: 'postgresql',
        endpoint: `postgresql://127.0.0.1:${postgres.port}/postgres`,
        status: 'ok',
        server_version: expect.stringMatching(/^\d+\.\d+$/),
        user: 'app',
        database: 'postgres',
        tls: null,
        milliseconds: expect.any(Number),
        can_create_schemas: false,
        diagnostics: [
          {
            code: 'connection-no-schemas',
            severity: 'warning',
            message:
              "User 'app' cannot create schemas in database 'postgres': targets can use only schemas that exist.",
            file: null,
            line: null,
            column: null,
            hint: 'Run GRANT CREATE ON DATABASE postgres TO app on the server.',
          },
        ],
      },
    ]);
    const shown = await project.run(['connection-test', 'local_pg'], { env: { PG_PASSWORD: SECRET } });
    expect([shown.code, shown.stderr.split('\n').slice(1)]).toEqual([
      0,
      [
        "warning[connection-no-schemas]: User 'app' cannot create schemas in database 'postgres': targets can use only schemas that exist.",
        '  hint: Run GRANT CREATE ON DATABASE postgres TO app on the server.',
        '',
      ],
    ]);
  });

  it("warns if DuckDB's extension is missing: rows could be neither read nor written", async () => {
    const project = projectWith(profile());
    const { code, document } = await test(project, ['admin'], { SEEKNAL_EXTENSIONS: project.root });
    expect([code, document['status'], document['diagnostics']]).toEqual([
      0,
      'ok',
      [
        expect.objectContaining({
          code: 'extension-missing',
          severity: 'warning',
          message: expect.stringContaining('postgres_scanner.duckdb_extension was not found'),
          hint: expect.stringContaining('Run INSTALL postgres_scanner in DuckDB 1.5.5'),
        }),
      ],
    ]);
  });

  it('believes the server once the right is granted', async () => {
    const database = await postgres.createDatabase();
    await postgres.rows(`GRANT CREATE ON DATABASE ${database} TO app`);
    const project = projectWith(profile().replace('database: postgres, user: app', `database: ${database}, user: app`));
    expect((await test(project, ['local_pg'], { PG_PASSWORD: SECRET })).document).toMatchObject({
      status: 'ok',
      database,
      can_create_schemas: true,
      diagnostics: [],
    });
  });

  it('says that a database is read-only', async () => {
    const database = await postgres.createDatabase();
    await postgres.rows(`ALTER DATABASE ${database} SET default_transaction_read_only = on`);
    const project = projectWith(profile().replace('/postgres"', `/${database}"`));
    expect((await test(project, ['admin'])).document).toMatchObject({
      can_create_schemas: false,
      diagnostics: [
        {
          code: 'connection-read-only',
          message: `Database '${database}' is read-only: it can be a source, but no target.`,
          hint: 'Connect to the primary server to write targets.',
        },
      ],
    });
  });

  it('names the protocol of an encrypted connection', async () => {
    const project = projectWith(profile());
    project.write('ca.crt', readFileSync(encrypted.certificates?.ca ?? '', 'utf8'));
    expect((await test(project, ['secure'])).document).toMatchObject({ status: 'ok', tls: 'TLSv1.3' });
    expect((await project.run(['connection-test', 'secure'])).stdout).toContain('  TLS       TLSv1.3\n');
  });

  it.each([
    ['.env', '', {}, `PG_PASSWORD='${SECRET}'\n`],
    ['a variable rather than .env', '', { PG_PASSWORD: SECRET }, 'PG_PASSWORD=wrong\n'],
    ['password_command', ', password_command: [cat, secret.txt]', {}, 'PG_PASSWORD=\n'],
  ])('takes the password from %s', async (_, more, env, dotEnv) => {
    const project = projectWith(profile(more));
    project.write('.env', dotEnv);
    project.write('secret.txt', `${SECRET}\n`);
    expect((await test(project, ['local_pg'], env)).document.status).toBe('ok');
  });

  it('says what failed and what to try, and exits with 1', async () => {
    const project = projectWith(profile());
    const message = `Connection 'local_pg' to postgresql://127.0.0.1:${postgres.port}/postgres: wrong password for user 'app'.`;
    const hint = "Check 'user', and 'password' or 'password_command' with the variables in them.";
    const env = { PG_PASSWORD: `${SECRET}!` };
    const { code, document } = await test(project, ['local_pg'], env);
    expect([code, document]).toEqual([
      1,
      {
        format: 'seeknal.connection-test',
        version: 1,
        connection: 'local_pg',
        type: 'postgresql',
        endpoint: `postgresql://127.0.0.1:${postgres.port}/postgres`,
        status: 'failed',
        server_version: null,
        user: null,
        database: null,
        tls: null,
        milliseconds: null,
        can_create_schemas: null,
        diagnostics: [
          { code: 'connection-password', severity: 'error', message, file: null, line: null, column: null, hint },
        ],
      },
    ]);
    const shown = await project.run(['connection-test', 'local_pg'], { env });
    expect([shown.code, shown.stdout]).toEqual([1, `✗ ${message} [connection-password]\n  hint: ${hint}\n`]);
  });

  it.each([
    ['connection-host-not-found', 'host: no-such-host.invalid'],
    ['connection-refused', 'port: 1'],
    ['connection-database', 'database: nope'],
    ['connection-tls-refused', 'sslmode: require'],
  ])('tells %s apart', async (code, setting) => {
    const project = projectWith(
      `connections: { x: { type: postgresql, url: "postgresql://postgres@127.0.0.1:${postgres.port}/postgres", ${setting} } }`,
    );
    const result = await test(project, ['x']);
    expect([result.code, result.document.status, result.document.diagnostics.map(entry => entry.code)]).toEqual([
      1,
      'failed',
      [code],
    ]);
  });

  it('uses the profile of an environment or a file, also outside a project', async () => {
    const project = projectWith(profile(), 'profiles-dev.yml');
    expect((await test(project, ['admin', '--env', 'dev'])).document.status).toBe('ok');
    expect((await test(project, ['admin', '--profile', 'profiles-dev.yml'])).document.status).toBe('ok');
    expect((await refusal(project, 'admin'))[0]).toBe('unknown-connection');
    project.remove('seeknal_project.yml');
    expect((await test(project, ['admin', '--env', 'dev'])).document.status).toBe('ok');
  });

  it('writes no file', async () => {
    const project = projectWith(profile());
    await test(project, ['local_pg'], { PG_PASSWORD: SECRET });
    expect(readdirSync(project.root).sort()).toEqual(['profiles.yml', 'seeknal_project.yml']);
  });
});
