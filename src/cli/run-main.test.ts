import { Readable, Writable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { programOutput } from './program-output.ts';
import { type Outside, runMain } from './run-main.ts';

interface Output {
  readonly stream: Writable;
  text(): string;
}

/** Takes text, or refuses all of it for a reason of the operating system. */
function output(refusal?: string): Output {
  const texts: string[] = [];
  const stream = new Writable({
    write(chunk: Buffer, _, done) {
      texts.push(chunk.toString());
      done(refusal === undefined ? null : Object.assign(new Error(refusal), { code: refusal }));
    },
  });
  return { stream, text: () => texts.join('') };
}

const WORLD: Outside['world'] = {
  cwd: '/',
  home: '/nowhere',
  variables: {},
  now: () => new Date(0),
  signal: new AbortController().signal,
};

/** A world that no command can work with. */
const brokenWorld = (variables: Outside['world']['variables'] = {}): Outside['world'] => ({
  ...WORLD,
  variables,
  get cwd(): string {
    throw new Error('no world');
  },
});

async function run(words: readonly string[], { world = WORLD, stdout = output() } = {}) {
  const stderr = output();
  const code = await runMain({
    words,
    version: '1.2.3',
    world,
    stdout: programOutput(stdout.stream, world.variables),
    stderr: programOutput(stderr.stream, world.variables),
    stdin: { stream: Readable.from([]), isTerminal: false },
  });
  return { code, out: stdout.text(), err: stderr.text() };
}

describe('runMain', () => {
  it('shows the version, and returns the exit code of a command', async () => {
    expect(await run(['-V'])).toEqual({ code: 0, out: '1.2.3\n', err: '' });
    expect((await run(['rnu'])).code).toBe(64);
  });

  it('reports an unexpected error as a bug, with --json also as a document', async () => {
    const { code, out, err } = await run(['env', 'list'], { world: brokenWorld() });
    expect([code, out, err.split('\n')[0]]).toEqual([70, '', 'error[bug]: This is a bug in seeknal 1.2.3: no world']);
    const json = await run(['env', 'list', '--json'], { world: brokenWorld() });
    expect([json.code, JSON.parse(json.out)]).toMatchObject([
      70,
      { format: 'seeknal.error', diagnostics: [{ code: 'bug', hint: expect.stringContaining('SEEKNAL_DEBUG=1') }] },
    ]);
  });

  it('shows the stack of a bug only with SEEKNAL_DEBUG=1', async () => {
    expect((await run(['env', 'list'], { world: brokenWorld() })).err).not.toContain('run-main.test.ts');
    const world = brokenWorld({ SEEKNAL_DEBUG: '1' });
    expect((await run(['env', 'list'], { world })).err).toContain('run-main.test.ts');
  });

  it('fails if output is lost, but not if its reader is gone', async () => {
    const message = 'error[output-unwritable]: The output cannot be written (ENOSPC).\n';
    expect(await run(['--version'], { stdout: output('ENOSPC') })).toMatchObject({ code: 1, err: message });
    expect(await run(['--version'], { stdout: output('EPIPE') })).toMatchObject({ code: 0, err: '' });
  });
});
