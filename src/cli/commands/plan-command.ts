import { type Command, Option } from 'commander';
import type { PlanDocument } from '../../core/documents/plan-document.ts';
import { parseEnvironmentName } from '../../core/environment/environment-name.ts';
import { planJson, renderPlan, renderPlanning } from '../../views/plan-view.ts';
import { type Cli, type CommandSession, perform, profilePath } from '../command-session.ts';
import {
  type AdoptFlag,
  badValue,
  commonOptions,
  duration,
  given,
  type ParameterFlags,
  type ProfileFlags,
  type ProjectFlags,
  type VerboseFlag,
  withAdopt,
  withParameters,
  withProfile,
  withProject,
  withVerbose,
} from '../options.ts';

interface PlanFlags extends ProjectFlags, ProfileFlags, ParameterFlags, VerboseFlag, AdoptFlag {
  readonly refresh?: boolean;
  readonly ttl?: number;
  readonly detailedExitcode?: boolean;
}

/** `plan [env]`, and `env plan <env>` under the group of environments. */
export function addPlanCommand(parent: Command, cli: Cli, argument: '[env]' | '<env>'): void {
  const command = parent
    .command('plan')
    .description(
      argument === '[env]'
        ? 'show what a run would do, or plan an environment'
        : 'plan what an apply of the environment would do',
    )
    .argument(
      argument,
      argument === '[env]'
        ? 'environment name (default: production)'
        : 'environment name; created if it does not exist',
    )
    .option('--detailed-exitcode', 'exit with 2 if there are changes, 0 if there are none')
    .option('--refresh', "read the sources again instead of using production's data")
    .addOption(
      new Option('--ttl <time>', 'lifetime after the last use, such as 7d (0 = never expires)').argParser(duration),
    );
  withVerbose(withParameters(withAdopt(withProfile(withProject(command))))).action(
    perform<PlanFlags>(cli, async (session, flags, environment) => {
      const planned =
        environment === undefined ? planProductionRun(session, flags) : planFor(session, flags, environment);
      const { changed } = await planned;
      return changed && flags.detailedExitcode === true ? CHANGES_PRESENT : 0;
    }),
  );
}

const CHANGES_PRESENT = 2;

async function planFor(session: CommandSession, flags: PlanFlags, name: string): Promise<PlanDocument> {
  const environment = parseEnvironmentName(name);
  await session.print(renderPlanning(environment, session.style));
  const { planEnvironment } = await import('../../app/environments/plan-environment.ts');
  const options = { environment, ...planOptions(session, flags), ...given({ refresh: flags.refresh, ttl: flags.ttl }) };
  const { document, savedTo } = await planEnvironment(session.world, options);
  session.assertNotInterrupted();
  session.warn(document.diagnostics);
  const view = { style: session.style, verbose: flags.verbose === true, savedTo };
  await session.result(planJson(document), () => renderPlan(document, view));
  return document;
}

async function planProductionRun(session: CommandSession, flags: PlanFlags): Promise<PlanDocument> {
  if (flags.refresh === true) throw badValue('--refresh', 'is for environments: a run always reads the sources');
  if (flags.ttl !== undefined) throw badValue('--ttl', 'is for environments: production does not expire');
  await session.print(renderPlanning(null, session.style));
  const { planProduction } = await import('../../app/production/run-production.ts');
  const document = await planProduction(session.world, planOptions(session, flags));
  session.assertNotInterrupted();
  session.warn(document.diagnostics);
  const view = { style: session.style, verbose: flags.verbose === true, savedTo: null };
  await session.result(planJson(document), () => renderPlan(document, view));
  return document;
}

const planOptions = (session: CommandSession, flags: PlanFlags) => ({
  ...commonOptions(flags),
  ...given({ profile: profilePath(session.context, flags.profile), params: flags.params, date: flags.date }),
  ...given({ adopt: flags.adopt }),
});
