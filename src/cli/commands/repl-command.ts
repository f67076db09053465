import { type Command, Option } from 'commander';
import { ToolError } from '../../diagnostics/tool-error.ts';
import { suggest } from '../../diagnostics/suggest.ts';
import type { ReplOutput } from '../../repl/repl-output.ts';
import type { OpenedRepl } from '../../repl/repl-session.ts';
import type { Format } from '../../repl/run-once.ts';
import { createStyle } from '../../views/text/style.ts';
import { type Cli, type CommandSession, perform, profilePath } from '../command-session.ts';
import {
  badValue,
  commonOptions,
  given,
  type ProfileFlags,
  type ProjectFlags,
  withProfile,
  withProject,
} from '../options.ts';

interface ReplFlags extends ProjectFlags, ProfileFlags {
  readonly env?: string;
  readonly execute?: string;
  readonly format?: string;
  readonly output?: string;
  readonly limit?: number;
}

/** `repl`: a shell over the outputs, a script on stdin, or one query with `-e`. */
export function addReplCommand(parent: Command, cli: Cli): void {
  const command = parent
    .command('repl')
    .description('query the outputs of production, or of an environment; read-only')
    .option('--env <env>', 'environment to query')
    .option('-e, --execute <sql>', 'run this and exit; - reads it from stdin')
    .option('--format <format>', 'table, json, ndjson or csv (with -e)')
    .option('--output <file>', 'write to a .csv, .json, .ndjson or .parquet file (with -e)')
    .addOption(new Option('--limit <rows>', 'maximum number of rows (with -e)').argParser(rowLimit));
  withProfile(withProject(command)).action(
    perform<ReplFlags>(cli, (session, flags) =>
      flags.execute === undefined ? converse(session, flags) : execute(session, flags, flags.execute),
    ),
  );
}

/** Any whole number; one that is too large to represent means all rows. */
function rowLimit(text: string): number {
  if (/^\d+$/.test(text)) return Number(text);
  throw badValue('--limit', `takes a whole number, not '${text}'`);
}

async function converse(session: CommandSession, flags: ReplFlags): Promise<number> {
  for (const key of ['format', 'output', 'limit', 'json'] as const) {
    if (flags[key] !== undefined) throw badValue(`--${key}`, 'needs -e');
  }
  const { renderBanner } = await import('../../repl/banner.ts');
  const opened = await open(session, flags);
  const output = outputOf(session);
  const { stdin, world } = session.context;
  try {
    await output.out(renderBanner(opened));
    if (!stdin.isTerminal) {
      const { runScript } = await import('../../repl/run-script.ts');
      const succeeded = await runScript(stdin.stream, { opened, output, signal: world.signal });
      session.assertNotInterrupted();
      return succeeded ? 0 : 1;
    }
    const { runShell } = await import('../../repl/run-shell.ts');
    await runShell({
      stdin: stdin.stream,
      stdout: session.context.stdout.stream,
      home: world.home,
      opened,
      output,
      signal: world.signal,
    });
    return 0;
  } finally {
    opened.session.close();
  }
}

async function execute(session: CommandSession, flags: ReplFlags, text: string): Promise<void> {
  const { FORMATS, formatOfFile, runOnce } = await import('../../repl/run-once.ts');
  const format = formatOf(flags, FORMATS);
  if (flags.output !== undefined) {
    const written = formatOfFile(flags.output);
    if (flags.format !== undefined && flags.format !== written) {
      throw badValue('--format', `${flags.format} conflicts with --output ${flags.output}, which is ${written}`);
    }
  }
  const { stdin, world } = session.context;
  const sql = text === '-' ? await readAll(stdin.stream) : text;
  const opened = await open(session, flags, sql);
  try {
    await runOnce(opened.session, sql, {
      output: outputOf(session),
      options: {
        format,
        limit: flags.limit ?? null,
        file: flags.output ?? null,
        cwd: world.cwd,
        root: opened.root,
        signal: world.signal,
      },
    });
  } finally {
    opened.session.close();
  }
}

function formatOf(flags: ReplFlags, known: readonly Format[]): Format {
  const wanted = flags.format ?? (flags.json === true ? 'json' : 'table');
  const found = known.find(format => format === wanted);
  if (found) return found;
  const close = suggest(wanted, known);
  throw new ToolError(
    'bad-option',
    `--format takes ${known.join(', ')}, not '${wanted}'.`,
    close === null ? {} : { hint: `Did you mean '${close}'?` },
  );
}

async function open(session: CommandSession, flags: ReplFlags, sql?: string): Promise<OpenedRepl> {
  const { openRepl } = await import('../../app/environments/open-repl.ts');
  const opened = await openRepl(session.world, {
    ...commonOptions(flags),
    ...given({ environment: flags.env, profile: profilePath(session.context, flags.profile), sql }),
  });
  for (const text of opened.warnings) session.world.emit({ kind: 'warning', text });
  // From here on, the terminal shows only the conversation.
  session.close();
  return opened;
}

function outputOf({ context, style }: CommandSession): ReplOutput {
  const { stdout, stderr } = context;
  return {
    out: text => stdout.write(text),
    err: text => stderr.write(text),
    closed: () => stdout.closed,
    style,
    errorStyle: createStyle(stderr.colour),
  };
}

async function readAll(stream: AsyncIterable<unknown>): Promise<string> {
  const pieces: Buffer[] = [];
  for await (const piece of stream) pieces.push(Buffer.from(piece as Uint8Array));
  return Buffer.concat(pieces).toString();
}
