import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync } from 'node:fs';
import pg from 'pg';
import { schemaViolations } from '../schemas.ts';
import type { TestPostgres } from '../servers/postgres.ts';
import { extensionFolder } from '../servers/extensions.ts';
import { BINARY, type Outcome } from '../support/run-binary.ts';
import { addNode, type RunOptions, TestProject } from './harness.ts';

type Rows = (string | null)[][];

/** One document of a command, of any format; its parts are compared whole. */
export interface ShopDocument {
  readonly status: string;
  readonly serial: number | null;
  readonly nodes: readonly ShopNode[];
  readonly diagnostics: readonly { readonly code: string; readonly message: string; readonly hint: string | null }[];
  readonly [key: string]: unknown;
}

interface ShopNode {
  readonly id: string;
  readonly status: string;
  readonly targets: readonly {
    readonly physical: string;
    readonly status: string;
    readonly rows: number | null;
    readonly error: { readonly code: string; readonly message: string } | null;
  }[];
}

export interface ShopOutcome extends Outcome {
  readonly document: ShopDocument;
}

/** A project whose profile has one connection, `shop`, to a database of its own. */
export class ShopProject extends TestProject {
  readonly #postgres: TestPostgres;
  readonly database: string;

  constructor(postgres: TestPostgres, database: string) {
    super();
    this.#postgres = postgres;
    this.database = database;
  }

  /** The rows of a statement on the project's database, as a superuser. */
  rows(sql: string): Promise<Rows> {
    return this.#postgres.rows(sql, this.database);
  }

  /** Runs a statement in a session that stays open, for example to hold a lock, until the function returned is called. */
  async holding(sql: string): Promise<() => Promise<void>> {
    const { host, port, user } = this.#postgres;
    const client = new pg.Client({ host, port, user, database: this.database });
    await client.connect();
    await client.query(sql);
    return () => client.end();
  }

  /** Where the connection leads, as messages show it. */
  get endpoint(): string {
    return `postgresql://127.0.0.1:${this.#postgres.port}/${this.database}`;
  }

  /** Writes a profile; `settings` override those of the connection. */
  connect(settings: Readonly<Record<string, string | number>> = {}, file = 'profiles.yml'): void {
    const given = { port: this.#postgres.port, database: this.database, user: 'postgres', ...settings };
    const connection = { type: 'postgresql', host: '127.0.0.1', ...given };
    this.write(file, `connections:\n  shop: ${JSON.stringify(connection)}\n`);
  }

  /** Adds `transform.NAME`, or `source.NAME` from CSV text, with external targets. */
  define(id: string, text: string, ...targets: readonly string[]): void {
    addNode(this, id, text, targets.length === 0 ? '' : `materializations:\n${targets.join('')}`);
  }

  /** Adds `source.NAME`, which reads a table of the database. */
  defineSource(name: string, more: string): void {
    const head = `kind: source\nname: ${name}\nsource: postgresql\n`;
    this.write(`seeknal/${name}.yml`, `${head}params: { connection: shop }\n${more}`);
  }

  /** Runs a command with `--json`; the document matches its published schema. */
  async result(words: readonly string[], options: RunOptions = {}): Promise<ShopOutcome> {
    const outcome = await this.run([...words, '--json'], options);
    const document = JSON.parse(outcome.stdout) as ShopDocument;
    const violations = schemaViolations(document);
    if (violations.length > 0) throw new Error(`${words.join(' ')}: ${violations.join('\n')}\n${outcome.stdout}`);
    return { ...outcome, document };
  }

  /** Starts a command in a process of its own, to be killed; `kill` returns its exit code, null if the signal ended it. */
  spawnKillable(words: readonly string[]): { kill(signal: NodeJS.Signals): Promise<number | null> } {
    const env = { PATH: process.env['PATH'], HOME: this.home, SEEKNAL_EXTENSIONS: extensionFolder() };
    const child = spawn(process.execPath, [BINARY, ...words], { cwd: this.root, env, stdio: 'ignore' });
    const ended = once(child, 'exit');
    return {
      kill: async signal => {
        child.kill(signal);
        await ended;
        return child.exitCode;
      },
    };
  }

  /** A copy of the files and of `target/`, for the same database. */
  copy(): ShopProject {
    const copied = new ShopProject(this.#postgres, this.database);
    cpSync(this.root, copied.root, { recursive: true, preserveTimestamps: true });
    return copied;
  }
}

/** An empty project with a database of its own. */
export async function shopProject(postgres: TestPostgres): Promise<ShopProject> {
  const project = new ShopProject(postgres, await postgres.createDatabase());
  project.write('seeknal_project.yml', 'name: shop\n');
  project.connect();
  return project;
}

/** One entry of `materializations:`; `more` continues the mapping. */
export const target = (table: string, more = ''): string =>
  `  - { type: postgresql, connection: shop, table: ${table}${more === '' ? '' : `, ${more}`} }\n`;

export const ORDERS = 'id,amount\n1,10\n2,20\n3,30\n';
export const ORDERS_SQL = "SELECT id, amount FROM ref('source.orders')";

/** `source.orders` from a file, and `transform.orders_clean` with one target. */
export async function ordersProject(
  postgres: TestPostgres,
  table = 'analytics.orders',
  more = '',
): Promise<ShopProject> {
  const project = await shopProject(postgres);
  project.define('source.orders', ORDERS);
  project.define('transform.orders_clean', ORDERS_SQL, target(table, more));
  return project;
}

/** The targets of a result: node, table, status and rows. */
export const targetsOf = ({ nodes }: ShopDocument): readonly (readonly [string, string, string, number | null])[] =>
  nodes.flatMap(({ id, targets }) =>
    targets.map(({ physical, status, rows }) => [id, physical, status, rows] as const),
  );

/** The nodes of a result by status. */
export const statusesOf = ({ nodes }: ShopDocument): Readonly<Record<string, string>> =>
  Object.fromEntries(nodes.map(({ id, status }) => [id, status]));

/** Code, message and hint of each diagnostic. */
export const mistakesOf = ({ diagnostics }: ShopDocument): readonly (readonly [string, string, string | null])[] =>
  diagnostics.map(({ code, message, hint }) => [code, message, hint] as const);
