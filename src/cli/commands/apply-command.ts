import type { Command } from 'commander';
import { parseEnvironmentName } from '../../core/environment/environment-name.ts';
import { type Cli, type CommandSession, perform, profilePath } from '../command-session.ts';
import {
  commonOptions,
  type ExecutionFlags,
  executionOptions,
  given,
  type MaterializeFlag,
  type ProfileFlags,
  type ProjectFlags,
  type VerboseFlag,
  withExecution,
  withMaterialize,
  withProfile,
  withProject,
  withVerbose,
  withYes,
} from '../options.ts';
import { showRun } from '../show-run.ts';

interface ApplyFlags extends ProjectFlags, ProfileFlags, ExecutionFlags, VerboseFlag, MaterializeFlag {
  readonly force?: boolean;
}

/** `env apply <env>`. */
export function addApplyCommand(parent: Command, cli: Cli): void {
  const command = parent
    .command('apply')
    .description('apply the plan of an environment, isolated from production')
    .argument('<env>', 'the environment')
    .option('-f, --force', 'apply the plan even if something changed since it was made');
  withVerbose(withYes(withExecution(withMaterialize(withProfile(withProject(command)))))).action(
    perform<ApplyFlags>(cli, (session, flags, environment = '') =>
      applyPlannedEnvironment(session, flags, environment),
    ),
  );
}

/** Applies the plan of an environment and prints the result. Returns the exit code. */
export async function applyPlannedEnvironment(
  session: CommandSession,
  flags: ApplyFlags,
  name: string,
): Promise<number> {
  const environment = parseEnvironmentName(name);
  const { applyEnvironment } = await import('../../app/environments/apply-environment.ts');
  const document = await applyEnvironment(session.world, {
    environment,
    ...commonOptions(flags),
    ...executionOptions(flags),
    ...given({
      profile: profilePath(session.context, flags.profile),
      force: flags.force,
      materialize: flags.materialize,
    }),
  });
  if (document.status === 'failed') session.assertNotInterrupted(document);
  session.warn(document.diagnostics);
  return showRun(session, document, { verbose: flags.verbose === true, command: 'apply' });
}
