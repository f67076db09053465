import { type Command, Option } from 'commander';
import type { Diagnostic } from '../../diagnostics/diagnostic.ts';
import { planJson, renderPlan } from '../../views/plan-view.ts';
import { applyPlannedEnvironment } from './apply-command.ts';
import { type Cli, type CommandSession, perform, profilePath } from '../command-session.ts';
import {
  type AdoptFlag,
  badValue,
  commonOptions,
  type ExecutionFlags,
  executionOptions,
  given,
  listOf,
  type MaterializeFlag,
  type ParameterFlags,
  type ProfileFlags,
  type ProjectFlags,
  type RevertFlag,
  type VerboseFlag,
  withAdopt,
  withExecution,
  withMaterialize,
  withParameters,
  withProfile,
  withProject,
  withRevert,
  withVerbose,
  withYes,
} from '../options.ts';
import { confirmRevert } from '../confirm.ts';
import { showRun } from '../show-run.ts';

interface RunFlags
  extends
    ProjectFlags,
    ProfileFlags,
    ExecutionFlags,
    ParameterFlags,
    VerboseFlag,
    RevertFlag,
    MaterializeFlag,
    AdoptFlag {
  readonly env?: string;
  readonly full?: boolean;
  readonly nodes?: readonly string[];
  readonly types?: readonly string[];
  readonly tags?: readonly string[];
  readonly excludeTags?: readonly string[];
}

/** `run`: brings production up to date; with `--env` it is `env apply`. */
export function addRunCommand(parent: Command, cli: Cli): void {
  const list = (flags: string, description: string): Option =>
    new Option(flags, description).argParser(listOf(flags.split(' ')[0] ?? flags));
  const command = parent
    .command('run')
    .description('update production from the files and current data')
    .option('--env <env>', 'apply the plan of an environment instead, as env apply does')
    .option('--full', 'run every selected node and make new outputs, even without changes')
    .addOption(list('--nodes <ids>', 'only these nodes, with what depends on them'))
    .addOption(list('--types <kinds>', 'only nodes of these kinds: source, transform'))
    .addOption(list('--tags <tags>', 'only nodes with one of these tags, and the nodes they depend on'))
    .addOption(list('--exclude-tags <tags>', 'exclude nodes with one of these tags'));
  const targets = withAdopt(withMaterialize(withProfile(withProject(command))));
  withRevert(withVerbose(withYes(withExecution(withParameters(targets))))).action(
    perform<RunFlags>(cli, (session, flags) => {
      if (flags.env === undefined) return runForProduction(session, flags);
      rejectWithEnvironment(flags);
      return applyPlannedEnvironment(session, flags, flags.env);
    }),
  );
}

const ONLY_PRODUCTION = {
  full: '--full',
  nodes: '--nodes',
  types: '--types',
  tags: '--tags',
  excludeTags: '--exclude-tags',
  params: '--params',
  date: '--date',
  allowRevert: '--allow-revert',
  adopt: '--adopt',
} as const;

/** Refuses flags that the plan of an environment has already decided. */
function rejectWithEnvironment(flags: RunFlags): void {
  for (const [key, flag] of Object.entries(ONLY_PRODUCTION)) {
    if (flags[key as keyof typeof ONLY_PRODUCTION] === undefined) continue;
    throw badValue(flag, `cannot be combined with --env: the plan of '${flags.env}' decides what runs`);
  }
}

async function runForProduction(session: CommandSession, flags: RunFlags): Promise<number> {
  const { runProduction } = await import('../../app/production/run-production.ts');
  const { result, plan } = await runProduction(session.world, {
    ...commonOptions(flags),
    ...executionOptions(flags),
    ...given({ profile: profilePath(session.context, flags.profile), params: flags.params, date: flags.date }),
    ...given({
      full: flags.full,
      nodes: flags.nodes,
      types: flags.types,
      tags: flags.tags,
      excludeTags: flags.excludeTags,
      allowRevert: flags.allowRevert,
      materialize: flags.materialize,
      adopt: flags.adopt,
    }),
    confirmRevert: what => confirmRevert(session, what),
  });
  if (result.status === 'failed') session.assertNotInterrupted(result);
  session.warn([...onlyPlanned(plan.diagnostics, result.diagnostics), ...result.diagnostics]);
  const verbose = flags.verbose === true;
  if (flags.showPlan !== true) return showRun(session, result, { verbose, command: 'run' });
  session.assertNotInterrupted();
  const document = { ...result, plan: planJson(plan) };
  await session.result(document, () => renderPlan(plan, { style: session.style, verbose, savedTo: null }));
  return 0;
}

/** What the plan says beyond the result. A target that failed has taken the place of the plan's warning about it. */
const onlyPlanned = (planned: readonly Diagnostic[], found: readonly Diagnostic[]): readonly Diagnostic[] =>
  planned.filter(
    ({ message, file, line, column }) =>
      !found.some(
        each =>
          each.message === message ||
          (line !== null && each.file === file && each.line === line && each.column === column),
      ),
  );
