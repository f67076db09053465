import type { Command } from 'commander';
import type { Promotion } from '../../app/environments/promote.ts';
import { renderRun, type RunViewOptions } from '../../views/run-view.ts';
import { type Cli, type CommandSession, perform, profilePath } from '../command-session.ts';
import { confirm, confirmRevert } from '../confirm.ts';
import {
  type AdoptFlag,
  commonOptions,
  given,
  type ProfileFlags,
  type ProjectFlags,
  type RevertFlag,
  type VerboseFlag,
  withAdopt,
  withProfile,
  withProject,
  withRevert,
  withVerbose,
  withYes,
  type YesFlag,
} from '../options.ts';

interface PromoteFlags extends ProjectFlags, ProfileFlags, VerboseFlag, YesFlag, RevertFlag, AdoptFlag {
  readonly dryRun?: boolean;
  readonly rebase?: boolean;
  readonly rematerialize?: boolean;
}

/** `promote <env> [to]`, also under the group of environments. */
export function addPromoteCommand(parent: Command, cli: Cli): void {
  const command = parent
    .command('promote')
    .description('promote the applied changes of an environment to production or another environment')
    .argument('<env>', 'the environment')
    .argument('[to]', 'target environment (default: production)')
    .option('--dry-run', 'show what would be promoted, without promoting it')
    .option('--rebase', "first apply the environment's definitions on top of current production")
    .option('--rematerialize', 'also write the external targets that are then behind');
  withRevert(withVerbose(withYes(withAdopt(withProfile(withProject(command)))))).action(
    perform<PromoteFlags>(cli, (session, flags, environment = '', to) =>
      promoteEnvironment(session, flags, { environment, to }),
    ),
  );
}

interface Route {
  readonly environment: string;
  readonly to: string | undefined;
}

async function promoteEnvironment(
  session: CommandSession,
  flags: PromoteFlags,
  { environment, to }: Route,
): Promise<number> {
  const { previewPromotion, promote } = await import('../../app/environments/promote.ts');
  const profile = profilePath(session.context, flags.profile);
  const options = {
    environment,
    ...commonOptions(flags),
    ...given({ to, profile, rebase: flags.rebase, allowRevert: flags.allowRevert }),
    ...given({ rematerialize: flags.rematerialize, adopt: flags.adopt }),
  };
  const view: RunViewOptions = {
    style: session.style,
    verbose: flags.verbose === true,
    command: 'promote',
    from: environment,
  };
  if (flags.dryRun === true) return show(session, await previewPromotion(session.world, options), view);
  const asking = { ...options, confirmRevert: (what: string) => confirmRevert(session, what) };
  if (flags.yes !== true) {
    // The promotion itself asks about changes that it would undo.
    const preview = await previewPromotion(session.world, { ...options, allowRevert: true });
    if (preview.result.status !== 'nothing_to_do') await ask(session, preview, { environment, to, view });
  }
  const promotion = await promote(session.world, asking);
  return show(session, { ...promotion, files: flags.verbose === true ? promotion.files : [] }, view);
}

/** Shows what would change, then asks. */
async function ask(
  session: CommandSession,
  { result, files }: Promotion,
  { environment, to, view }: Route & { readonly view: RunViewOptions },
): Promise<void> {
  const target = to === undefined ? 'production' : `'${to}'`;
  await session.print(renderRun(result, { ...view, files, preview: `Promoting '${environment}' changes ${target}:` }));
  await confirm(session, `Promote '${environment}' to ${target}?`, { what: `env promote ${environment}`, yes: false });
}

async function show(session: CommandSession, { result, files }: Promotion, view: RunViewOptions): Promise<number> {
  if (result.status === 'failed') session.assertNotInterrupted(result);
  session.warn(result.diagnostics);
  await session.result(result.dry_run === true ? { ...result, files } : result, () =>
    renderRun(result, { ...view, files }),
  );
  return result.status === 'failed' ? 1 : 0;
}
