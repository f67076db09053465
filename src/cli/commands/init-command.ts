import type { Command } from 'commander';
import { renderInit } from '../../views/init-view.ts';
import { type Cli, perform } from '../command-session.ts';
import { confirm } from '../confirm.ts';
import { given, withJson, withYes, type YesFlag } from '../options.ts';

interface InitFlags extends YesFlag {
  readonly json?: boolean;
  readonly name?: string;
  readonly description?: string;
  readonly path?: string;
  readonly force?: boolean;
  readonly template?: string;
}

/** `init`: creates a project that is ready to run. */
export function addInitCommand(parent: Command, cli: Cli): void {
  const command = parent
    .command('init')
    .description('create a project that is ready to run')
    .option('--name <name>', 'project name (default: folder name)')
    .option('-d, --description <text>', 'project description')
    .option('--path <folder>', 'folder for the project (default: current folder)')
    .option('--template <template>', 'ecommerce (with sample data) or empty', 'ecommerce')
    .option('-f, --force', 'overwrite an existing project; profiles are kept');
  withYes(withJson(command)).action(
    perform<InitFlags>(cli, async (session, flags) => {
      const { initProject, inspectInit } = await import('../../app/maintenance/init-project.ts');
      const { name, description, path, force, template } = flags;
      const options = given({ name, description, path, force, template });
      const { root, exists } = inspectInit(session.world, options);
      if (exists && force === true) {
        await confirm(session, `Write the template over the project in ${root}?`, {
          what: 'init --force',
          yes: flags.yes === true,
        });
      }
      const made = initProject(session.world, options);
      await session.result({ format: 'seeknal.init', version: 1, ...made }, () => renderInit(made, session.style));
    }),
  );
}
