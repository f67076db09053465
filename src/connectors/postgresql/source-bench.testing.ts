import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { extensionFolder } from '../../../test/servers/extensions.ts';
import type { TestPostgres } from '../../../test/servers/postgres.ts';
import { nodeFromDefinition } from '../../core/definition/nodes/node-from-definition.ts';
import type { Column, NodeId, SourceNode } from '../../core/definition/nodes/node.ts';
import type { EarlierReading, InspectedSource } from '../../core/plan/sources/source-inspection.ts';
import type { Place } from '../../core/state/place.ts';
import { ExecutionSession } from '../../engine/execution/execution-session.ts';
import { placeOfFile, scan } from '../../engine/scan.ts';
import { quoteName } from '../../engine/sql-text.ts';
import type { SourceConnector, StagedData } from '../source-connector.ts';
import { openServers, type PostgresServers } from './servers.ts';
import { postgresSource } from './source.ts';

/** Keys of a source that tests vary. */
export type SourceFields = Partial<
  Pick<SourceNode, 'table' | 'options' | 'schema' | 'onSchemaChange' | 'incremental' | 'freshness'>
>;

/** A PostgreSQL source, `source.orders`. */
export function postgresNode(fields: SourceFields): SourceNode {
  const node = nodeFromDefinition('source.orders' as NodeId, 'seeknal/orders.yml', {
    kind: 'source',
    name: 'orders',
    source: 'csv',
    table: 'unused',
  });
  if (node.kind !== 'source') throw new Error('the definition is not of a source');
  return { ...node, source: 'postgresql', table: '', options: {}, ...fields };
}

type ServerPlace = Pick<TestPostgres, 'host' | 'port' | 'user'>;

export interface BenchOptions {
  readonly database?: string;
  readonly user?: string;
  readonly signal?: AbortSignal;
  /** Other settings of the connection. */
  readonly settings?: Readonly<Record<string, string | number>>;
  readonly memoryLimit?: string;
  /** Reads each source at a moment of its own: tests may make tables between two readings. */
  readonly ownMoments?: boolean;
}

/** Data that were read. */
export interface ReadRows {
  readonly staged: StagedData;
  readonly path: string;
  readonly columns: readonly Column[];
  /** As DuckDB prints them, sorted. */
  readonly rows: readonly (readonly (string | null)[])[];
}

/** A command that reads PostgreSQL sources. */
export class SourceBench {
  readonly servers: PostgresServers & { close(): Promise<void> };
  readonly connector: SourceConnector;
  readonly session: ExecutionSession;
  readonly folder: string;
  readonly staging: string;
  #files = 0;

  private constructor(postgres: ServerPlace, options: BenchOptions, folder: string, session: ExecutionSession) {
    this.folder = folder;
    this.staging = join(folder, 'staging');
    this.session = session;
    const { host, port } = postgres;
    const database = options.database ?? 'postgres';
    const settings = {
      host,
      port,
      database,
      user: options.user ?? postgres.user,
      sslmode: 'disable',
      ...options.settings,
    };
    const connection = { name: 'shop', type: 'postgresql', settings };
    this.servers = openServers({
      signal: options.signal ?? new AbortController().signal,
      places: { root: folder, home: folder },
      execution: { threads: 2, memoryLimit: options.memoryLimit ?? null, temporaryDirectory: join(folder, 'spill') },
      extensionFolders: [extensionFolder()],
      connection: () => Promise.resolve(connection),
      connectionOf: () => Promise.resolve(connection),
    });
    this.connector = postgresSource({ servers: options.ownMoments ? withOwnMoments(this.servers) : this.servers });
  }

  static async open(postgres: ServerPlace, options: BenchOptions = {}): Promise<SourceBench> {
    const folder = mkdtempSync(join(tmpdir(), 'seeknal-postgres-'));
    mkdirSync(join(folder, 'staging'));
    const session = await ExecutionSession.open({
      threads: 1,
      memoryLimit: null,
      temporaryDirectory: join(folder, 'duckdb'),
    });
    return new SourceBench(postgres, options, folder, session);
  }

  async inspect(source: SourceNode, earlier: EarlierReading | null = null): Promise<InspectedSource> {
    const inspection = await this.connector.inspect(source, {
      isKnown: () => Promise.reject(new Error('a database has no versions')),
      earlier: () => earlier,
    });
    if (inspection.columns === null) throw new Error('the source was not inspected');
    return inspection;
  }

  target(): string {
    return join(this.staging, `${(this.#files += 1)}.parquet`);
  }

  /** Inspects and reads a source. */
  async read(
    source: SourceNode,
    { earlier = null, full = false }: { readonly earlier?: EarlierReading | null; readonly full?: boolean } = {},
  ): Promise<ReadRows> {
    const inspection = await this.inspect(source, earlier);
    const path = this.target();
    const staged = await this.connector.read({ source, inspection, into: path, full });
    if (staged.kind !== 'staged') throw new Error(staged.failure.message);
    return { staged, path, columns: staged.columns, rows: await this.rowsIn(path, staged.columns) };
  }

  async rowsIn(path: string, columns: readonly Column[]): Promise<readonly (readonly (string | null)[])[]> {
    const texts = columns.map(({ name }) => `CAST(${quoteName(name)} AS VARCHAR)`).join(', ');
    const rows = await this.session.rows(`SELECT ${texts} FROM ${scan(placeOfFile(path))} ORDER BY ALL NULLS FIRST`);
    return rows.map(row => row.map(value => (value === null ? null : String(value))));
  }

  /** Files that were left in the folder of the staged data. */
  staged(): readonly string[] {
    return readdirSync(this.staging).sort();
  }

  /** Files that were left in the folder for temporary files. */
  spilled(): readonly string[] {
    const spill = join(this.folder, 'spill');
    return existsSync(spill) ? readdirSync(spill) : [];
  }

  async close(): Promise<void> {
    await this.servers.close();
    await this.session.close();
    rmSync(this.folder, { recursive: true, force: true });
  }
}

const withOwnMoments = (servers: PostgresServers): PostgresServers => ({
  signal: servers.signal,
  ofSource: source => servers.ofSource(source),
  named: name => servers.named(name),
  shared: settings => servers.shared(settings),
  own: settings => servers.own(settings),
  reader: settings => servers.reader(settings),
  loader: settings => servers.loader(settings),
  moment: () => Promise.resolve({ snapshot: null, warning: null }),
});

/** A reading as the next one sees it. */
export const asEarlier = ({ staged, path }: ReadRows, fields: Partial<EarlierReading> = {}): EarlierReading => ({
  sameDefinition: true,
  columns: staged.columns,
  rows: staged.rows,
  dialect: null,
  // Only the paths are read.
  data: { place: placeOfFile(path) as Place, endpoint: staged.endpoint, bookmark: staged.bookmark },
  ...fields,
});

/** The error of work that fails. */
export async function failureOf(work: Promise<unknown>): Promise<unknown> {
  return work.then(
    value => new Error(`did not fail: ${JSON.stringify(value)}`),
    (error: unknown) => error,
  );
}

let tables = 0;

/** Makes a table with a column `c` of this type. */
export async function makeTable(postgres: TestPostgres, type: string, values: readonly string[]): Promise<string> {
  const name = `t${(tables += 1)}`;
  const inserts = values.map(value => `INSERT INTO ${name} VALUES (${value});`).join('');
  await postgres.rows(`SET datestyle = 'ISO, MDY'; SET timezone = 'UTC'; CREATE TABLE ${name} (c ${type}); ${inserts}`);
  return name;
}
