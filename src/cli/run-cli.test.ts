import { Readable, Writable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import type { CliContext, OutputStream } from './cli-context.ts';
import { runCli } from './run-cli.ts';

interface Printed {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** Runs a command line outside any project. */
async function run(...words: readonly string[]): Promise<Printed> {
  const [out, err] = [collector(), collector()];
  const world = {
    cwd: '/',
    home: '/nowhere',
    variables: {},
    now: () => new Date(0),
    signal: new AbortController().signal,
  };
  const stdin = { stream: Readable.from([]), isTerminal: false };
  const context: CliContext = { world, version: '1.2.3', stdout: out.stream, stderr: err.stream, stdin };
  const code = await runCli(words, context);
  return { code, out: out.text(), err: err.text() };
}

function collector(): { readonly stream: OutputStream; text(): string } {
  const texts: string[] = [];
  const stream: OutputStream = {
    write: async text => void texts.push(text),
    closed: false,
    isTerminal: false,
    colour: false,
    columns: () => 80,
    stream: new Writable(),
  };
  return { stream, text: () => texts.join('') };
}

describe('runCli', () => {
  it('prints help and the version on stdout', async () => {
    expect(await run('--version')).toEqual({ code: 0, out: '1.2.3\n', err: '' });
    const help = await run('env', '--help');
    expect([help.code, help.out.split('\n')[0], help.err]).toEqual([0, 'Usage: seeknal env [options] [command]', '']);
  });

  it.each([
    [['rnu'], "error[usage]: Unknown command 'rnu'.\n  hint: Did you mean run?\n"],
    [['env', 'lst'], "error[usage]: Unknown command 'lst'.\n  hint: Did you mean 'seeknal env list'?\n"],
    [['run', '--ful'], "error[usage]: Unknown option '--ful'.\n  hint: Did you mean --full?\n"],
    [
      ['env', 'plan'],
      "error[usage]: Missing required argument 'env'.\n  hint: 'seeknal --help' lists the commands, 'seeknal COMMAND --help' their options.\n",
    ],
  ])('refuses %j as a usage error', async (words, err) => {
    expect(await run(...words)).toEqual({ code: 64, out: '', err });
    const json = await run(...words, '--json');
    expect([json.code, (JSON.parse(json.out) as { format: string }).format]).toEqual([64, 'seeknal.error']);
  });

  it.each([
    ['rollback --to 3', "'seeknal env rollback --to 3'"],
    ['history dev', "'seeknal env history dev'"],
    ['delete dev', "'seeknal env delete dev'"],
    ['rollbak dev', "'seeknal env rollback dev'"],
    ['create dev', "'seeknal env plan dev'"],
    ['env remove dev', "'seeknal env delete dev'"],
    ['env run dev --retry 1', "'seeknal run --env dev --retry 1'"],
    ['env aply dev', "'seeknal env apply dev'"],
    ['env ls', "'seeknal env list'"],
    ['rollback --env dev --to 3', "'seeknal env rollback dev --to 3'"],
    ['sql SELECT', "'seeknal repl -e SELECT'"],
    ['env repl dev', "'seeknal repl --env dev'"],
    ['env validate', "'seeknal validate'"],
    ['run --select m', '--nodes'],
    ['run -s m', '--nodes'],
    ['run --select=m', '--nodes'],
    ['plan --select=m', "'seeknal run --show-plan --nodes m'"],
    ['run --full-refresh', '--full'],
    ['plan --select m', "'seeknal run --show-plan --nodes m'"],
    ['plan --env dev', "'seeknal env plan dev'"],
    ['apply --env dev', "'seeknal env apply dev'"],
    ['promote --target dev', "'seeknal env promote dev'"],
    ['diff dev transform.m', "'seeknal env diff dev transform.m'"],
    ['run transform.m', "'seeknal run --nodes transform.m'"],
    ['repl dev', "'seeknal repl --env dev'"],
  ])('suggests the intended command for %j', async (line, meant) => {
    const { code, err } = await run(...line.split(' '));
    expect([code, err.split('\n')[1]]).toEqual([64, `  hint: Did you mean ${meant}?`]);
  });

  it.each([
    ['env apply seeknal/m.yml', "'seeknal apply seeknal/m.yml'"],
    ['plan transform.m', "'seeknal run --show-plan --nodes transform.m'"],
  ])('suggests a command if %j names a node or a file in place of an environment', async (line, meant) => {
    const { code, err } = await run(...line.split(' '));
    expect([code, err.split('\n')[1]]).toEqual([1, `  hint: Did you mean ${meant}?`]);
  });

  it('shows help if the command is missing', async () => {
    const printed = await run('env');
    expect([printed.code, printed.out, printed.err.split('\n')[0]]).toEqual([
      64,
      '',
      'Usage: seeknal env [options] [command]',
    ]);
  });

  it.each([
    [['run', '--max-workers', '0'], "--max-workers takes a whole number of at least 1, not '0'."],
    [['run', '--retry', 'x'], "--retry takes a whole number of at least 0, not 'x'."],
    [
      ['env', 'plan', 'dev', '--ttl', 'soon'],
      "--ttl takes a time such as 7d or 12h, or 0 (never expires), not 'soon'.",
    ],
    [['env', 'list', '--lock-timeout', '-1'], "--lock-timeout takes a number of seconds, not '-1'."],
    [['plan', '--refresh'], '--refresh is for environments: a run always reads the sources.'],
    [['repl', '--format', 'json'], '--format needs -e.'],
    [['repl', '--limit', '3'], '--limit needs -e.'],
    [['repl', '-e', 'x', '--limit', 'a'], "--limit takes a whole number, not 'a'."],
    [['repl', '-e', 'x', '--format', 'xml'], "--format takes table, json, ndjson, csv, not 'xml'."],
    [
      ['repl', '-e', 'x', '--format', 'csv', '--output', 'a.json'],
      '--format csv conflicts with --output a.json, which is json.',
    ],
    ...['--full', '--nodes', '--types', '--tags', '--exclude-tags', '--params', '--date'].map(
      flag =>
        [
          ['run', '--env', 'dev', flag, ...(flag === '--full' ? [] : ['a=b'])],
          `${flag} cannot be combined with --env: the plan of 'dev' decides what runs.`,
        ] as const,
    ),
  ] as const)('refuses the value in %j', async (words, message) => {
    const printed = await run(...words);
    expect([printed.code, printed.out, printed.err.split('\n')[0]]).toEqual([1, '', `error[bad-option]: ${message}`]);
  });

  it.each([[['plan', '../x']], [['env', 'apply', 'Dev']], [['run', '--env', 'prod']]])(
    'refuses the name in %j before it reads anything',
    async words => {
      const printed = await run(...words);
      expect([printed.code, printed.out, printed.err.split(':')[0]]).toEqual([1, '', 'error[environment-name]']);
    },
  );

  it('prints the error document on stdout with --json', async () => {
    const { code, out } = await run('env', 'plan', '..', '--json');
    expect([code, JSON.parse(out)]).toEqual([
      1,
      {
        format: 'seeknal.error',
        version: 1,
        diagnostics: [
          {
            code: 'environment-name',
            severity: 'error',
            message: '".." is not a valid environment name.',
            file: null,
            line: null,
            column: null,
            hint: 'Use 1 to 40 characters (a-z, 0-9, _ and -), starting with a letter, such as dev or exp_ml.',
          },
        ],
      },
    ]);
  });
});
