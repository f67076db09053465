import { Command } from 'commander';
import { addCleanupCommand } from './cleanup-command.ts';
import type { Cli } from './command-session.ts';
import { addDiffCommand } from './diff-command.ts';
import { addDoctorCommand } from './doctor-command.ts';
import { addDraftCommand } from './draft-command.ts';
import { addEnvironmentCommands } from './environment-commands.ts';
import { addApplyFileCommand, addDryRunCommand } from './file-commands.ts';
import { addInitCommand } from './init-command.ts';
import { addLineageCommand, addListCommand, addShowCommand, addValidateCommand } from './node-commands.ts';
import { addPlanCommand } from './plan-command.ts';
import { addPromoteCommand } from './promote-command.ts';
import { addReplCommand } from './repl-command.ts';
import { addRunCommand } from './run-command.ts';

/** The commands and their flags; what they do is loaded when one is called. */
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
  addCleanupCommand(program, cli);
  addDoctorCommand(program, cli);
  addReplCommand(program, cli);
  return program;
}
