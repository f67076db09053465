import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { extensionFolder, missingExtension } from '../../test/servers/extensions.ts';
import { PostgresServer } from '../../test/servers/postgres-server.ts';
import { interleave, median } from '../interleave.ts';
import { type Bench, type Figure, type Measure, megabytes, ratioFigure } from '../measure.ts';
import { program, seeknal, seeknalWithPeak } from '../processes.ts';

const ROWS = 10_000_000;
const QUICK_ROWS = 100_000;
const ROUNDS = 2;
const LIMIT = { text: '300MB', bytes: 300e6 };
/** Memory of Node and of DuckDB's code, which DuckDB's limit does not cover. */
const OUTSIDE_LIMIT = 200e6;
const COLUMNS = `id BIGINT, customer INTEGER, day DATE, at TIMESTAMP, status VARCHAR, amount DECIMAL(12,2), rate DOUBLE, note VARCHAR`;
const QUERY = (rows: number, seed: number) => `
  SELECT i AS id, (hash(i, ${seed}) % 100000)::INTEGER AS customer,
    DATE '2024-01-01' + (hash(i, 1) % 730)::INTEGER AS day,
    TIMESTAMP '2024-01-01' + to_seconds((hash(i, 2) % 60000000)::BIGINT) AS at,
    ['COMPLETED', 'PENDING', 'CANCELLED'][1 + (hash(i, 3) % 3)::INTEGER] AS status,
    ((hash(i, 4) % 1000000)::BIGINT / 100)::DECIMAL(12,2) AS amount,
    (hash(i, 5) % 1000)::DOUBLE / 7 AS rate,
    'note ' || (hash(i, 6) % 1000000) AS note
  FROM range(${rows}) AS r(i)`;

interface Surroundings {
  readonly bench: Bench;
  readonly server: PostgresServer;
  readonly project: string;
  readonly csv: string;
  readonly rows: number;
}

/** Rows out to PostgreSQL and in from it, against `psql`'s own `\copy` of a CSV file. */
export const postgresql: Measure = {
  name: 'postgresql',
  async run(bench) {
    const missing = missingExtension('postgres_scanner');
    if (missing !== null) {
      bench.say(`left out: ${missing.reason}`);
      return [];
    }
    process.env['SEEKNAL_EXTENSIONS'] = extensionFolder();
    const server = await PostgresServer.start({ settings: { shared_buffers: '256MB', max_wal_size: '8GB' } });
    try {
      const around = await prepare(bench, server);
      return [...(await out(around)), ...(await over(around)), ...(await into(around))];
    } finally {
      await server.remove();
    }
  },
};

async function prepare(bench: Bench, server: PostgresServer): Promise<Surroundings> {
  const project = bench.folder();
  const rows = bench.quick ? QUICK_ROWS : ROWS;
  const csv = join(project, 'rows.csv');
  for (const folder of ['seeknal', 'data']) mkdirSync(join(project, folder));
  bench.say(`writing ${rows} rows…`);
  const instance = await DuckDBInstance.create(':memory:');
  const connection = await instance.connect();
  await connection.run(`COPY (${QUERY(rows, 0)}) TO '${join(project, 'data', 'first.parquet')}' (FORMAT parquet)`);
  await connection.run(`COPY (${QUERY(rows, 9)}) TO '${join(project, 'data', 'second.parquet')}' (FORMAT parquet)`);
  await connection.run(`COPY (${QUERY(rows, 0)}) TO '${csv}' (FORMAT csv, HEADER)`);
  connection.closeSync();
  instance.closeSync();
  await statement({ server, project }, 'CREATE SCHEMA bench');
  writeFileSync(join(project, 'seeknal_project.yml'), `name: bench\nsettings: { memory_limit: ${LIMIT.text} }\n`);
  const { host, port } = server;
  const pg = { type: 'postgresql', host, port, database: 'postgres', user: 'postgres' };
  writeFileSync(join(project, 'profiles.yml'), JSON.stringify({ connections: { pg } }));
  for (const name of ['first', 'second'])
    writeFileSync(
      join(project, 'seeknal', `${name}.yml`),
      `kind: source\nname: ${name}\nsource: parquet\ntable: data/${name}.parquet\n`,
    );
  return { bench, server, project, csv, rows };
}

/** Points the transform to a source and its target to a table; both sources' rows are in the store already. */
function writeTransform({ project }: Surroundings, source: string, table: string): void {
  const target = `  - { type: postgresql, connection: pg, table: bench.${table} }`;
  writeFileSync(
    join(project, 'seeknal', 'wide.yml'),
    `kind: transform\nname: wide\ninputs: [{ ref: source.${source} }]\ntransform: SELECT * FROM source.${source}\nmaterializations:\n${target}\n`,
  );
}

const copyIn = async (around: Surroundings, table: string): Promise<number> => {
  const columns = COLUMNS.replaceAll('DOUBLE', 'DOUBLE PRECISION').replaceAll('VARCHAR', 'TEXT');
  await statement(around, `CREATE TABLE bench.${table} (${columns})`);
  return psql(around, `\\copy bench.${table} from '${around.csv}' with (format csv, header)`);
};

type Server = Pick<Surroundings, 'server' | 'project'>;

/** Runs a command of psql; seconds. */
async function psql({ server, project }: Server, command: string): Promise<number> {
  const { host, port } = server;
  const url = `postgresql://postgres@${host}:${port}/postgres`;
  return (await program(server.binary('psql'), ['-X', '-q', url, '-c', command], project)).seconds;
}

const statement = async (server: Server, sql: string): Promise<void> => void (await psql(server, sql));

async function out(around: Surroundings): Promise<readonly Figure[]> {
  const { bench, project } = around;
  for (const source of ['second', 'first']) {
    writeTransform(around, source, 'unused');
    await seeknal(project, 'run', '--no-materialize');
  }
  const peaks: number[] = [];
  const times = await interleave(bench.quick ? 1 : ROUNDS, {
    own: async round => {
      writeTransform(around, 'first', `own_${round}`);
      const finished = await seeknalWithPeak(project, 'run');
      peaks.push(finished.peakBytes);
      await statement(around, `DROP TABLE bench.own_${round}`);
      return finished.seconds;
    },
    other: async round => {
      const taken = await copyIn(around, `other_${round}`);
      await statement(around, `DROP TABLE bench.other_${round}`);
      return taken;
    },
  });
  const what = `${around.rows / 1e6} M rows out to a new PostgreSQL table`;
  return [ratioFigure(what, { ...times, against: 'psql \\copy', goal: 0.8 }), memoryFigure(peaks, 'out')];
}

async function over(around: Surroundings): Promise<readonly Figure[]> {
  const { bench, project } = around;
  writeTransform(around, 'first', 'kept');
  await seeknal(project, 'run');
  const times = await interleave(bench.quick ? 1 : ROUNDS, {
    own: async round => {
      await statement(around, 'VACUUM bench.kept');
      writeTransform(around, round % 2 === 0 ? 'second' : 'first', 'kept');
      return (await seeknal(project, 'run')).seconds;
    },
    other: async round => {
      const taken = await copyIn(around, `other_${round}`);
      await statement(around, `DROP TABLE bench.other_${round}`);
      return taken;
    },
  });
  const what = `${around.rows / 1e6} M rows over an existing table, readers undisturbed`;
  return [ratioFigure(what, { ...times, against: 'psql \\copy to a new table', goal: 1.8 })];
}

async function into(around: Surroundings): Promise<readonly Figure[]> {
  const { bench, project } = around;
  for (const name of ['first', 'second', 'wide']) rmSync(join(project, 'seeknal', `${name}.yml`));
  writeFileSync(
    join(project, 'seeknal', 'kept.yml'),
    'kind: source\nname: kept\nsource: postgresql\ntable: bench.kept\nparams: { connection: pg }\n',
  );
  await statement(around, 'VACUUM ANALYZE bench.kept');
  const peaks: number[] = [];
  const times = await interleave(bench.quick ? 1 : ROUNDS, {
    own: async () => {
      rmSync(join(project, 'target'), { recursive: true, force: true });
      const finished = await seeknalWithPeak(project, 'run');
      peaks.push(finished.peakBytes);
      return finished.seconds;
    },
    other: () => psql(around, `\\copy bench.kept to '${join(project, 'out.csv')}' with (format csv, header)`),
  });
  const what = `${around.rows / 1e6} M rows in from PostgreSQL, with their identity`;
  return [ratioFigure(what, { ...times, against: 'psql \\copy to a file', goal: 1.3 }), memoryFigure(peaks, 'in')];
}

function memoryFigure(peaks: readonly number[], direction: 'in' | 'out'): Figure {
  const own = median(peaks);
  return {
    what: `peak memory on the way ${direction}, with \`memory_limit: ${LIMIT.text}\``,
    measured: megabytes(own),
    against: 'the limit and 200 MB',
    goal: `≤ ${megabytes(LIMIT.bytes + OUTSIDE_LIMIT)}`,
    met: own <= LIMIT.bytes + OUTSIDE_LIMIT,
  };
}
