import { type Command, Option } from 'commander';
import { renderDiff } from '../../views/diff-view.ts';
import { type Cli, perform } from '../command-session.ts';
import { commonOptions, given, listOf, type ProjectFlags, wholeNumber, withProject } from '../options.ts';

interface DiffFlags extends ProjectFlags {
  readonly key?: readonly string[];
  readonly limit?: number;
}

/** `env diff <env> [other] [node]`: what differs in the data of two environments. */
export function addEnvironmentDiffCommand(group: Command, cli: Cli): void {
  const command = group
    .command('diff')
    .description('compare the data of an environment with production, or with another environment')
    .argument('<env>', 'the environment')
    .argument('[other]', 'what it is compared with, or the node; production unless given')
    .argument('[node]', 'only this node')
    .addOption(new Option('--limit <rows>', 'show so many rows of either side').argParser(wholeNumber('--limit', 0)))
    .addOption(
      new Option('--key <columns>', 'columns that tell rows apart; guessed unless given').argParser(listOf('--key')),
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
