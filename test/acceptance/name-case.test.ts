import { describe, expect, it } from 'vitest';
import { addNode, inlineProject, type TestProject } from './harness.ts';

const T = "SELECT g, sum(n) AS Total, 1 AS one FROM ref('source.s') GROUP BY g";

const project = (): TestProject =>
  inlineProject({
    'source.s': 'g,n\na,1\na,2\nb,5\n',
    'source.m': 'id\n1\n3\n',
    'transform.t': T,
    'transform.named': "SELECT g, total + 1 AS x FROM ref('transform.t')",
    'transform.aliased': "SELECT u.v AS w FROM (SELECT Total AS v FROM ref('transform.t')) u",
    'transform.unread': "SELECT g FROM ref('transform.t')",
    'transform.star': "SELECT * FROM ref('transform.t')",
    'transform.taken': "SELECT total FROM ref('transform.t')",
    'transform.row': "SELECT t AS r FROM ref('transform.t') t",
    'transform.names': "SELECT column_name FROM (DESCRIBE ref('transform.t'))",
  });

describe('an output name in another case', () => {
  it('is a rename for readers of the file, and no change for queries', async () => {
    const made = project();
    await made.ok('run');
    addNode(made, 'transform.t', T.replace('Total', 'total'));
    const plan = await made.document('plan');
    expect(made.node(plan, 'transform.t')).toMatchObject({
      category: 'breaking',
      action: 'run',
      reason: 'its definition changed (case only)',
      columns: { added: ['total'], removed: ['Total'], retyped: [], changed: [] },
      rows_changed: false,
      evidence: ['column Total is now total (case only)'],
    });
    const run = await made.document('run');
    const statuses = run.nodes.map(node => [node.id.replace('transform.', ''), node['status']]);
    expect(Object.fromEntries(statuses)).toEqual({
      'source.s': 'reused',
      'source.m': 'reused',
      t: 'executed',
      named: 'reused',
      aliased: 'reused',
      unread: 'reused',
      star: 'executed',
      taken: 'executed',
      row: 'executed',
      names: 'executed',
    });
    expect((await made.query('FROM transform_star ORDER BY g')).map(row => Object.keys(row))).toEqual([
      ['g', 'total', 'one'],
      ['g', 'total', 'one'],
    ]);
    expect(await made.ok('run')).toContain('No changes detected');
  });

  it('counts as more with another column order', async () => {
    const made = project();
    await made.ok('run');
    addNode(made, 'transform.t', "SELECT sum(n) AS TOTAL, g, 1 AS one FROM ref('source.s') GROUP BY g");
    const plan = await made.document('plan');
    expect(made.node(plan, 'transform.t')).toMatchObject({
      category: 'breaking',
      reason: 'its definition changed',
      evidence: ['column Total is now TOTAL (case only)'],
    });
  });

  it('is not reported as a change of order by diff and plan -v', async () => {
    const made = project();
    await made.ok('run');
    addNode(made, 'transform.t', T.replace('Total', 'total'));
    for (const args of [
      ['plan', '-v'],
      ['diff', 'transform.t'],
    ]) {
      const shown = await made.ok(...args);
      expect(shown).toContain('case only');
      expect(shown).not.toContain('only the order');
    }
  });
});
