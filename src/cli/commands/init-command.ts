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

/** `init`: a project that runs at once. */
export function addInitCommand(parent: Command, cli: Cli): void {
  const command = parent
    .command('init')
    .description('make a project that runs at once')
    .option('--name <name>', "the project's name; that of the folder without it")
    .option('-d, --description <text>', 'what the project is for')
    .option('--path <folder>', 'where to make it; here without it')
    .option('--template <template>', 'ecommerce, with sample data, or empty', 'ecommerce')
    .option('-f, --force', 'write the template over a project; profiles are always kept');
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
