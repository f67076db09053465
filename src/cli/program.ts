import { Command } from 'commander';
import { addCleanupCommand } from './commands/cleanup-command.ts';
import type { Cli } from './command-session.ts';
import { addConnectionTestCommand } from './commands/connection-test-command.ts';
import { addDiffCommand } from './commands/diff-command.ts';
import { addDoctorCommand } from './commands/doctor-command.ts';
import { addDraftCommand } from './commands/draft-command.ts';
import { addEnvironmentCommands } from './commands/environment-commands.ts';
import { addApplyFileCommand, addDryRunCommand } from './commands/file-commands.ts';
import { addInitCommand } from './commands/init-command.ts';
import { addLineageCommand, addListCommand, addShowCommand, addValidateCommand } from './commands/node-commands.ts';
import { addPlanCommand } from './commands/plan-command.ts';
import { addPromoteCommand } from './commands/promote-command.ts';
import { addReplCommand } from './commands/repl-command.ts';
import { addRunCommand } from './commands/run-command.ts';

/** The commands and their flags; each command loads its use case when it is called. */
export function createProgram(cli: Cli): Command {
  const program = new Command('seeknal')
    .description('Data pipelines in YAML and SQL on DuckDB: plan, apply, look, promote.')
    .version(cli.context.version, '-V, --version', 'print the version')
    .helpOption('-h, --help', 'print help')
    .helpCommand('help [command]', 'print help of a command');
  addInitCommand(program, cli);
  addDraftCommand(program, cli);
  addDryRunCommand(program, cli);
  addApplyFileCommand(program, cli);
  addListCommand(program, cli);
  addShowCommand(program, cli);
  addValidateCommand(program, cli);
  addLineageCommand(program, cli);
  addDiffCommand(program, cli);
  addPlanCommand(program, cli, '[env]');
  addRunCommand(program, cli);
  addPromoteCommand(program, cli);
  addEnvironmentCommands(program, cli);
  addConnectionTestCommand(program, cli);
  addCleanupCommand(program, cli);
  addDoctorCommand(program, cli);
  addReplCommand(program, cli);
  return program;
}
