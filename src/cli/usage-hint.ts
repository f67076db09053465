import type { Command, CommanderError } from 'commander';
import { suggest } from '../diagnostics/suggest.ts';
import { shellWord } from '../views/text/shell-text.ts';

/** A command line that the parser refused. */
export interface RefusedLine {
  readonly program: Command;
  /** Without the name of the program. */
  readonly words: readonly string[];
  readonly error: CommanderError;
}

/** The probable meaning of an unknown command, option or argument; null if nothing is close. */
export function usageHint(line: RefusedLine): string | null {
  const { code, message } = line.error;
  const written = /'([^']*)'/.exec(message)?.[1] ?? '';
  const found = commandOf(line.program, line.words);
  const unknown = { ...line, ...found, written };
  if (code === 'commander.unknownCommand') return commandHint(unknown);
  if (code === 'commander.unknownOption') return optionHint(unknown);
  return code === 'commander.excessArguments' ? argumentHint(unknown) : null;
}

interface UnknownWord extends RefusedLine {
  /** The innermost command on the line, and the words after its name. */
  readonly command: Command;
  readonly rest: readonly string[];
  /** The unknown word. */
  readonly written: string;
}

function commandOf(program: Command, words: readonly string[]): Pick<UnknownWord, 'command' | 'rest'> {
  const [word = '', ...rest] = words;
  const child = childOf(program, word);
  return child ? commandOf(child, rest) : { command: program, rest: words };
}

const childOf = (command: Command, name: string): Command | undefined =>
  command.commands.find(child => child.name() === name || child.aliases().includes(name));

const takes = (command: Command | undefined, flag: string): boolean =>
  command?.options.some(option => option.long === flag) === true;

const mean = (...words: readonly string[]): string => `Did you mean 'seeknal ${words.map(shellWord).join(' ')}'?`;

/** Commands of other tools and their equivalents here. */
const COMMANDS: Readonly<Record<string, readonly string[]>> = {
  build: ['run'],
  create: ['env', 'plan'],
  new: ['env', 'plan'],
  remove: ['env', 'delete'],
  rm: ['env', 'delete'],
  drop: ['env', 'delete'],
  destroy: ['env', 'delete'],
  environment: ['env'],
  environments: ['env', 'list'],
  ls: ['list'],
  compile: ['show', '--compiled'],
  query: ['repl', '-e'],
  sql: ['repl', '-e'],
  test: ['validate'],
};

function commandHint({ program, command, rest, written, error }: UnknownWord): string | null {
  const behind = rest.slice(1);
  const group = childOf(program, 'env');
  if (command === program && group && childOf(group, written))
    return mean('env', written, ...asArgument(childOf(group, written), behind));
  const known = command === group && written === 'ls' ? ['env', 'list'] : COMMANDS[written];
  if (known) return mean(...known, ...behind);
  if (command === group && childOf(program, written)) return mean(written, ...asOption(program, written, behind));
  const close = group ? suggest(written, namesIn(group)) : null;
  if (close === null || (command === program && /Did you mean/.test(error.message))) return null;
  return mean('env', close, ...behind);
}

/** `rollback --env dev` is `env rollback dev`. */
function asArgument(child: Command | undefined, words: readonly string[]): readonly string[] {
  const at = words.indexOf('--env');
  const name = words[at + 1];
  if (at < 0 || name === undefined || takes(child, '--env')) return words;
  return [name, ...words.slice(0, at), ...words.slice(at + 2)];
}

const namesIn = (group: Command): readonly string[] => group.commands.map(child => child.name());

/** `env run dev` is `run --env dev`. */
function asOption(program: Command, name: string, behind: readonly string[]): readonly string[] {
  const [environment, ...more] = behind;
  const isName = environment !== undefined && !environment.startsWith('-');
  return isName && takes(childOf(program, name), '--env') ? ['--env', environment, ...more] : behind;
}

/** Options here and their equivalents in other tools. */
const OPTIONS: Readonly<Record<string, readonly string[]>> = {
  '--nodes': ['--select', '-s', '--models', '--model', '-m', '--node', '-n'],
  '--exclude-tags': ['--exclude'],
  '--full': ['--full-refresh', '--force-all'],
  '--env': ['--target', '-t', '--environment', '-e'],
  '--params': ['--vars', '--var', '--param'],
  '--max-workers': ['--threads', '--jobs', '-j'],
  '--yes': ['--auto-approve', '--auto-apply', '--no-prompts', '-y'],
  '--project-path': ['--project-dir', '--project', '--paths'],
  '--date': ['--execution-date', '--today'],
  '--profile': ['--profiles-dir', '--profiles'],
};

function optionHint({ program, command, rest, written }: UnknownWord): string | null {
  const [name = '', joined] = written.split(/=(.*)/s);
  const meant = Object.keys(OPTIONS).find(option => OPTIONS[option]?.includes(name) || option === name);
  const value = joined ?? rest[rest.indexOf(written) + 1];
  if (meant === undefined) return null;
  if (takes(command, meant)) return `Did you mean ${meant}?`;
  const group = childOf(program, 'env');
  if (meant === '--env' && value !== undefined && group && childOf(group, command.name()))
    return mean('env', command.name(), value);
  return meant === '--nodes' && command.name() === 'plan'
    ? mean('run', '--show-plan', '--nodes', value ?? 'NODE')
    : null;
}

function argumentHint({ program, command, rest }: UnknownWord): string | null {
  const words = rest.filter(word => !word.startsWith('-'));
  const [word] = words;
  if (word === undefined) return null;
  const group = childOf(program, 'env');
  if (words.length > 1 && command.parent === program && group && childOf(group, command.name()))
    return mean('env', command.name(), ...words);
  if (takes(command, '--nodes')) return word.includes('.') ? mean(command.name(), '--nodes', word) : RUN_HINT(word);
  return takes(command, '--env') ? mean(command.name(), '--env', word) : null;
}

const RUN_HINT = (word: string): string =>
  `Run 'seeknal run --nodes ${word}' for a node, 'seeknal run --env ${word}' for an environment.`;

/** A hint for a node or a file that was given instead of an environment; null for anything else. */
export function insteadOfEnvironment(words: readonly string[]): string | null {
  const [first, second] = words;
  const name = first === 'env' ? second : first;
  const written = words.find(word => NODE.test(word) || FILE.test(word));
  if (name === undefined || written === undefined) return null;
  if (FILE.test(written)) return name === 'apply' ? mean('apply', written) : null;
  if (name === 'plan') return mean('run', '--show-plan', '--nodes', written);
  return ['diff', 'show'].includes(name) ? mean(name, written) : null;
}

const NODE = /^(source|transform)\./;
const FILE = /\.(ya?ml|sql)$/;
