import pg from 'pg';
import { afterAll } from 'vitest';
import type { Certificates } from './certificates.ts';
import { describeAvailable } from './describe-available.ts';
import { missingExtension } from './extensions.ts';
import { findPostgres } from './postgres-binaries.ts';
import { type PostgresOptions, PostgresServer } from './postgres-server.ts';
import { unavailability } from './unavailable.ts';

/** A private PostgreSQL server of one test file. */
export interface TestPostgres {
  readonly host: string;
  readonly port: number;
  /** A superuser that needs no password. */
  readonly user: string;
  /** Of a server with `tls`; else null. */
  readonly certificates: Certificates | null;
  /** The rows of a statement (the last of several) as PostgreSQL prints them; the database defaults to `postgres`. */
  rows(sql: string, database?: string): Promise<(string | null)[][]>;
  /** Creates an empty database with a name of its own and returns the name. */
  createDatabase(): Promise<string>;
  /** Creates a role that may log in and returns its name; without a password it has none. */
  createUser(name: string, password?: string): Promise<string>;
  /** The folder that is deleted at the end; servers may write there. */
  readonly folder: string;
  /** Unmounts a folder at the end. */
  unmountAtEnd(path: string): void;
  /** What the server has logged so far. */
  log(): string;
  /** Kills every process of the server with SIGKILL. Committed transactions survive. */
  kill(): Promise<void>;
  /** Starts the server again on the same port, after `kill` or by a shutdown that closes all connections. */
  restart(): Promise<void>;
  /** Ends the server and deletes its data. */
  stop(): Promise<void>;
}

const SUPERUSER = 'postgres';
const running = new Map<TestPostgres, PostgresServer>();
let names = 0;

afterAll(async () => {
  for (const postgres of running.keys()) await postgres.stop();
});

/** Starts a server of its own on a free port of 127.0.0.1. It is stopped after the tests of the file, or earlier. */
export async function startPostgres(options: PostgresOptions = {}): Promise<TestPostgres> {
  const server = await PostgresServer.start(options);
  const { host, port, folder, certificates } = server;
  const rows = (sql: string, database = SUPERUSER): Promise<(string | null)[][]> =>
    query({ host, port, database }, sql);
  const postgres: TestPostgres = {
    ...{ host, port, folder, certificates, rows, user: SUPERUSER },
    createDatabase: async () => {
      const name = `test_${(names += 1)}`;
      await rows(`CREATE DATABASE ${name}`);
      return name;
    },
    createUser: async (name, password) => {
      const secret = password === undefined ? '' : ` PASSWORD ${pg.escapeLiteral(password)}`;
      await rows(`CREATE ROLE ${pg.escapeIdentifier(name)} LOGIN${secret}`);
      return name;
    },
    unmountAtEnd: path => server.unmountAtEnd(path),
    log: () => server.log(),
    kill: () => server.kill(),
    restart: async () => {
      await server.shutDown();
      await server.run();
    },
    stop: async () => {
      running.delete(postgres);
      await server.remove();
    },
  };
  running.set(postgres, server);
  return postgres;
}

/**
 * A `describe` that is skipped with the reason where PostgreSQL, or the extension by which DuckDB reaches it, cannot be
 * had; in CI it fails.
 */
export function describePostgres(name: string, body: () => void): void {
  describeAvailable(name, unavailability(findPostgres()) ?? missingExtension('postgres_scanner'), body);
}

async function query(
  place: { readonly host: string; readonly port: number; readonly database: string },
  sql: string,
): Promise<(string | null)[][]> {
  const types = { getTypeParser: () => (value: string) => value };
  const client = new pg.Client({ ...place, user: SUPERUSER, types });
  await client.connect();
  try {
    const result: unknown = await client.query({ text: sql, rowMode: 'array' });
    const last: unknown = Array.isArray(result) ? result.at(-1) : result;
    // Every value is text or null, because the type parser changes none.
    return (last as { readonly rows: (string | null)[][] }).rows;
  } finally {
    await client.end();
  }
}
