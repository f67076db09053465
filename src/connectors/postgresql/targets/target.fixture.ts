import { statSync } from 'node:fs';
import { join } from 'node:path';
import type { Column, NodeId } from '../../../core/definition/nodes/node.ts';
import type { TargetDefinition, WriteMode } from '../../../core/definition/nodes/target-definition.ts';
import type { EnvironmentName } from '../../../core/environment/environment-name.ts';
import type {
  PhysicalTable,
  StoreMark,
  TargetAction,
  TargetOutcome,
} from '../../../core/plan/targets/target-action.ts';
import type { JsonObject } from '../../../core/json.ts';
import { storedType } from '../../../core/types/type-map.ts';
import { Database } from '../../../engine/duckdb.ts';
import { placeOfFile, scan } from '../../../engine/scan.ts';
import { quoteText } from '../../../engine/sql-text.ts';
import { extensionFolder } from '../../../../test/servers/extensions.ts';
import type { TestPostgres } from '../../../../test/servers/postgres.ts';
import { temporaryFolder } from '../../../../test/support/temporary-folder.ts';
import type { TargetRequest, TargetWrite } from '../../target-connector.ts';
import { openServers } from '../servers.ts';
import { postgresTarget } from '../target.ts';
import type { PostgresDetails } from './plan-target.ts';

/** Stored rows, as a node leaves them. */
export type TestArtefact = Pick<TargetWrite, 'columns' | 'rows' | 'place' | 'artefact'>;

let artefacts = 0;

/** Stores the rows of a query of DuckDB. */
export async function artefactOf(query: string): Promise<TestArtefact> {
  const path = join(temporaryFolder(), 'rows.parquet');
  const database = await Database.open();
  const connection = await database.connect();
  try {
    await connection.run(`COPY (${query}) TO ${quoteText(path)} (FORMAT parquet)`);
    const from = scan(placeOfFile(path));
    const described = await connection.rows(`DESCRIBE SELECT * FROM ${from}`);
    const columns: readonly Column[] = described.map(([name, type]) => ({
      name: String(name),
      type: storedType(String(type)) ?? '',
    }));
    const [[rows] = []] = await connection.rows(`SELECT count(*) FROM ${from}`);
    const { size, mtimeMs } = statSync(path);
    const place = { kind: 'files', files: [{ path, size, mtimeMs }] } as const;
    return { columns, rows: Number(rows), place, artefact: `artefact-${(artefacts += 1)}` };
  } finally {
    connection.close();
    database.close();
  }
}

export interface TestTargetOptions {
  /** Default: a superuser's connection to the database. */
  readonly settings?: JsonObject;
  readonly environment?: string;
  readonly lineage?: string;
  readonly signal?: AbortSignal;
  readonly extensionFolders?: readonly string[];
}

/** How a target differs from `shop.orders` in mode `full`. */
export interface TestTarget {
  readonly node?: string;
  readonly table?: string;
  readonly mode?: WriteMode;
  readonly createTable?: boolean;
  readonly cascade?: boolean;
  readonly adopt?: boolean;
  readonly written?: PhysicalTable | null;
  readonly known?: readonly PhysicalTable[];
}

/** A store that writes to a database, as a command does: it remembers what it wrote. */
export class TestTargets {
  readonly mark: StoreMark;
  readonly #servers: ReturnType<typeof openServers>;
  readonly connector: ReturnType<typeof postgresTarget>;
  /** By the table's name, what was written last. */
  readonly #written = new Map<string, PhysicalTable>();

  constructor(server: Pick<TestPostgres, 'host' | 'port'>, database: string, options: TestTargetOptions = {}) {
    const { environment = null, lineage = 'lineage-1' } = options;
    // The names in tests are valid.
    this.mark = { lineage, environment: environment as EnvironmentName | null };
    const settings = { host: server.host, port: server.port, database, user: 'postgres', sslmode: 'disable' };
    const root = temporaryFolder();
    this.#servers = openServers({
      signal: options.signal ?? new AbortController().signal,
      places: { root, home: root },
      execution: { threads: 2, memoryLimit: null, temporaryDirectory: join(root, 'spill') },
      extensionFolders: options.extensionFolders ?? [extensionFolder()],
      connection: name => Promise.resolve({ name, type: 'postgresql', settings: { ...settings, ...options.settings } }),
      connectionOf: () => Promise.reject(new Error('no source is read')),
    });
    this.connector = postgresTarget({ servers: this.#servers });
  }

  close(): Promise<void> {
    return this.#servers.close();
  }

  request(columns: readonly Column[] | null, target: TestTarget = {}): TargetRequest {
    const definition = definitionOf(target);
    return {
      node: (target.node ?? 'transform.orders') as NodeId,
      target: definition,
      mark: this.mark,
      columns,
      written: target.written === undefined ? (this.#written.get(definition.table) ?? null) : target.written,
      known: target.known ?? [...this.#written.values()],
      adopt: target.adopt ?? false,
    };
  }

  plan(columns: readonly Column[] | null, target: TestTarget = {}): Promise<TargetAction<PostgresDetails>> {
    return this.connector.plan(this.request(columns, target));
  }

  /** A write that is planned now; throws if the target is refused. */
  async planned(artefact: TestArtefact, target: TestTarget = {}): Promise<TargetWrite<PostgresDetails>> {
    const request = this.request(artefact.columns, target);
    const planned = await this.connector.plan(request);
    if (planned.kind === 'refuse-target') throw new Error(`refused: ${planned.failure.message}`);
    return { ...artefact, planned, request };
  }

  /** Plans and writes one target. */
  async write(artefact: TestArtefact, target: TestTarget = {}): Promise<TargetOutcome> {
    const [outcome] = await this.writeAll([await this.planned(artefact, target)]);
    return outcome!;
  }

  async writeAll(writes: readonly TargetWrite<PostgresDetails>[]): Promise<readonly TargetOutcome[]> {
    const outcomes = await this.connector.write(writes, { loaded: () => undefined });
    outcomes.forEach((outcome, index) => {
      const table = writes[index]?.request.target.table;
      if (outcome.kind === 'written' && table !== undefined) this.#written.set(table, outcome.table);
    });
    return outcomes;
  }
}

function definitionOf(target: TestTarget): TargetDefinition {
  return {
    type: 'postgresql',
    connection: 'local_pg',
    table: target.table ?? 'shop.orders',
    mode: target.mode ?? { kind: 'replace' },
    createTable: target.createTable ?? true,
    cascade: target.cascade ?? false,
    at: null,
  };
}

/** The steps of a plan by their kinds; the failure's code for a refusal. */
export const kindsOf = (action: TargetAction): readonly string[] =>
  action.kind === 'refuse-target' ? [action.failure.code] : action.steps.map(({ kind }) => kind);
