import { expect } from 'vitest';
import { schemaViolations } from '../schemas.ts';
import { TestProject } from './harness.ts';

/** It looks the same in JSON. */
export const SECRET = 'p4ss-Wörd&1';

export interface TestDocument {
  readonly status: string;
  readonly diagnostics: readonly { readonly code: string }[];
  readonly [key: string]: unknown;
}

/** A project with this text as a profile. */
export function projectWith(profile: string, path = 'profiles.yml'): TestProject {
  const project = new TestProject();
  project.write('seeknal_project.yml', 'name: shop\n');
  project.write(path, profile);
  return project;
}

/** Runs the command with `--json`; what it prints matches the schema and contains no secret. */
export async function testConnection(
  project: TestProject,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
) {
  const { code, stdout, stderr } = await project.run(['connection-test', ...args, '--json'], { env });
  expect(stdout + stderr).not.toContain(SECRET);
  const document = JSON.parse(stdout) as TestDocument;
  expect(schemaViolations(document)).toEqual([]);
  return { code, document };
}

/** The code, message and hint of a command that fails without connecting. */
export async function refusalOf(project: TestProject, ...args: string[]): Promise<readonly unknown[]> {
  const { code, document } = await testConnection(project, args);
  expect([code, document['format'], document.diagnostics]).toEqual([1, 'seeknal.error', [expect.anything()]]);
  const { code: mistake, message, hint } = document.diagnostics[0] as Record<string, unknown>;
  return [mistake, message, hint];
}
