import type { ShellServer } from '../../engine/shell/shell-servers.ts';
import { attachedServer } from './attached-server.ts';
import { cancelStatements } from './cancel-statements.ts';
import { connect } from './client.ts';
import type { PostgresSettings } from './settings.ts';

const MOST_SECONDS = 5;

/** A connection as a server of the shell. Its settings are asked for, and checked, when it is attached. */
export function shellServer(name: string, settingsOf: () => Promise<PostgresSettings>): ShellServer {
  let cancel: (ended: AbortSignal) => void = () => undefined;
  return {
    name,
    async reach(signal) {
      const given = await settingsOf();
      const settings = { ...given, connectTimeout: Math.min(given.connectTimeout, MOST_SECONDS) };
      // A client tells apart why a connection fails, and keeps to the time; DuckDB does neither.
      const client = await connect(settings, signal);
      void client.close();
      const server = attachedServer(settings);
      cancel = ended => void cancelStatements(settings, server.applicationName, ended);
      return server;
    },
    cancel: ended => cancel(ended),
  };
}
