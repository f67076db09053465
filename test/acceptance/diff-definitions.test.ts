import { mkdirSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { addNode, addUniqueCustomers, ALL, baselineProject, DAILY, finishedProject, MERGED } from './harness.ts';
import { runBinary } from '../support/run-binary.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

describe('diff', () => {
  it('shows unchanged, modified, new and deleted nodes with category and impact, and writes nothing', async () => {
    const project = await baselineProject();
    expect(await project.ok('diff')).toBe('✓ No changes: the definitions match production.\n');
    addUniqueCustomers(project);
    addNode(project, 'transform.extra', "SELECT 1 AS one FROM ref('source.raw_orders')");
    project.edit(MERGED, 'description:', 'owner: bo\ndescription:');
    const before = project.snapshot();
    const document = await project.document('diff');
    expect(document).toMatchObject({ format: 'seeknal.diff-definitions', version: 1, base: { serial: 1 } });
    expect(document.nodes.map(node => [node.id, node['change'], node['category'], node['rebuilds']])).toEqual(
      expect.arrayContaining([
        ['source.raw_orders', 'none', null, []],
        ['transform.orders_merged', 'modified', 'metadata', []],
        ['transform.daily_revenue', 'modified', 'non_breaking', ['transform.daily_revenue']],
        ['transform.extra', 'new', 'non_breaking', ['transform.extra']],
      ]),
    );
    const daily = project.node(document, 'transform.daily_revenue');
    expect(daily).toMatchObject({ file: DAILY, added: 2, removed: 1 });
    expect(daily['lines']).toContain('+    COUNT(DISTINCT customer_id) as unique_customers');
    const text = await project.ok('diff');
    expect(text).toContain('ℹ Definitions: production (1) → disk\n');
    expect(text).toContain('+    COUNT(DISTINCT customer_id) as unique_customers\n');
    expect(text).toContain('    +owner: bo\n');
    expect(text).toContain('Total: 3 nodes, 1 new, 2 modified\n');
    expect(project.snapshot()).toEqual(before);
  });

  it('names the nodes below that must be rebuilt, and shows a deleted node', async () => {
    const project = await baselineProject();
    project.edit('seeknal/transforms/orders_cleaned.yml', 'FROM ', 'FROM  /* all */ ');
    const same = await project.document('diff', 'orders_cleaned');
    expect(same.nodes).toEqual([expect.objectContaining({ category: 'metadata', rebuilds: [] })]);
    project.edit(MERGED, 'UNION ALL', 'UNION');
    const merged = project.node(await project.document('diff'), 'transform.orders_merged');
    expect(merged['rebuilds']).toEqual(['transform.orders_merged', 'transform.daily_revenue']);
    const other = await baselineProject();
    other.remove(DAILY);
    expect(await other.ok('diff', '--stat')).toMatch(
      /^- transform\.daily_revenue {3}deleted {3}breaking {3}\+0 -\d+\n\nTotal: 1 node, 1 deleted\n$/m,
    );
    const lines = other.node(await other.document('diff', 'daily_revenue'), 'transform.daily_revenue')['lines'];
    expect((lines as string[]).every(line => line.startsWith('-'))).toBe(true);
  });

  it('can be narrowed with --stat, --type and a node', async () => {
    const project = await baselineProject();
    addUniqueCustomers(project);
    project.edit('seeknal/sources/raw_orders.yml', 'description:', 'owner: bo\ndescription:');
    expect(await project.ok('diff', '--stat')).toBe(
      [
        'ℹ Definitions: production (1) → disk',
        '',
        '~ source.raw_orders         modified   metadata       +1 -0',
        '~ transform.daily_revenue   modified   non-breaking   +2 -1',
        '',
        'Total: 2 nodes, 2 modified',
        '',
      ].join('\n'),
    );
    expect(await project.ok('diff', '--stat', '--type', 'transform')).not.toContain('raw_orders');
    expect((await project.document('diff', '--type', 'source')).nodes.map(node => node.id).sort()).toEqual([
      'source.orders_updates',
      'source.raw_orders',
    ]);
    expect(await project.ok('diff', 'transform.daily_revenue')).toContain('Total: 1 node, 1 modified');
    expect(await project.ok('diff', 'orders_merged')).toBe(
      '✓ No changes: transform.orders_merged matches production.\n',
    );
  });

  it('shows changed values of shared parameters', async () => {
    const project = await baselineProject();
    project.write('seeknal/common/values.yml', 'limits: { least: 10 }\n');
    addNode(project, 'transform.many', "SELECT * FROM ref('source.raw_orders') WHERE {{ limits.least }} > 5");
    await project.ok('run');
    project.write('seeknal/common/values.yml', 'limits: { least: 20 }\n');
    expect(project.node(await project.document('diff', 'many'), 'transform.many')).toMatchObject({
      change: 'modified',
      lines: expect.arrayContaining(['-# with limits.least = 10', '+# with limits.least = 20']),
    });
  });

  it('shows every node as new without production', async () => {
    const project = finishedProject();
    const document = await project.document('diff');
    expect(document).toMatchObject({ base: null });
    expect(document.nodes.map(node => [node.id, node['change']]).sort()).toEqual(ALL.map(id => [id, 'new']));
    expect(project.exists('target/store')).toBe(false);
  });

  it('refuses unknown nodes and kinds, and a missing project', async () => {
    const project = await baselineProject();
    const refusals: readonly (readonly [readonly string[], string])[] = [
      [['transform.daily_revenu'], "Did you mean 'transform.daily_revenue'?"],
      [['--type', 'transfrom'], "Did you mean 'transform'?"],
      [['daily_revenue', '--type', 'source'], 'transform.daily_revenue is not a source.'],
    ];
    for (const [words, message] of refusals) {
      const outcome = await project.run(['diff', ...words]);
      expect([words, outcome.code, outcome.stderr]).toEqual([words, 1, expect.stringContaining(message)]);
    }
    const outside = temporaryFolder();
    mkdirSync(outside, { recursive: true });
    const outcome = await runBinary(['diff'], { cwd: outside });
    expect([outcome.code, outcome.stderr]).toEqual([
      1,
      expect.stringContaining('No seeknal_project.yml found in this folder'),
    ]);
  });
});
