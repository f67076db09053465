import type { Client, FieldDef, QueryArrayResult } from 'pg';
import type { ToolError } from '../../diagnostics/tool-error.ts';
import { sendCancelRequest } from './cancel-request.ts';
import { connectionFailure, isServerError } from './connection-error.ts';
import { wordsOf } from './connection-problem.ts';
import { describedQuery } from './described-query.ts';
import { interrupted, openConnection } from './open-connection.ts';
import type { PostgresSettings } from './settings.ts';

/** One connection to a server, for catalogue queries and transactions; runs one statement at a time, others wait. */
export interface PostgresClient {
  /** Whether the connection is encrypted. */
  readonly tls: boolean;
  /** The protocol, such as `TLSv1.3`; null if the connection is not encrypted. */
  readonly tlsProtocol: string | null;
  /** Whether the connection was lost, so that every further statement fails. */
  readonly isLost: boolean;
  /**
   * Rows of one statement, with values as text (NULL is null); parameters are `$1`, `$2`, … . Throws `PostgresError` for an
   * error of the server, and a ToolError if the connection is lost or the command was interrupted.
   */
  rows(sql: string, parameters?: readonly (string | number | null)[]): Promise<readonly (readonly (string | null)[])[]>;
  /** Runs one or more statements without parameters; the number of rows that the last one affected. */
  run(sql: string): Promise<number>;
  /** Output columns of a query, without running it. */
  describe(query: string): Promise<readonly DescribedField[]>;
  /** Runs `work` in a transaction with these properties, such as `ISOLATION LEVEL REPEATABLE READ, READ ONLY`. */
  transaction<T>(properties: string, work: () => Promise<T>): Promise<T>;
  close(): Promise<void>;
}

/** An output column of a query. */
export interface DescribedField {
  readonly name: string;
  /** OID of the type. */
  readonly type: number;
  /** -1 for none. */
  readonly modifier: number;
  /** OID and column number of the table that it comes from; 0 for expressions. */
  readonly table: number;
  readonly column: number;
}

/** An error that the server sent. */
export class PostgresError extends Error {
  /** SQLSTATE, five characters. */
  readonly state: string;
  readonly detail: string | null;
  readonly hint: string | null;

  constructor(state: string, message: string, more: { readonly detail?: string; readonly hint?: string } = {}) {
    super(message);
    this.name = 'PostgresError';
    this.state = state;
    this.detail = more.detail ?? null;
    this.hint = more.hint ?? null;
  }
}

/** Connects to a server. Throws a ToolError that tells the causes apart; it repeats no secret. */
export async function connect(settings: PostgresSettings, signal: AbortSignal): Promise<PostgresClient> {
  return new OpenClient(await openConnection(settings, signal), settings, signal);
}

type Result = QueryArrayResult<(string | null)[]>;

/** How often a running statement is cancelled until it ends, and when the connection is given up instead. */
const CANCEL_EVERY_MS = 250;
const CANCEL_AT_MOST = 20;

const FAILED_TRANSACTION = '25P02';

class OpenClient implements PostgresClient {
  readonly tlsProtocol: string | null;
  readonly #client: Client;
  readonly #settings: PostgresSettings;
  readonly #signal: AbortSignal;
  /** Settles when no statement is running or waiting. */
  #last: Promise<unknown> = Promise.resolve();
  /** Why the connection was lost. */
  #lost: unknown = null;

  constructor(client: Client, settings: PostgresSettings, signal: AbortSignal) {
    this.#client = client;
    this.#settings = settings;
    this.#signal = signal;
    this.tlsProtocol = protocolOf(client);
    client.on('error', error => (this.#lost ??= error));
  }

  get tls(): boolean {
    return this.tlsProtocol !== null;
  }

  get isLost(): boolean {
    return this.#lost !== null;
  }

  async rows(sql: string, parameters: readonly (string | number | null)[] = []): Promise<readonly (string | null)[][]> {
    return (await this.#query(sql, parameters)).rows;
  }

  async run(sql: string): Promise<number> {
    return (await this.#query(sql)).rowCount ?? 0;
  }

  async describe(query: string): Promise<readonly DescribedField[]> {
    const fields = await this.#next(() => {
      const described = describedQuery(query);
      this.#client.query(described.submittable);
      return described.fields;
    });
    return fields.map(fieldOf);
  }

  async transaction<T>(properties: string, work: () => Promise<T>): Promise<T> {
    await this.run(`BEGIN ${properties}`);
    try {
      const result = await work();
      const { command } = await this.#query('COMMIT');
      if (command !== 'COMMIT')
        throw new PostgresError(FAILED_TRANSACTION, 'the transaction failed and was rolled back');
      return result;
    } catch (error) {
      await this.#rollBack();
      throw error;
    }
  }

  async close(): Promise<void> {
    await this.#client.end().catch(() => undefined);
  }

  async #query(text: string, values: readonly (string | number | null)[] = []): Promise<Result> {
    const result: unknown = await this.#next(() => this.#client.query({ text, values: [...values], rowMode: 'array' }));
    // The driver returns a list if the text has several statements, and its types do not say so.
    return (Array.isArray(result) ? result.at(-1) : result) as Result;
  }

  /** After statements that still run, and also after an interruption: the connection may be shared. */
  async #rollBack(): Promise<void> {
    const rollback = this.#last.then(() => (this.#lost === null ? this.#client.query('ROLLBACK') : undefined));
    this.#last = rollback.catch(() => undefined);
    await this.#last;
  }

  /** Runs a statement once all earlier ones have ended; an abort cancels it. */
  #next<T>(work: () => Promise<T>): Promise<T> {
    const next = this.#last.then(() => this.#interruptible(work));
    this.#last = next.catch(() => undefined);
    return next;
  }

  async #interruptible<T>(work: () => Promise<T>): Promise<T> {
    if (this.#signal.aborted) throw interrupted();
    const stopListening = this.#cancelOnAbort();
    try {
      return await work();
    } catch (error) {
      throw this.#signal.aborted ? interrupted() : this.#failure(error);
    } finally {
      stopListening();
    }
  }

  #failure(error: unknown): Error {
    if (isServerError(error) && error.severity !== 'FATAL' && error.severity !== 'PANIC') return asPostgresError(error);
    this.#lost ??= error;
    return connectionLost(this.#settings, this.#lost);
  }

  /** Repeated, because a request that arrives before the statement has no effect. */
  #cancelOnAbort(): () => void {
    let timer: NodeJS.Timeout | null = null;
    let sent = 0;
    const cancel = (): void => {
      timer ??= setInterval(cancel, CANCEL_EVERY_MS);
      if ((sent += 1) > CANCEL_AT_MOST) this.#client.connection.stream.destroy();
      else sendCancelRequest({ host: this.#settings.host, port: this.#settings.port, ...keyOf(this.#client) });
    };
    this.#signal.addEventListener('abort', cancel);
    return () => {
      this.#signal.removeEventListener('abort', cancel);
      if (timer !== null) clearInterval(timer);
    };
  }
}

/** The error of a connection that broke; in doubt whether the server carried out the last statement. */
function connectionLost(settings: PostgresSettings, cause: unknown): ToolError {
  const what = `the connection was lost (${wordsOf(cause, settings)})`;
  const hint = 'Check the server and its log, then run the command again.';
  return connectionFailure(settings, { code: 'connection-lost', what }, { hint, cause });
}

function asPostgresError({
  code,
  message,
  detail,
  hint,
}: { code?: string | undefined } & DatabaseWords): PostgresError {
  return new PostgresError(code ?? '', message, {
    ...(detail === undefined ? {} : { detail }),
    ...(hint === undefined ? {} : { hint }),
  });
}

interface DatabaseWords {
  readonly message: string;
  readonly detail?: string | undefined;
  readonly hint?: string | undefined;
}

const fieldOf = (field: FieldDef): DescribedField => ({
  name: field.name,
  type: field.dataTypeID,
  modifier: field.dataTypeModifier,
  table: field.tableID,
  column: field.columnID,
});

function protocolOf(client: Client): string | null {
  // A TLS socket if the connection is encrypted; the driver's types do not say which.
  const stream = client.connection.stream as { getProtocol?: () => string | null };
  return stream.getProtocol?.() ?? null;
}

/** The driver's types hide both, but they exist once it has connected. */
const keyOf = (client: Client): { processId: number; secretKey: number } => {
  const { processID, secretKey } = client as unknown as { processID: number; secretKey: number };
  return { processId: processID, secretKey };
};
