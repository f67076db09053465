import { afterEach, describe, expect, it } from 'vitest';
import { addUniqueCustomers, baselineProject, type TestProject } from '../acceptance/harness.ts';
import { Terminal } from '../support/terminal.ts';

const CTRL_C = '\u0003';
const CTRL_D = '\u0004';

const opened: Terminal[] = [];
afterEach(() => {
  for (const terminal of opened.splice(0)) terminal.kill();
});

function terminal(project: TestProject, ...words: readonly string[]): Terminal {
  const made = new Terminal(words, { cwd: project.root, env: { HOME: project.home, SEEKNAL_AUTHOR: 'ana' } });
  opened.push(made);
  return made;
}

async function appliedProject(): Promise<TestProject> {
  const project = await baselineProject();
  addUniqueCustomers(project);
  await project.ok('env', 'plan', 'dev');
  await project.ok('env', 'apply', 'dev');
  return project;
}

describe('in a terminal', () => {
  it('promote shows the changes and asks', async () => {
    const project = await appliedProject();
    for (const answer of ['n\r', '\r', CTRL_D]) {
      const asking = terminal(project, 'env', 'promote', 'dev');
      await asking.until("Promote 'dev' to production? [y/N] ");
      asking.type(answer);
      await asking.until('Aborted');
      expect(await asking.exit).toBe(1);
    }
    const stopped = terminal(project, 'env', 'promote', 'dev');
    await stopped.until('[y/N] ');
    stopped.type(CTRL_C);
    expect(await stopped.exit).toBe(130);
    expect(project.read('target/manifest.json')).not.toContain('unique_customers');
    const agreed = terminal(project, 'env', 'promote', 'dev');
    await agreed.until('[y/N] ');
    agreed.type('y\r');
    expect(await agreed.exit).toBe(0);
    expect(project.read('target/manifest.json')).toContain('unique_customers');
  });

  it('the REPL prompts, accepts statements of several lines and survives Ctrl-C', async () => {
    const project = await appliedProject();
    const repl = terminal(project, 'repl', '--env', 'dev');
    await repl.until('Seeknal SQL REPL (DuckDB + StarRocks)\n');
    await repl.until('[env: dev]\n  Intermediate outputs: 5 tables registered\n');
    await repl.until('seeknal[dev]> ');
    repl.type('SELECT count(unique_customers) AS n\r');
    await repl.until('...> ');
    repl.type('FROM transform_daily_revenue;\r');
    await repl.until('(1 row)');
    await repl.until('seeknal[dev]> ');
    repl.type(`SELECT sum(a.range * b.range) FROM range(1000000) a, range(1000000) b;\r`);
    await repl.until('b;\n');
    repl.type(CTRL_C);
    await repl.until('Interrupted.');
    await repl.until('seeknal[dev]> ');
    repl.type('.quit\r');
    expect(await repl.exit).toBe(0);
  });

  it('output has colours, but not in a pipe', async () => {
    const project = await baselineProject();
    const painted = terminal(project, 'env', 'plan', 'dev');
    expect(await painted.exit).toBe(0);
    expect(painted.raw).toContain('\u001b[32m✓\u001b[39m No changes detected.');
    expect(painted.text).toContain("ℹ Planning environment 'dev'...\n\nℹ Environment Plan: dev\n");
    const piped = await project.run(['env', 'plan', 'dev'], { env: { NO_COLOR: '' } });
    expect(piped.stdout + piped.stderr).not.toContain('\u001b');
  });
});
