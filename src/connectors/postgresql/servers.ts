import type { Connection } from '../../core/connection.ts';
import type { SourceNode } from '../../core/definition/nodes/node.ts';
import { AttachedDatabase } from '../../engine/attached/attached-database.ts';
import type { ExecutionSettings } from '../../engine/execution/renewed-database.ts';
import { attachedServer } from './attached-server.ts';
import { cancelStatements } from './cancel-statements.ts';
import { connect, type PostgresClient } from './client.ts';
import { type HeldMoment, holdMoment, type Moment } from './held-moment.ts';
import { interrupted } from './open-connection.ts';
import { type PostgresSettings, postgresSettings, type SettingsPlaces } from './settings.ts';

/** The PostgreSQL servers of one command: connections are opened on first use and closed at the end. */
export interface PostgresServers {
  readonly signal: AbortSignal;
  /** The connection of a source, from its own parameters and the profile. */
  ofSource(source: SourceNode): Promise<PostgresSettings>;
  /** A connection of the profile. */
  named(connection: string): Promise<PostgresSettings>;
  /** A client for catalogue queries, shared by all uses of a connection; do not hold a transaction in it. */
  shared(settings: PostgresSettings): Promise<PostgresClient>;
  /** A client of the caller's own, who closes it. */
  own(settings: PostgresSettings): Promise<PostgresClient>;
  /** DuckDB with the server attached read-only, shared by all readers. */
  reader(settings: PostgresSettings): Promise<AttachedDatabase>;
  /** DuckDB with the server attached, for loading; the caller closes it. */
  loader(settings: PostgresSettings): Promise<AttachedDatabase>;
  /** The moment that all readers of a connection see in this command; null with the reason if the server refuses that. */
  moment(settings: PostgresSettings): Promise<Moment>;
}

export interface ServersInput {
  readonly signal: AbortSignal;
  readonly places: SettingsPlaces;
  readonly execution: ExecutionSettings;
  readonly extensionFolders: readonly string[];
  /** A connection of the profile, filled in. */
  connection(name: string): Promise<Connection>;
  /** The connection that a source's own parameters and the profile's defaults describe, filled in. */
  connectionOf(source: SourceNode): Promise<Connection>;
}

/** The servers of a command; `close` closes every connection and database that is still open. */
export function openServers(input: ServersInput): PostgresServers & { close(): Promise<void> } {
  return new OpenServers(input);
}

/** A client, database or moment that must be closed. */
interface Closable {
  close(): Promise<void>;
}

class OpenServers implements PostgresServers {
  readonly signal: AbortSignal;
  readonly #input: ServersInput;
  readonly #named = new Map<string, Promise<PostgresSettings>>();
  readonly #shared = new Map<string, Promise<PostgresClient>>();
  readonly #readers = new Map<string, Promise<AttachedDatabase>>();
  readonly #moments = new Map<string, Promise<HeldMoment>>();
  readonly #open: Promise<Closable>[] = [];
  readonly #ended = new AbortController();
  /** What an interruption must cancel on servers. */
  readonly #cancelling: (() => void)[] = [];

  constructor(input: ServersInput) {
    this.#input = input;
    this.signal = input.signal;
    const cancelAll = (): void => this.#cancelling.forEach(cancel => cancel());
    // One listener for all databases: Node warns of a leak from the eleventh on.
    this.signal.addEventListener('abort', cancelAll, { once: true, signal: this.#ended.signal });
  }

  async ofSource(source: SourceNode): Promise<PostgresSettings> {
    return postgresSettings(await this.#input.connectionOf(source), this.#input.places);
  }

  named(connection: string): Promise<PostgresSettings> {
    return once(this.#named, connection, async () =>
      postgresSettings(await this.#input.connection(connection), this.#input.places),
    );
  }

  async shared(settings: PostgresSettings): Promise<PostgresClient> {
    const key = `${settings.name}\n${serverKey(settings)}`;
    const known = this.#shared.get(key);
    if ((await known)?.isLost === true && this.#shared.get(key) === known) this.#shared.delete(key);
    return once(this.#shared, key, () => this.own(settings));
  }

  own(settings: PostgresSettings): Promise<PostgresClient> {
    return this.#kept(connect(settings, this.signal));
  }

  reader(settings: PostgresSettings): Promise<AttachedDatabase> {
    return once(this.#readers, serverKey(settings), () => this.#attach(settings, true));
  }

  loader(settings: PostgresSettings): Promise<AttachedDatabase> {
    return this.#attach(settings, false);
  }

  moment(settings: PostgresSettings): Promise<Moment> {
    return once(this.#moments, serverKey(settings), () =>
      this.#kept(connect(settings, this.signal).then(client => holdMoment(client, settings.name))),
    );
  }

  async close(): Promise<void> {
    this.#ended.abort();
    const opened = await Promise.allSettled(this.#open);
    const closing = opened.map(async each => (each.status === 'fulfilled' ? each.value.close() : undefined));
    await Promise.allSettled(closing);
  }

  async #attach(settings: PostgresSettings, readOnly: boolean): Promise<AttachedDatabase> {
    // A client tells apart why a connection fails; DuckDB does not.
    await this.shared(settings);
    if (this.signal.aborted) throw interrupted();
    const { execution, extensionFolders } = this.#input;
    const server = attachedServer(settings);
    this.#cancelling.push(() => void cancelStatements(settings, server.applicationName, this.#ended.signal));
    return this.#kept(AttachedDatabase.open({ ...execution, extensionFolders }, { server, readOnly }));
  }

  #kept<T extends Closable>(opening: Promise<T>): Promise<T> {
    this.#open.push(opening);
    return opening;
  }
}

/** Makes a value once per key; a failure is not kept. */
function once<T>(made: Map<string, Promise<T>>, key: string, make: () => Promise<T>): Promise<T> {
  const known = made.get(key);
  if (known !== undefined) return known;
  const making = make();
  made.set(key, making);
  making.catch(() => made.delete(key));
  return making;
}

/** Equal for connections that reach the same database in the same way, whatever their name and their schema. */
const serverKey = ({ name: _name, schema: _schema, lockTimeout: _lockTimeout, ...server }: PostgresSettings): string =>
  JSON.stringify(Object.entries(server).sort());
