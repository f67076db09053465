import type { CleanupOptions } from '../../app/maintenance/clean-up.ts';
import type { Command } from 'commander';
import { isNothing, renderCleanup } from '../../views/cleanup-view.ts';
import { type Cli, type CommandSession, perform, profilePath } from '../command-session.ts';
import { confirm } from '../confirm.ts';
import {
  commonOptions,
  given,
  type ProfileFlags,
  type ProjectFlags,
  withProfile,
  withProject,
  withYes,
  type YesFlag,
} from '../options.ts';

interface CleanupFlags extends ProjectFlags, ProfileFlags, YesFlag {
  readonly dropSchemas?: boolean;
  readonly dryRun?: boolean;
}

/** `cleanup`, also under the group of environments. */
export function addCleanupCommand(parent: Command, cli: Cli): void {
  const command = parent
    .command('cleanup')
    .description('remove expired environments and unreferenced data')
    .option('--drop-schemas', 'also drop the database schemas that expired environments made')
    .option('--dry-run', 'show what would be removed, without removing it');
  withYes(withProfile(withProject(command))).action(perform<CleanupFlags>(cli, cleanUpProject));
}

async function cleanUpProject(session: CommandSession, flags: CleanupFlags): Promise<void> {
  const { cleanUp, previewCleanup } = await import('../../app/maintenance/clean-up.ts');
  const profile = profilePath(session.context, flags.profile);
  const options = { ...commonOptions(flags), ...given({ profile, dropSchemas: flags.dropSchemas }) };
  if (flags.dryRun === true) {
    const preview = await previewCleanup(session.world, options);
    return session.result(preview, () => renderCleanup(preview, session.style));
  }
  const agreed = flags.yes === true ? {} : await ask(session, options);
  const document = await cleanUp(session.world, { ...options, ...agreed });
  await session.result(document, () => renderCleanup(document, session.style));
}

/** Shows what would be removed, then asks; only environments that were shown are removed. */
async function ask(session: CommandSession, options: CleanupOptions): Promise<{ readonly agreed: readonly string[] }> {
  const { previewCleanup } = await import('../../app/maintenance/clean-up.ts');
  const preview = await previewCleanup(session.world, options);
  if (!isNothing(preview)) {
    await session.print(renderCleanup(preview, session.style));
    await confirm(session, 'Remove all this?', { what: 'cleanup', yes: false });
  }
  return { agreed: preview.environments };
}
