import type { Command } from 'commander';
import { renderDefinitions } from '../../views/definitions-view.ts';
import { type Cli, perform, profilePath } from '../command-session.ts';
import { commonOptions, given, type ProfileFlags, type ProjectFlags, withProfile, withProject } from '../options.ts';

interface DiffFlags extends ProjectFlags, ProfileFlags {
  readonly type?: string;
  readonly stat?: boolean;
}

/** `diff [node]`: edits since production was built, and their effects. */
export function addDiffCommand(parent: Command, cli: Cli): void {
  const command = parent
    .command('diff')
    .description('show how the definitions on disk differ from those of production')
    .argument('[node]', 'only this node')
    .option('--type <kind>', 'only nodes of this kind: source or transform')
    .option('--stat', 'one line for each node');
  withProfile(withProject(command)).action(
    perform<DiffFlags>(cli, async (session, flags, node) => {
      const { diffDefinitions } = await import('../../app/nodes/diff-definitions.ts');
      const profile = profilePath(session.context, flags.profile);
      const document = await diffDefinitions(session.world, {
        ...given({ node, kind: flags.type, profile }),
        ...commonOptions(flags),
      });
      session.assertNotInterrupted();
      session.warn(document.diagnostics);
      const view = { style: session.style, stat: flags.stat === true, named: node !== undefined };
      await session.result(document, () => renderDefinitions(document, view));
    }),
  );
}
