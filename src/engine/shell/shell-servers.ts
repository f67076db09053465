import { ToolError } from '../../diagnostics/tool-error.ts';
import { attachPostgres, loadPostgres, type PostgresServer, withoutSecret } from '../attached/attach-postgres.ts';
import type { Connection, Database } from '../duckdb.ts';
import { quoteName } from '../sql-text.ts';

/** A server that a shell can attach, read-only. */
export interface ShellServer {
  /** Name of its database in the shell. */
  readonly name: string;
  /** Checks within a few seconds that the server answers. Throws a ToolError that says why it does not. */
  reach(signal: AbortSignal): Promise<PostgresServer>;
  /** Cancels on the server what the shell runs there, until `ended`. */
  cancel(ended: AbortSignal): void;
}

export interface ShellServersInput {
  readonly servers: readonly ShellServer[];
  /** Names of those to attach when the shell opens; the others are attached when a statement needs them. */
  readonly first: readonly string[];
  readonly extensionFolders: readonly string[];
}

/** A failure to attach one or more servers. */
export interface AttachFailure {
  readonly names: readonly string[];
  readonly error: unknown;
}

/** The servers of a shell: which of them its databases attach, and why others are not attached. */
export class ShellServers {
  readonly #input: ShellServersInput;
  /** By name; every database of the shell attaches these. */
  readonly #reached = new Map<string, PostgresServer>();
  readonly #failures = new Map<string, unknown>();
  #isLoaded = false;

  constructor(input: ShellServersInput = { servers: [], first: [], extensionFolders: [] }) {
    this.#input = input;
  }

  get count(): number {
    return this.#input.servers.length;
  }

  /** Names of the attached servers. */
  get attached(): readonly string[] {
    return this.#input.servers.map(({ name }) => name).filter(name => this.#reached.has(name));
  }

  /** Whether the functions of DuckDB's extension exist in a database of the shell. */
  get isLoaded(): boolean {
    return this.#isLoaded;
  }

  /** Reaches the servers that the shell attaches first, all at once. Never throws. */
  async reachFirst(signal: AbortSignal): Promise<void> {
    const first = this.#input.servers.filter(({ name }) => this.#input.first.includes(name));
    await Promise.all(first.map(server => this.#reach(server, signal)));
  }

  /** Attaches all reached servers to a new database, before it is locked. Servers that fail count as not attached. */
  async attach(database: Database): Promise<void> {
    if (this.#reached.size === 0) return;
    const connection = await database.connect();
    try {
      await loadPostgres(connection, this.#input.extensionFolders);
      this.#isLoaded = true;
    } catch (error) {
      for (const name of this.attached) this.#fail(name, error);
    } finally {
      connection.close();
    }
    await Promise.all([...this.#reached].map(async ([name, server]) => this.#attachOne(database, name, server)));
  }

  /** Detaches all: a database that has a server which is gone attached cannot list its tables. */
  async detach(connection: Connection): Promise<void> {
    for (const name of this.attached) {
      await connection.run(`DETACH ${quoteName(name)}`);
      this.#reached.delete(name);
    }
  }

  /** The server whose absence made a statement fail; null if there is none. */
  missing(error: unknown): ShellServer | null {
    const words = error instanceof Error ? error.message.toLowerCase() : '';
    const isNamed = ({ name }: ShellServer): boolean =>
      ['catalog', 'schema', 'database'].some(what => words.includes(`${what} "${name.toLowerCase()}"`));
    return this.#input.servers.find(server => !this.#reached.has(server.name) && isNamed(server)) ?? null;
  }

  /** Reaches one more server; a failure that nobody has seen yet is thrown at once. */
  async reach(server: ShellServer, signal: AbortSignal): Promise<void> {
    this.assertNoFailure(server.name);
    await this.#reach(server, signal);
    this.assertNoFailure(server.name);
  }

  /** Throws why a server could not be attached, once. */
  assertNoFailure(name: string): void {
    const error = this.#failures.get(name);
    this.#failures.delete(name);
    if (error !== undefined) throw error;
  }

  /** The failures so far, each once. */
  takeFailures(): readonly AttachFailure[] {
    const failures = this.#input.servers.flatMap(({ name }) => {
      const error = this.#failures.get(name);
      return error === undefined ? [] : [[name, error] as const];
    });
    this.#failures.clear();
    return [...new Set(failures.map(([, error]) => error))].map(error => ({
      error,
      names: failures.filter(([, other]) => other === error).map(([name]) => name),
    }));
  }

  /** Makes the next read of a mentioned server see its present tables: DuckDB keeps what it has seen. */
  async refresh(connection: Connection, sql: string): Promise<void> {
    if (this.attached.some(name => mentions(sql, name))) await connection.run('CALL pg_clear_cache()');
  }

  /** Cancels on all attached servers when the signal aborts, until the returned function is called. */
  cancelOn(signal: AbortSignal): () => void {
    const ended = new AbortController();
    const cancel = (): void => {
      for (const { name, cancel: stop } of this.#input.servers) if (this.#reached.has(name)) stop(ended.signal);
    };
    signal.addEventListener('abort', cancel, { signal: ended.signal });
    return () => ended.abort();
  }

  /** An error without the passwords of the servers. */
  withoutSecrets(error: unknown): unknown {
    return withoutSecret(error, [...this.#reached.values()]);
  }

  async #reach(server: ShellServer, signal: AbortSignal): Promise<void> {
    try {
      this.#reached.set(server.name, await server.reach(signal));
    } catch (error) {
      this.#fail(server.name, error);
    }
  }

  async #attachOne(database: Database, name: string, server: PostgresServer): Promise<void> {
    const connection = await database.connect();
    try {
      await attachPostgres(connection, { name, server, readOnly: true });
    } catch (error) {
      this.#fail(name, error);
    } finally {
      // The attached database keeps what it needs, and nobody can ask for a secret that does not exist.
      await connection.run(`DROP SECRET IF EXISTS ${quoteName(name)}`);
      connection.close();
    }
  }

  #fail(name: string, error: unknown): void {
    this.#reached.delete(name);
    this.#failures.set(name, error);
  }
}

/** Whether a text contains a name, in any case, as itself or as a quoted name. */
export function mentions(sql: string, name: string): boolean {
  const text = sql.toLowerCase();
  return text.includes(name.toLowerCase()) || text.includes(name.toLowerCase().replaceAll('"', '""'));
}

/** Whether a statement failed because a server could not be reached; DuckDB does not say which. */
export const isUnreachable = (error: unknown): boolean =>
  error instanceof Error && !(error instanceof ToolError) && error.message.includes('Unable to connect to Postgres');
