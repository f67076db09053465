import { expect } from 'vitest';
import { TestProject } from './harness.ts';

/** A project without nodes. */
export function emptyProject(root?: string): TestProject {
  const project = new TestProject(root);
  project.write('seeknal_project.yml', 'name: nodes\n');
  return project;
}

/** A source over an existing file. */
export function addSource(project: TestProject, name: string, fields: Readonly<Record<string, unknown>>): void {
  project.write(`seeknal/${name}.yml`, JSON.stringify({ kind: 'source', name, ...fields }));
}

export interface Mistake {
  readonly code: string;
  readonly message: string;
  readonly file: string | null;
  readonly line: number | null;
  readonly column: number | null;
  readonly hint: string | null;
}

/** The mistakes of an invalid project, as reported by a command (default: `validate`). */
export async function mistakesOf(project: TestProject, ...command: string[]): Promise<readonly Mistake[]> {
  const outcome = await project.run([...(command.length > 0 ? command : ['validate']), '--json']);
  expect(outcome.code, outcome.stdout).toBe(1);
  expect(outcome.stderr).not.toMatch(/\n\s+at .*\.(js|ts):\d+/);
  return (JSON.parse(outcome.stdout) as { diagnostics: Mistake[] }).diagnostics;
}
