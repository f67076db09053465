import type { Command } from 'commander';
import { renderConnectionTest } from '../../views/connection-test-view.ts';
import { type Cli, perform, profilePath } from '../command-session.ts';
import { commonOptions, given, type ProfileFlags, type ProjectFlags, withProfile, withProject } from '../options.ts';

interface ConnectionTestFlags extends ProjectFlags, ProfileFlags {
  readonly env?: string;
}

/** `connection-test`: connects with a connection of the profile, and changes nothing. */
export function addConnectionTestCommand(parent: Command, cli: Cli): void {
  const command = parent
    .command('connection-test')
    .description('check that a connection of the profile works, and say what to try if not')
    .argument('<connection>', 'name of the connection')
    .option('--env <env>', 'environment whose profile to use (default: production)');
  withProfile(withProject(command)).action(
    perform<ConnectionTestFlags>(cli, async (session, flags, connection = '') => {
      const { testConnection } = await import('../../app/maintenance/test-connection.ts');
      const more = given({ profile: profilePath(session.context, flags.profile), environment: flags.env });
      const document = await testConnection(session.world, { ...commonOptions(flags), ...more, connection });
      await session.result(document, () => renderConnectionTest(document, session.style));
      if (document.status === 'ok') session.warn(document.diagnostics);
      return document.status === 'ok' ? 0 : 1;
    }),
  );
}
