import { type Command, Option } from 'commander';
import { renderFileMove } from '../../views/file-move-view.ts';
import { renderPreview } from '../../views/nodes-view.ts';
import { type Cli, perform, profilePath } from '../command-session.ts';
import { confirm } from '../confirm.ts';
import {
  commonOptions,
  given,
  type ProfileFlags,
  type ProjectFlags,
  wholeNumber,
  withProfile,
  withProject,
  withYes,
  type YesFlag,
} from '../options.ts';

interface PreviewFlags extends ProjectFlags, ProfileFlags {
  readonly limit?: number;
  readonly schemaOnly?: boolean;
}

/** `dry-run <file>`: checks a node's file and shows some of its rows. */
export function addDryRunCommand(parent: Command, cli: Cli): void {
  const command = parent
    .command('dry-run')
    .description("validate a node's file and show some of its rows; writes nothing")
    .argument('<file>', 'the file')
    .addOption(new Option('--limit <rows>', 'number of rows to show').argParser(wholeNumber('--limit', 0)).default(10))
    .option('--schema-only', 'show names and types without reading rows');
  withProfile(withProject(command)).action(
    perform<PreviewFlags>(cli, async (session, flags, file = '') => {
      const { previewFile } = await import('../../app/nodes/preview-file.ts');
      const preview = await previewFile(session.world, {
        file,
        limit: flags.limit ?? 10,
        schemaOnly: flags.schemaOnly === true,
        ...commonOptions(flags),
        ...given({ profile: profilePath(session.context, flags.profile) }),
      });
      session.assertNotInterrupted();
      session.warn(preview.diagnostics);
      await session.result({ format: 'seeknal.dry-run', version: 1, ...preview }, () =>
        renderPreview(preview, session.style),
      );
    }),
  );
}

/** `apply <file>`: moves a node's file into the project. */
export function addApplyFileCommand(parent: Command, cli: Cli): void {
  const command = parent
    .command('apply')
    .description("validate a node's file and move it into the project")
    .argument('<file>', 'the file');
  withYes(withProject(command)).action(
    perform<ProjectFlags & YesFlag>(cli, async (session, flags, file = '') => {
      const { applyFile, planFileMove } = await import('../../app/nodes/apply-file.ts');
      const options = { file, ...commonOptions(flags) };
      const move = await planFileMove(session.world, options);
      session.warn(move.diagnostics);
      await session.print(renderFileMove(move, session.style));
      if (move.overwrites)
        await confirm(session, `Overwrite ${move.to}?`, { what: `apply ${file}`, yes: flags.yes === true });
      const done = await applyFile(session.world, options);
      const { diagnostics, ...rest } = done;
      await session.result({ format: 'seeknal.apply', version: 1, ...rest, diagnostics }, () => {
        const what = done.moves ? `${done.id} is now in ${done.to}.` : `${done.id} is valid and stays in ${done.to}.`;
        return `${session.style.good('✓')} ${what}\n  Next: seeknal plan\n`;
      });
    }),
  );
}
