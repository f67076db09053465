import { type Command, Option } from 'commander';
import { renderDiff } from '../../views/diff-view.ts';
import { type Cli, perform } from '../command-session.ts';
import { commonOptions, given, listOf, type ProjectFlags, wholeNumber, withProject } from '../options.ts';

interface DiffFlags extends ProjectFlags {
  readonly key?: readonly string[];
  readonly limit?: number;
}

/** `env diff <env> [other] [node]`: differences in the data of two environments. */
export function addEnvironmentDiffCommand(group: Command, cli: Cli): void {
  const command = group
    .command('diff')
    .description('compare the data of an environment with production, or with another environment')
    .argument('<env>', 'the environment')
    .argument('[other]', 'environment to compare with, or a node (default: production)')
    .argument('[node]', 'only this node')
    .addOption(
      new Option('--limit <rows>', 'number of sample rows from each side').argParser(wholeNumber('--limit', 0)),
    )
    .addOption(
      new Option('--key <columns>', 'columns that identify a row (default: guessed)').argParser(listOf('--key')),
    );
  withProject(command).action(
    perform<DiffFlags>(cli, async (session, flags, environment = '', other, node) => {
      const { compareEnvironments } = await import('../../app/environments/compare-environments.ts');
      const document = await compareEnvironments(session.world, {
        environment,
        ...given({ other, node, key: flags.key, limit: flags.limit }),
        ...commonOptions(flags),
      });
      session.assertNotInterrupted();
      await session.result(document, () => renderDiff(document, session.style));
    }),
  );
}
