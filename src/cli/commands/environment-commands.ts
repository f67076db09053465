import { addDeleteCommand } from './delete-command.ts';
import type { Command } from 'commander';
import { renderEnvironment, renderEnvironments } from '../../views/environments-view.ts';
import { addApplyCommand } from './apply-command.ts';
import { addCleanupCommand } from './cleanup-command.ts';
import { type Cli, perform } from '../command-session.ts';
import { addEnvironmentDiffCommand } from './environment-diff-command.ts';
import { addHistoryCommand, addRollbackCommand } from './history-commands.ts';
import { commonOptions, type ProjectFlags, withProject } from '../options.ts';
import { addPlanCommand } from './plan-command.ts';
import { addPromoteCommand } from './promote-command.ts';

/** `env …`: the group of commands for environments. */
export function addEnvironmentCommands(parent: Command, cli: Cli): void {
  const group = parent.command('env').description('plan, apply, promote and manage environments');
  addPlanCommand(group, cli, '<env>');
  addApplyCommand(group, cli);
  addPromoteCommand(group, cli);
  addEnvironmentDiffCommand(group, cli);
  addHistoryCommand(group, cli);
  addRollbackCommand(group, cli);
  addListCommand(group, cli);
  addShowCommand(group, cli);
  addDeleteCommand(group, cli);
  addCleanupCommand(group, cli);
}

function addListCommand(group: Command, cli: Cli): void {
  withProject(group.command('list').description('list all environments')).action(
    perform<ProjectFlags>(cli, async (session, flags) => {
      const { listEnvironments } = await import('../../app/environments/list-environments.ts');
      const document = listEnvironments(session.world, commonOptions(flags));
      await session.result(document, () => renderEnvironments(document, session.style));
    }),
  );
}

function addShowCommand(group: Command, cli: Cli): void {
  const command = group.command('show').description('show one environment').argument('<env>', 'the environment');
  withProject(command).action(
    perform<ProjectFlags>(cli, async (session, flags, environment = '') => {
      const { showEnvironment } = await import('../../app/environments/show-environment.ts');
      const details = await showEnvironment(session.world, { environment, ...commonOptions(flags) });
      const { entry, targetsBehind, ...rest } = details;
      const document = {
        format: 'seeknal.env-show',
        version: 1,
        environment: entry,
        ...rest,
        targets_behind: targetsBehind,
      };
      await session.result(document, () => renderEnvironment(details, session.style));
    }),
  );
}
