import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { describePgbouncer, startPgbouncer } from '../servers/pgbouncer.ts';
import { describePostgres, startPostgres } from '../servers/postgres.ts';
import { mistakesOf, type ShopProject, shopProject, target, targetsOf } from './shop.ts';

const NODE = 'transform.copied';

/** Reads `public.orders` and writes `analytics.copied`. */
async function copying(project: ShopProject): Promise<ShopProject> {
  await project.rows('CREATE TABLE public.orders AS SELECT i AS id, i::text AS name FROM generate_series(1, 1000) i');
  project.defineSource('orders', 'table: public.orders\n');
  project.define(NODE, "SELECT * FROM ref('source.orders')", target('analytics.copied', 'mode: append'));
  return project;
}

async function worksWhole(project: ShopProject): Promise<void> {
  expect(targetsOf((await project.result(['run'])).document)).toEqual([[NODE, 'analytics.copied', 'written', 1000]]);
  project.edit('seeknal/copied.yml', 'SELECT *', 'SELECT *, id * 2 AS twice');
  await project.ok('env', 'plan', 'dev', '--refresh');
  await project.ok('env', 'apply', 'dev');
  await project.ok('env', 'promote', 'dev', '--yes', '--rematerialize');
  await project.ok('env', 'delete', 'dev', '--yes', '--drop-schemas');
  const counts = 'SELECT count(*), count(DISTINCT id), sum(twice) FROM analytics.copied';
  expect(await project.rows(counts)).toEqual([['2000', '1000', '1001000']]);
  expect(await project.rows("SELECT relname FROM pg_class WHERE relname LIKE '\\_seeknal%'")).toEqual([]);
}

describePgbouncer('a project behind a pooler in transaction mode', () => {
  it('reads, writes, promotes and drops as without one', async () => {
    const postgres = await startPostgres();
    const project = await copying(await shopProject(postgres));
    project.connect({ port: (await startPgbouncer(postgres)).port });
    await worksWhole(project);
  });
});

describePostgres('a project on a server with TLS', () => {
  it('reads and writes with a certificate that is trusted, and does neither with another', async () => {
    const postgres = await startPostgres({ tls: true, hba: ['hostnossl all app all reject'] });
    const app = await postgres.createUser('app');
    const project = await copying(await shopProject(postgres));
    await project.rows(`GRANT CREATE ON DATABASE ${project.database} TO app; GRANT SELECT ON public.orders TO app`);
    const { ca = '', unrelatedCa = '' } = postgres.certificates ?? {};
    project.write('certificates/ca.crt', readFileSync(ca, 'utf8'));
    project.write('certificates/other.crt', readFileSync(unrelatedCa, 'utf8'));
    const verified = { user: app, host: 'localhost', sslmode: 'verify-full', sslrootcert: 'certificates/ca.crt' };
    const refusals = [
      ['connection-certificate-host', { host: '127.0.0.1' }],
      ['connection-certificate', { sslrootcert: 'certificates/other.crt' }],
      ['connection-tls-required', { sslmode: 'disable' }],
    ] as const;
    for (const [code, settings] of refusals) {
      project.connect({ ...verified, ...settings });
      const refused = await project.result(['run']);
      expect([refused.code, mistakesOf(refused.document)[0]?.[0]]).toEqual([1, code]);
    }
    project.connect(verified);
    await worksWhole(project);
  });
});
