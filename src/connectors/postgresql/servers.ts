import type { AttachedDatabase } from '../../engine/attached/attached-database.ts';
import type { SourceNode } from '../../core/definition/nodes/node.ts';
import type { PostgresClient } from './client.ts';
import type { ExecutionSettings } from '../../engine/execution/renewed-database.ts';
import type { Connection } from '../../core/connection.ts';
import type { PostgresSettings, SettingsPlaces } from './settings.ts';

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

/** A snapshot that is held by a client until the command ends. */
export interface Moment {
  /** For `SET TRANSACTION SNAPSHOT`; null if each reader sees its own moment. */
  readonly snapshot: string | null;
  /** Why there is none, as a sentence; null if there is one. */
  readonly warning: string | null;
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
  throw new Error(`not built: ${input.places.root}`);
}
