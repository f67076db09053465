import { describe, expect, it } from 'vitest';
import { projectWith, refusalOf as refusal, SECRET } from './connection-tests.ts';
import { TestProject } from './harness.ts';

describe('connection-test without a server', () => {
  const project = projectWith(`connections:
  lake: { type: iceberg, uri: x }
  odd: { type: postgress, password: ${JSON.stringify(SECRET)} }
  typo: { type: postgresql, database: d, user: u, pasword: ${JSON.stringify(SECRET)} }
  failing: { type: postgresql, database: d, user: u, password_command: [sh, -c, ${JSON.stringify(`echo '${SECRET}'; exit 2`)}] }
  unset: { type: postgresql, database: d, user: u, password: "\${NOT_SET}" }
`);

  it.each([
    [
      'lake',
      'not-yet-supported',
      "Connection 'lake' has type 'iceberg', which is not supported yet.",
      "Use a connection of type 'postgresql'.",
    ],
    ['odd', 'unknown-connection-type', "Connection 'odd' has an unknown type.", "Did you mean 'postgres'?"],
    ['typo', 'bad-connection', "Connection 'typo': unknown key: pasword.", "Did you mean 'password'?"],
    [
      'failing',
      'password-command',
      "Connection 'failing': password_command exited with code 2.",
      'Run the command by hand in the project root, and check what it prints.',
    ],
    [
      'unset',
      'unset-variable',
      "profiles.yml: connection 'unset' needs the environment variable NOT_SET, which is not set.",
      'Set NOT_SET in the environment or in .env, or write ${NOT_SET:default}.',
    ],
    [
      'lak',
      'unknown-connection',
      "Connection 'lak' is not defined in profiles.yml. Available: failing, lake, odd, typo, unset.",
      "Did you mean 'lake'?",
    ],
  ])('refuses %s', async (name, code, message, hint) => {
    expect(await refusal(project, name)).toEqual([code, message, hint]);
  });

  it('says that there is no profile', async () => {
    expect((await refusal(new TestProject(), 'x')).slice(0, 2)).toEqual([
      'unknown-connection',
      "Connection 'x' is not defined: no profile was found.",
    ]);
  });
});
