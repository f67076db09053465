import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Json } from '../core/json.ts';
import { ToolError } from '../diagnostics/tool-error.ts';
import { findConnection } from './connections.ts';
import { passwordCommands } from './password-command.ts';
import { parseProfile } from './read-profile.ts';

let root = '';
beforeEach(() => (root = mkdtempSync(join(tmpdir(), 'seeknal-command-'))));
afterEach(() => {
  vi.useRealTimers();
  rmSync(root, { recursive: true, force: true });
});

const connection = (command: Json) => ({
  name: 'pg',
  type: 'postgresql',
  settings: { host: 'h', password_command: command },
});

function filler(signal = new AbortController().signal) {
  return passwordCommands({ root, variables: { PATH: process.env['PATH'], TOKEN: 'from-variable' }, signal });
}

const passwordOf = async (...command: string[]) => (await filler()(connection(command))).settings['password'];

const failureOf = async (run: Promise<unknown>) => {
  const error = await run.then(
    () => null,
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof ToolError)) throw new Error('no ToolError', { cause: error });
  return error;
};

function script(text: string): string {
  const path = join(root, 'script.sh');
  writeFileSync(path, `#!/bin/sh\n${text}\n`);
  chmodSync(path, 0o755);
  return './script.sh';
}

describe('password_command', () => {
  it.each([
    ['s3cret\n', 's3cret'],
    ['s3cret\r\n', 's3cret'],
    ['s3cret', 's3cret'],
    ['two\nlines\n\n', 'two\nlines\n'],
    [' spaces ', ' spaces '],
    ['pässwörd', 'pässwörd'],
  ])('prints %j for the password %j', async (output, password) => {
    writeFileSync(join(root, 'output'), output);
    expect(await passwordOf('cat', 'output')).toBe(password);
  });

  it('runs no shell, in the project root, with the given variables', async () => {
    expect(await passwordOf('printf', '%s', '$HOME;ls *')).toBe('$HOME;ls *');
    expect(await passwordOf(script('echo "$TOKEN"'))).toBe('from-variable');
  });

  it('replaces the command by its password', async () => {
    expect(await filler()(connection(['echo', 'x']))).toEqual({
      name: 'pg',
      type: 'postgresql',
      settings: { host: 'h', password: 'x' },
    });
  });

  it('leaves other connections unchanged', async () => {
    const other = { name: 'pg', type: 'postgresql', settings: { password: 'x' } };
    expect(await filler()(other)).toBe(other);
  });

  it('runs once for all uses of one command', async () => {
    const command = [script('echo run >> runs; echo x')];
    const fill = filler();
    await Promise.all([fill(connection(command)), fill(connection(command))]);
    await fill({ ...connection(command), name: 'other' });
    expect(readFileSync(join(root, 'runs'), 'utf8')).toBe('run\n');
  });

  it.each([
    ['exited with code 3', ['sh', '-c', 'echo s3cret; echo s3cret >&2; exit 3']],
    ['was ended by SIGTERM', ['sh', '-c', 'echo s3cret; kill -TERM $$']],
    ['printed no password', ['true', 's3cret']],
    ['could not start (its program was not found)', ['no-such-program', 's3cret']],
    ['could not start (EACCES)', ['.', 's3cret']],
  ])('says that it %s, and nothing of its output or arguments', async (what, command) => {
    const error = await failureOf(filler()(connection(command)));
    expect([error.code, error.message, error.hint, error.cause]).toEqual([
      'password-command',
      `Connection 'pg': password_command ${what}.`,
      'Run the command by hand in the project root, and check what it prints.',
      undefined,
    ]);
  });

  it('is ended with its children after 10 s', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    const ids = join(root, 'ids');
    const failing = failureOf(filler()(connection([script('sleep 600 & echo $! $$ > ids.new; mv ids.new ids; wait')])));
    await vi.waitUntil(() => existsSync(ids), { timeout: 10_000 });
    vi.advanceTimersByTime(10_000);
    expect((await failing).message).toBe("Connection 'pg': password_command did not finish within 10 s.");
    const running = readFileSync(ids, 'utf8').trim().split(' ').map(Number);
    await vi.waitUntil(() => running.every(id => !isRunning(id)));
  });

  it('is ended by an interruption', async () => {
    const controller = new AbortController();
    const failing = failureOf(filler(controller.signal)(connection([script('echo > started; sleep 600')])));
    await vi.waitUntil(() => existsSync(join(root, 'started')), { timeout: 10_000 });
    controller.abort();
    expect(await failing).toMatchObject({ code: 'interrupted', exitCode: 130 });
  });
});

describe('a profile with password_command', () => {
  const profile = parseProfile(
    `connections:
  both: { type: postgresql, password: s3cret, password_command: [echo, s3cret] }
  text: { type: postgresql, password_command: echo s3cret }
  empty: { type: postgresql, password_command: [] }
  number: { type: postgresql, password_command: [echo, 1] }
  good: { type: postgresql, password: "\${UNSET:}", password_command: [echo, "\${X}"] }
`,
    'profiles.yml',
  );
  const list = 'password_command must be a list of a program and its arguments';

  it.each([
    ['both', 'it has both password and password_command'],
    ['text', list],
    ['empty', list],
    ['number', list],
  ])('%s is refused', (name, what) => {
    expect(() => findConnection(profile, name, {})).toThrow(`profiles.yml: connection '${name}': ${what}.`);
  });

  it('may leave the password empty, and fills in variables', () => {
    expect(findConnection(profile, 'good', { X: 'x' }).settings).toEqual({
      password: '',
      password_command: ['echo', 'x'],
    });
  });
});

/** A process that was killed may wait as a zombie for its parent. */
function isRunning(id: number): boolean {
  try {
    process.kill(id, 0);
    return !readFileSync(`/proc/${id}/stat`, 'utf8').includes(') Z ');
  } catch {
    return false;
  }
}
