import type { Command } from 'commander';
import { shellWord } from '../../views/text/shell-text.ts';
import { type Cli, perform } from '../command-session.ts';
import { given, withJson } from '../options.ts';

interface DraftFlags {
  readonly json?: boolean;
  readonly description?: string;
  readonly force?: boolean;
}

/** `draft <kind> <name>`: a commented template. */
export function addDraftCommand(parent: Command, cli: Cli): void {
  const command = parent
    .command('draft')
    .description('write a commented template of a node into the working directory')
    .argument('<kind>', 'source or transform')
    .argument('<name>', "the node's name")
    .option('-d, --description <text>', 'description of the node')
    .option('-f, --force', 'overwrite a draft of that name');
  withJson(command).action(
    perform<DraftFlags>(cli, async (session, flags, kind = '', name = '') => {
      const { draftNode } = await import('../../app/nodes/draft-node.ts');
      const { description, force } = flags;
      const { file } = draftNode(session.world, { kind, name, ...given({ description, force }) });
      await session.result({ format: 'seeknal.draft', version: 1, file }, () =>
        [
          `${session.style.good('✓')} Draft written to ${file}.`,
          `  Edit it, then: seeknal dry-run ${shellWord(file)}`,
          `                 seeknal apply ${shellWord(file)}`,
          '',
        ].join('\n'),
      );
    }),
  );
}
