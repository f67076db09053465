import { findPostgresConnection, postgresConnectionNames } from '../../connections/connections.ts';
import { profileFile } from '../../connections/discover-profile.ts';
import { passwordCommands } from '../../connections/password-command.ts';
import { readProfile } from '../../connections/read-profile.ts';
import { postgresSettings } from '../../connectors/postgresql/settings.ts';
import { shellServer } from '../../connectors/postgresql/shell-server.ts';
import type { ProfilePin } from '../../core/documents/plan-document.ts';
import type { World } from '../../core/world.ts';
import { ToolError } from '../../diagnostics/tool-error.ts';
import { type AttachFailure, mentions, ShellServers } from '../../engine/shell/shell-servers.ts';
import { extensionFolders } from '../open-servers.ts';

export interface ReplServersChoice {
  readonly root: string;
  readonly pin: ProfilePin | null;
  /** The SQL of a one-shot query; null for a conversation, which attaches all servers. */
  readonly sql: string | null;
}

interface ReplServers {
  readonly servers: ShellServers;
  /** One warning for each connection whose database has another name. */
  readonly renamed: readonly string[];
}

/** The PostgreSQL connections of a profile as servers of the shell. Mistakes in one count as failures to attach it. */
export function replServers(world: World, { root, pin, sql }: ReplServersChoice): ReplServers {
  if (pin === null) return { servers: new ShellServers(), renamed: [] };
  const { variables, signal, home } = world;
  const profile = readProfile(profileFile({ root, home }, pin.path), pin.path);
  const fillPassword = passwordCommands({ root, variables, signal });
  const named = databaseNames(postgresConnectionNames(profile, variables));
  const wanted = named.filter(({ connection }) => sql === null || mentions(sql, connection));
  const servers = named.map(({ connection, database }) =>
    shellServer(database, async () => {
      const found = await fillPassword(findPostgresConnection(profile, connection, variables));
      return postgresSettings(found, { root, home });
    }),
  );
  const first = wanted.map(({ database }) => database);
  return {
    servers: new ShellServers({ servers, first, extensionFolders: extensionFolders(world) }),
    renamed: wanted.flatMap(renameWarning),
  };
}

/** Names of databases and schemas of the shell, and those by which nodes are called. */
const TAKEN = ['memory', 'system', 'temp', 'main', 'information_schema', 'pg_catalog', 'source', 'transform'];

interface DatabaseName {
  readonly connection: string;
  readonly database: string;
}

/** The database of each connection: its name, with `_pg` added while DuckDB would take it for another one. */
function databaseNames(connections: readonly string[]): readonly DatabaseName[] {
  const taken = new Set([...TAKEN, ...connections.map(name => name.toLowerCase())]);
  const given = new Set<string>(TAKEN);
  return connections.map(connection => {
    let database = connection;
    if (given.has(database.toLowerCase())) while (taken.has(database.toLowerCase())) database += '_pg';
    taken.add(database.toLowerCase());
    given.add(database.toLowerCase());
    return { connection, database };
  });
}

const renameWarning = ({ connection, database }: DatabaseName): readonly string[] =>
  connection === database
    ? []
    : [`connection '${connection}' is attached as ${database}, because the name '${connection}' is taken`];

/** Why servers are not attached, as a warning. */
export function attachWarning({ names, error }: AttachFailure): string {
  const message = error instanceof Error ? error.message : String(error);
  const hint = error instanceof ToolError && error.hint !== null ? ` ${error.hint}` : '';
  return `${names.join(', ')} ${names.length === 1 ? 'is' : 'are'} not attached: ${message}${hint}`;
}
