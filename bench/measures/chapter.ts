import { cpSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { DuckDBInstance } from '@duckdb/node-api';
import { parse } from 'yaml';
import { interleave, median } from '../interleave.ts';
import { type Bench, type Figure, type Measure, megabytes, ratioFigure } from '../measure.ts';
import { bareDuckdb, seeknalWithPeak } from '../processes.ts';

const EXAMPLE = fileURLToPath(new URL('../../examples/ecommerce', import.meta.url));
const ROWS = 5_000_000;
const QUICK_ROWS = 100_000;
const LIMIT = { text: '2GB', bytes: 2e9 };
/** Memory of Node and of DuckDB's code, which DuckDB's limit does not cover. */
const OUTSIDE_LIMIT = 500e6;
const ORDER = ['raw_orders', 'orders_updates', 'orders_cleaned', 'orders_merged', 'daily_revenue'];

/** The guide's pipeline over many rows, against DuckDB with the same SQL, files and memory limit. */
export const chapter: Measure = {
  name: 'chapter',
  async run(bench) {
    const project = await writeChapter(bench);
    const peaks: { readonly own: number[]; readonly other: number[] } = { own: [], other: [] };
    const times = await interleave(bench.quick ? 1 : 3, {
      own: async () => {
        const finished = await seeknalWithPeak(project, 'run', '--full', '--yes');
        peaks.own.push(finished.peakBytes);
        return finished.seconds;
      },
      other: async () => {
        const folder = bench.folder();
        const statements = statementsOf(project, folder);
        const finished = await bareDuckdb(folder, { settings: { memory_limit: LIMIT.text }, statements });
        peaks.other.push(finished.peakBytes);
        return finished.seconds;
      },
    });
    const against = { ...times, against: 'the same SQL in bare DuckDB', goal: 1.25 };
    const rows = (bench.quick ? QUICK_ROWS : ROWS) / 1e6;
    return [ratioFigure(`the guide's pipeline, ${rows} M orders`, against), memoryFigure(peaks)];
  },
};

function memoryFigure(peaks: { readonly own: readonly number[]; readonly other: readonly number[] }): Figure {
  const own = median(peaks.own);
  return {
    what: `its peak memory, with \`memory_limit: ${LIMIT.text}\``,
    measured: megabytes(own),
    against: `bare DuckDB (${megabytes(median(peaks.other))})`,
    goal: `≤ ${megabytes(LIMIT.bytes + OUTSIDE_LIMIT)}`,
    met: own <= LIMIT.bytes + OUTSIDE_LIMIT,
  };
}

async function writeChapter(bench: Bench): Promise<string> {
  const project = bench.folder();
  cpSync(EXAMPLE, project, { recursive: true });
  const settings = join(project, 'seeknal_project.yml');
  writeFileSync(settings, `${readFileSync(settings, 'utf8')}settings: { memory_limit: ${LIMIT.text} }\n`);
  const rows = bench.quick ? QUICK_ROWS : ROWS;
  bench.say(`writing ${rows} orders…`);
  await writeOrders(join(project, 'data', 'orders.csv'), { rows, from: 0 });
  await writeOrders(join(project, 'data', 'orders_updates.csv'), { rows: rows / 50, from: rows * 0.95 });
  return project;
}

/** Has the same defects as the sample data: missing customers, untidy states, negative numbers, duplicate orders. */
async function writeOrders(path: string, { rows, from }: { readonly rows: number; readonly from: number }) {
  const instance = await DuckDBInstance.create(':memory:');
  const connection = await instance.connect();
  await connection.run(`COPY (
    SELECT
      'ORD-' || (${from} + i - CASE WHEN i % 20 = 19 THEN 1 ELSE 0 END) AS order_id,
      CASE WHEN i % 50 = 0 THEN NULL ELSE 'CUST-' || (hash(i) % 100000) END AS customer_id,
      DATE '2024-01-01' + (hash(i, 1) % 730)::INTEGER AS order_date,
      ['completed', 'COMPLETED ', 'pending', 'Cancelled'][1 + (hash(i, 2) % 4)::INTEGER] AS status,
      ((hash(i, 3) % 100000)::BIGINT - 1000) / 100 AS revenue,
      (hash(i, 4) % 12)::INTEGER - 1 AS items
    FROM range(${rows}) AS r(i)
  ) TO '${path}' (FORMAT csv, HEADER)`);
  connection.closeSync();
  instance.closeSync();
}

interface Definition {
  readonly kind: string;
  readonly name: string;
  readonly table: string;
  readonly schema: readonly { readonly name: string; readonly data_type: string }[];
  readonly transform: string;
}

function statementsOf(project: string, into: string): readonly string[] {
  const folder = join(project, 'seeknal');
  const files = readdirSync(folder, { recursive: true }).map(String);
  const definitions = files
    .filter(file => file.endsWith('.yml'))
    // The example's files have this shape.
    .map(file => parse(readFileSync(join(folder, file), 'utf8')) as Definition)
    .sort((a, b) => ORDER.indexOf(a.name) - ORDER.indexOf(b.name));
  const tables = definitions.flatMap(definition => {
    const file = `'${join(into, `${definition.kind}_${definition.name}.parquet`)}'`;
    return [
      `COPY (${queryOf(definition, project)}) TO ${file} (FORMAT parquet)`,
      `CREATE VIEW ${definition.kind}.${definition.name} AS FROM read_parquet(${file})`,
    ];
  });
  return ['CREATE SCHEMA source', 'CREATE SCHEMA transform', ...tables];
}

function queryOf({ kind, table, schema, transform }: Definition, project: string): string {
  if (kind === 'transform') return transform.replace(/ref\('([\w.]+)'\)/g, '$1');
  const types = schema.map(column => `'${column.name}': '${column.data_type}'`);
  return `SELECT * FROM read_csv('${join(project, table)}', header = true, delim = ',', types = {${types.join(', ')}})`;
}
