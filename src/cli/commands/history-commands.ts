import { type Command, Option } from 'commander';
import type { RollbackOptions } from '../../app/environments/rollback.ts';
import { renderHistory } from '../../views/history-view.ts';
import { renderRollback } from '../../views/rollback-view.ts';
import { type Cli, type CommandSession, perform, profilePath } from '../command-session.ts';
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

/** `env history [env]`: the kept generations. */
export function addHistoryCommand(group: Command, cli: Cli): void {
  const command = group
    .command('history')
    .description('list the generations of production, or of an environment')
    .argument('[env]', 'environment name (default: production)');
  withProject(command).action(
    perform<ProjectFlags>(cli, async (session, flags, environment) => {
      const { readHistory } = await import('../../app/environments/history.ts');
      const document = readHistory(session.world, { ...commonOptions(flags), ...given({ environment }) });
      await session.result(document, () => renderHistory(document, session.style));
    }),
  );
}

interface RollbackFlags extends ProjectFlags, ProfileFlags, YesFlag {
  readonly rematerialize?: boolean;
  readonly to?: number;
  readonly dryRun?: boolean;
}

/** `env rollback [env]`: restores an earlier generation. */
export function addRollbackCommand(group: Command, cli: Cli): void {
  const command = group
    .command('rollback')
    .description('restore an earlier generation of production or an environment')
    .argument('[env]', 'environment name (default: production)')
    .addOption(
      new Option('--to <serial>', 'generation (default: the one before the current one)').argParser(
        wholeNumber('--to', 1),
      ),
    )
    .option('--rematerialize', 'also write the external targets of mode full')
    .option('--dry-run', 'show what would change, without changing it');
  withYes(withProfile(withProject(command))).action(
    perform<RollbackFlags>(cli, (session, flags, environment) => rollBackEnvironment(session, flags, environment)),
  );
}

async function rollBackEnvironment(
  session: CommandSession,
  flags: RollbackFlags,
  environment: string | undefined,
): Promise<number> {
  const { previewRollback, rollBack } = await import('../../app/environments/rollback.ts');
  const profile = profilePath(session.context, flags.profile);
  const targets = given({ profile, rematerialize: flags.rematerialize });
  const options = { ...commonOptions(flags), ...given({ environment, to: flags.to }), ...targets };
  if (flags.dryRun === true) {
    const preview = await previewRollback(session.world, options);
    await session.result(preview, () => renderRollback(preview, session.style));
    return 0;
  }
  const agreed = flags.yes === true ? {} : await ask(session, options);
  const document = await rollBack(session.world, { ...options, ...agreed });
  session.warn(document.diagnostics);
  await session.result(document, () => renderRollback(document, session.style));
  return document.status === 'failed' ? 1 : 0;
}

/** Shows what would change, then asks; exactly the shown change is made. */
async function ask(
  session: CommandSession,
  options: RollbackOptions,
): Promise<{ readonly to: number; readonly expected: number }> {
  const { previewRollback } = await import('../../app/environments/rollback.ts');
  const preview = await previewRollback(session.world, options);
  const { rolled_back_from: expected, rolled_back_to: to } = preview;
  if (preview.status === 'nothing_to_do') return { to, expected };
  await session.print(renderRollback(preview, session.style));
  const { environment } = options;
  const name = environment === undefined ? 'production' : `'${environment}'`;
  const what = environment === undefined ? 'env rollback' : `env rollback ${environment}`;
  await confirm(session, `Roll ${name} back from generation ${expected} to ${to}?`, { what, yes: false });
  return { to, expected };
}
