import { beforeAll, describe, expect, it } from 'vitest';
import { addNode, inlineProject, type TestProject } from './harness.ts';

describe('a hint names the intended command', () => {
  let project: TestProject;
  beforeAll(async () => {
    project = inlineProject({ 'source.o': 'id\n1\n', 'transform.m': "SELECT id FROM ref('source.o')" });
    await project.ok('run');
    addNode(project, 'transform.m', "SELECT id, 1 AS k FROM ref('source.o')");
    await project.ok('env', 'plan', 'dev');
  });

  it.each([
    ['apply dev', "'dev' is an environment: run 'seeknal env apply dev'."],
    ['diff dev', "'dev' is an environment: run 'seeknal env diff dev'."],
    ['show dev', "'dev' is an environment: run 'seeknal env show dev'."],
    ['lineage dev', "'dev' is an environment: run 'seeknal env show dev'."],
    ['run --nodes dev', "'dev' is an environment: run 'seeknal run --env dev'."],
    ['apply m', 'The file of transform.m is seeknal/m.yml.'],
    ['dry-run transform.m', 'The file of transform.m is seeknal/m.yml.'],
    ['diff devv', "Run 'seeknal list' to see all nodes."],
    ['env diff transform.m', "Did you mean 'seeknal diff transform.m'?"],
    ['env show source.o', "Did you mean 'seeknal show source.o'?"],
  ])('for %j', async (line, hint) => {
    const { code, stderr } = await project.run(line.split(' '));
    expect([code, stderr.split('\n')[1]]).toEqual([1, `  hint: ${hint}`]);
  });

  it('for apply with an unknown name', async () => {
    const { stderr } = await project.run(['apply', 'staging']);
    expect(stderr).toContain("To apply an environment, run 'seeknal env apply staging'.");
  });
});
