import { delimiter, join } from 'node:path';
import { findPostgresConnection } from '../connections/connections.ts';
import { profileFile } from '../connections/discover-profile.ts';
import { passwordCommands } from '../connections/password-command.ts';
import { readProfile } from '../connections/read-profile.ts';
import { connectionOfSource } from '../connections/source-connection.ts';
import { openServers, type PostgresServers } from '../connectors/postgresql/servers.ts';
import type { ProfilePin } from '../core/documents/plan-document.ts';
import { once } from '../core/once.ts';
import type { World } from '../core/world.ts';
import type { ExecutionSettings } from '../engine/execution/renewed-database.ts';

export interface ServersChoice {
  readonly world: World;
  readonly root: string;
  readonly execution: ExecutionSettings;
  /** The profile of the command; null without one. */
  profile(): ProfilePin | null;
}

/** The servers of a command. The profile is read, and passwords are asked for, when a connection is first used. */
export function openCommandServers(choice: ServersChoice): PostgresServers & { close(): Promise<void> } {
  const { world, root, execution } = choice;
  const { variables, signal, home } = world;
  const profile = once(() => {
    const pin = choice.profile();
    return pin && readProfile(profileFile({ root, home }, pin.path), pin.path);
  });
  const fillPassword = passwordCommands({ root, variables, signal });
  return openServers({
    signal,
    places: { root, home },
    execution,
    extensionFolders: extensionFolders(world),
    connection: async name => fillPassword(findPostgresConnection(profile(), name, variables)),
    connectionOf: async source => fillPassword(connectionOfSource(profile(), source, variables)),
  });
}

/** Where DuckDB's extensions may be: `SEEKNAL_EXTENSIONS`, our own folder, and the one that DuckDB's INSTALL writes to. */
export function extensionFolders({ variables, home }: Pick<World, 'variables' | 'home'>): readonly string[] {
  const given = (variables['SEEKNAL_EXTENSIONS'] ?? '').split(delimiter).filter(folder => folder !== '');
  return [...given, join(home, '.seeknal', 'extensions'), join(home, '.duckdb', 'extensions')];
}
