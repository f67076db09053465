import { utimesSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import {
  addNode,
  baselineProject,
  CLEANED,
  DAILY,
  type Document,
  finishedProject,
  inlineProject,
  type TestProject,
} from './harness.ts';

const NOTHING = '✓ No changes detected. Nothing to run.';

/** The ids of the nodes with a status, sorted. */
const withStatus = (document: Document, status: string) =>
  document.nodes
    .filter(node => node['status'] === status)
    .map(node => node.id)
    .sort();

async function outcomeOf(
  project: TestProject,
  ...words: string[]
): Promise<{ readonly code: number | null; readonly document: Document; readonly stderr: string }> {
  const outcome = await project.run([...words, '--json']);
  return { code: outcome.code, document: JSON.parse(outcome.stdout) as Document, stderr: outcome.stderr };
}

/** One more order, on an existing date. */
function addOrder(project: TestProject): void {
  const last = project.read('data/orders.csv').trim().split('\n').at(-1) ?? '';
  project.append('data/orders.csv', `${last.replace(/^[^,]+/, 'ORD-999')}\n`);
}

describe('run', () => {
  it('runs everything once, with the documented figures, and then nothing', async () => {
    const project = finishedProject();
    const first = await project.run(['run']);
    expect([first.code, first.stdout.trim().split('\n').at(-1)]).toEqual([0, '✓ Run complete: 5 executed']);
    expect(first.stderr.match(/\(\d of \d\)/g)?.join(' ')).toBe('(1 of 5) (2 of 5) (3 of 5) (4 of 5) (5 of 5)');
    const counts = await project.query(
      'SELECT (SELECT count(*) FROM source_raw_orders) AS raw, (SELECT count(*) FROM orders_cleaned) AS cleaned, (SELECT count(*) FROM orders_merged) AS merged, (SELECT count(*) FROM daily_revenue) AS days, (SELECT count(*) FROM orders_cleaned WHERE quality_flag = 1) AS flagged',
    );
    expect(counts).toEqual([{ raw: 13, cleaned: 12, merged: 14, days: 8, flagged: 3 }]);
    const before = project.snapshot();
    const second = await project.run(['run']);
    expect([second.code, second.stdout]).toEqual([0, `${NOTHING}\n`]);
    expect(Object.keys(project.snapshot()).sort()).toEqual(Object.keys(before).sort());
  });

  it('runs only the source with new rows and the nodes below it', async () => {
    const project = await baselineProject();
    addOrder(project);
    const { document } = await outcomeOf(project, 'run');
    expect(withStatus(document, 'executed')).toEqual([
      'source.raw_orders',
      'transform.daily_revenue',
      'transform.orders_cleaned',
      'transform.orders_merged',
    ]);
    expect(withStatus(document, 'reused')).toEqual(['source.orders_updates']);
    expect(await project.query('SELECT count(*) AS n FROM source_raw_orders')).toEqual([{ n: 14 }]);
  });

  it('runs only the node with an edited query', async () => {
    const project = await baselineProject();
    project.edit(DAILY, 'SUM(items) as total_items', 'SUM(items) + 0 as total_items');
    const { document } = await outcomeOf(project, 'run');
    expect(withStatus(document, 'executed')).toEqual(['transform.daily_revenue']);
    expect(withStatus(document, 'reused')).toHaveLength(4);
  });

  it('runs nothing for a touched file or a missing view; rebuilds a missing artefact', async () => {
    const project = await baselineProject();
    utimesSync(project.path('data/orders.csv'), new Date(), new Date());
    expect((await project.run(['run'])).stdout).toBe(`${NOTHING}\n`);
    const view = 'target/intermediate/transform_daily_revenue.parquet';
    project.remove(view);
    expect((await project.run(['run'])).stdout).toBe(`${NOTHING}\n`);
    expect(project.exists(view)).toBe(true);

    const rows = await project.query('FROM transform_daily_revenue ORDER BY ALL');
    const { nodes } = project.json('target/run_state.json') as never as { nodes: Record<string, { artefact: string }> };
    const artefact = nodes['transform.daily_revenue']?.artefact ?? '';
    const file =
      Object.keys(project.snapshot()).find(path => path.startsWith('target/store/') && path.includes(artefact)) ?? '';
    project.remove(file);
    const { document } = await outcomeOf(project, 'run');
    expect(withStatus(document, 'executed')).toEqual(['transform.daily_revenue']);
    expect(await project.query('FROM transform_daily_revenue ORDER BY ALL')).toEqual(rows);
  });

  it('keeps production after a failure, and continues from there in the next run', async () => {
    const project = await baselineProject();
    const before = project.snapshot('target/intermediate');
    addOrder(project);
    project.edit(DAILY, 'SUM(items)', "SUM(CASE WHEN error('stop') IS NULL THEN items END)");
    const failed = await outcomeOf(project, 'run');
    expect([failed.code, failed.document['status'], failed.document['serial']]).toEqual([1, 'failed', null]);
    expect(withStatus(failed.document, 'failed')).toEqual(['transform.daily_revenue']);
    expect(project.snapshot('target/intermediate')).toEqual(before);
    expect((project.json('target/run_state.json') as never as { last_attempt: object }).last_attempt).toMatchObject({
      status: 'failed',
      failed: ['transform.daily_revenue'],
    });
    project.edit(DAILY, "SUM(CASE WHEN error('stop') IS NULL THEN items END)", 'SUM(items)');
    const next = await outcomeOf(project, 'run');
    expect(next.code).toBe(0);
    expect(withStatus(next.document, 'executed')).toEqual(['transform.daily_revenue']);
  });

  it('skips the nodes that a failure stopped, and reuses those with nothing to do', async () => {
    const project = await baselineProject();
    addNode(project, 'transform.bad', "SELECT CAST(status AS INTEGER) AS x FROM ref('source.raw_orders')");
    addNode(project, 'transform.below', "SELECT x FROM ref('transform.bad')");
    addNode(project, 'transform.late', "SELECT count(*) AS n FROM ref('source.raw_orders')");
    const { code, document } = await outcomeOf(project, 'run');
    expect([code, withStatus(document, 'failed'), withStatus(document, 'skipped')]).toEqual([
      1,
      ['transform.bad'],
      ['transform.below', 'transform.late'],
    ]);
    expect(withStatus(document, 'reused')).toHaveLength(5);
  });

  it('--tags includes the inputs that it needs, and reports when nothing matches', async () => {
    const project = inlineProject({ 'source.a': 'id\n1\n', 'source.b': 'id\n1\n' });
    addNode(project, 'transform.t', "SELECT id FROM ref('source.a')", 'tags: [core]\n');
    addNode(project, 'transform.u', "SELECT id FROM ref('transform.t')");
    addNode(project, 'transform.v', "SELECT id FROM ref('source.b')", 'tags: [other]\n');
    const tagged = await outcomeOf(project, 'run', '--tags', 'core');
    expect(withStatus(tagged.document, 'executed')).toEqual(['source.a', 'transform.t']);
    const none = await project.run(['run', '--tags', 'nothing']);
    expect(none.stdout + none.stderr).toMatch(/nothing/);
    expect(none.stdout).not.toContain('executed');
  });

  it('--full rebuilds only the selected nodes', async () => {
    const project = inlineProject({ 'source.a': 'id\n1\n', 'source.b': 'id\n1\n' });
    addNode(project, 'transform.t', "SELECT id FROM ref('source.a')", 'tags: [core]\n');
    addNode(project, 'transform.u', "SELECT id FROM ref('transform.t')");
    addNode(project, 'transform.v', "SELECT id FROM ref('source.b')", 'tags: [other]\n');
    await project.ok('run');
    const cases: readonly (readonly [readonly string[], readonly string[]])[] = [
      [
        ['--nodes', 't'],
        ['transform.t', 'transform.u'],
      ],
      [['--nodes', 'v'], ['transform.v']],
      [
        ['--nodes', 'source.b'],
        ['source.b', 'transform.v'],
      ],
      [
        ['--types', 'source'],
        ['source.a', 'source.b'],
      ],
      [['--tags', 'core'], ['transform.t']],
      [
        ['--exclude-tags', 'core,other'],
        ['source.a', 'source.b', 'transform.u'],
      ],
      [[], ['source.a', 'source.b', 'transform.t', 'transform.u', 'transform.v']],
    ];
    for (const [words, ids] of cases) {
      const preview = await project.document('run', '--full', ...words, '--dry-run');
      expect([...withStatus(preview, 'executed')].sort(), words.join(' ')).toEqual(ids);
      const full = await outcomeOf(project, 'run', '--full', ...words);
      expect([...withStatus(full.document, 'executed')].sort(), words.join(' ')).toEqual(ids);
      if (words[0] === '--tags') expect(full.stderr).toContain('left behind by the selection: transform.u');
    }
  });

  it('--exclude-tags warns if an included node needs an excluded one', async () => {
    const project = inlineProject({ 'source.a': 'id\n1\n' });
    addNode(project, 'transform.t', "SELECT id FROM ref('source.a')", 'tags: [slow]\n');
    addNode(project, 'transform.u', "SELECT id FROM ref('transform.t')");
    const outcome = await project.run(['run', '--exclude-tags', 'slow']);
    expect(outcome.stderr).toContain(
      'warning: left out: transform.u; excluded and not in production yet: transform.t\n',
    );
    expect(outcome.code).toBe(0);
    await project.ok('run');
    project.append('data/a.csv', '2\n');
    const later = await outcomeOf(project, 'run', '--exclude-tags', 'slow');
    expect(later.stderr).toContain('warning: transform.t is needed but excluded by tag: its production data is used\n');
    expect(withStatus(later.document, 'executed')).toEqual(['source.a']);
  });

  it('--nodes includes descendants; --types leaves them behind and names them', async () => {
    const project = await baselineProject();
    project.edit(CLEANED, 'kind: transform', 'kind: transform\nowner: me');
    addOrder(project);
    const sources = await project.run(['run', '--types', 'source']);
    expect(sources.code).toBe(0);
    expect(sources.stdout).toContain('source.raw_orders');
    expect(sources.stderr).toMatch(/transform\.orders_cleaned/);
    const rest = await outcomeOf(project, 'run', '--nodes', 'transform.orders_cleaned');
    expect(withStatus(rest.document, 'executed')).toEqual([
      'transform.daily_revenue',
      'transform.orders_cleaned',
      'transform.orders_merged',
    ]);
    const unknown = await project.run(['run', '--nodes', 'orders_claned']);
    expect([unknown.code, unknown.stderr]).toEqual([
      1,
      expect.stringMatching(/Did you mean '?(transform\.)?orders_cleaned/),
    ]);
  });

  it('reports only nodes as left behind that the next run executes', async () => {
    const project = await baselineProject();
    const idle = await project.run(['run', '--types', 'source']);
    expect([idle.code, idle.stdout, idle.stderr]).toEqual([0, `${NOTHING}\n`, '']);
    addOrder(project);
    const moved = await project.run(['run', '--types', 'source']);
    expect(moved.stderr).toContain(
      "warning: left behind by the selection: transform.daily_revenue, transform.orders_cleaned, transform.orders_merged; the next 'seeknal run' executes them\n",
    );
    const again = await project.run(['run', '--types', 'source']);
    expect(again.stderr).toContain('left behind');
    await project.ok('run');
    expect((await project.run(['run', '--types', 'source'])).stderr).toBe('');
  });

  it('refuses an empty selection instead of running everything', async () => {
    const project = finishedProject();
    for (const flag of ['--nodes', '--types', '--tags', '--exclude-tags']) {
      const outcome = await project.run(['run', flag, ' , ']);
      expect([outcome.code, outcome.stderr]).toEqual([
        1,
        `error[bad-option]: ${flag} takes at least one name, not ' , '.\n`,
      ]);
    }
  });

  it('--dry-run and --show-plan show what would happen, and write nothing', async () => {
    const project = await baselineProject();
    addOrder(project);
    const before = project.snapshot();
    const dry = await outcomeOf(project, 'run', '--dry-run');
    expect([dry.code, dry.document['dry_run'], dry.document['serial']]).toEqual([0, true, null]);
    expect(withStatus(dry.document, 'executed')).toContain('source.raw_orders');
    expect((await project.run(['run', '--show-plan'])).stdout).toContain('transform.daily_revenue');
    expect(project.snapshot()).toEqual(before);
  });

  it('suggests --parallel for a wide layer, unless it is given', async () => {
    const nodes = Object.fromEntries(Array.from({ length: 4 }, (_, i) => [`source.s${i}`, 'id\n1\n']));
    const plain = await inlineProject(nodes).run(['run']);
    expect(plain.stdout + plain.stderr).toContain('--parallel');
    for (const flags of [['--parallel'], ['--max-workers', '2']]) {
      const parallel = await inlineProject(nodes).run(['run', ...flags]);
      expect(parallel.stdout + parallel.stderr).not.toContain('--parallel');
    }
    const narrow = await inlineProject({ 'source.s': 'id\n1\n' }).run(['run']);
    expect(narrow.stdout + narrow.stderr).not.toContain('--parallel');
  });

  it('--retry retries a failed node, without --continue-on-error', async () => {
    const project = inlineProject({
      'source.s': 'id\n1\n',
      'transform.bad': "SELECT error('stop') AS x FROM ref('source.s')",
    });
    const failed = await project.run(['run', '--retry', '2']);
    expect(failed.code).toBe(1);
    expect(failed.stderr.match(/transform\.bad failed, trying again/g)).toHaveLength(2);
    expect((await project.run(['run'])).stderr).not.toContain('trying again');
  });

  it('--parallel reports failures, and caches everything on success', async () => {
    const project = inlineProject({
      'source.a': 'id\n1\n',
      'source.b': 'id\n2\n',
      'transform.x': "SELECT id FROM ref('source.a')",
      'transform.y': "SELECT error('stop') AS e FROM ref('source.b')",
    });
    const failed = await outcomeOf(project, 'run', '--parallel', '--continue-on-error');
    expect([failed.code, withStatus(failed.document, 'failed')]).toEqual([1, ['transform.y']]);
    addNode(project, 'transform.y', "SELECT id FROM ref('source.b')");
    const next = await outcomeOf(project, 'run', '--parallel', '--max-workers', '1');
    expect(withStatus(next.document, 'executed')).toEqual(['transform.y']);
    expect((await project.run(['run', '--parallel'])).stdout).toBe(`${NOTHING}\n`);
  });

  it('reports a store without its ledger, and a target that is a file', async () => {
    const project = await baselineProject();
    project.remove('target/store/ledger.jsonl');
    for (const words of [['run'], ['env', 'plan', 'dev'], ['lineage', 'daily_revenue']]) {
      const { code, stderr } = await project.run(words);
      expect([code, stderr]).toEqual([
        1,
        expect.stringMatching(/^error\[store-damaged\]: .*ledger.jsonl, without the /),
      ]);
    }
    project.remove('target');
    project.write('target', '');
    for (const words of [['run'], ['env', 'list'], ['env', 'plan', 'dev'], ['repl', '-e', 'SELECT 1'], ['doctor']]) {
      const { code, stderr } = await project.run(words);
      expect([code, stderr]).toEqual([1, expect.stringMatching(/^error\[target-taken\]: /)]);
    }
  });

  it('removes a node whose file no longer exists, and lists it', async () => {
    const project = await baselineProject();
    project.remove(DAILY);
    const outcome = await project.run(['run']);
    expect([outcome.code, outcome.stdout.includes('transform.daily_revenue')]).toEqual([0, true]);
    expect(project.exists('target/intermediate/transform_daily_revenue.parquet')).toBe(false);
    expect((await project.run(['repl', '-e', 'FROM transform_daily_revenue'])).code).toBe(1);
  });
});
