import { describe, expect, it } from 'vitest';
import type { NodeStatus, RunDocument, RunNode } from '../core/documents/run-document.ts';
import { renderRun } from './run-view.ts';
import { PLAIN } from './text/style.ts';

const node = (id: string, status: NodeStatus, over: Partial<RunNode> = {}): RunNode => ({
  id,
  status,
  rows: null,
  seconds: null,
  changed: !['reused', 'cut_off'].includes(status),
  error: null,
  reason: `why ${id}`,
  targets: [],
  ...over,
});

const run = (nodes: readonly RunNode[], over: Partial<RunDocument> = {}): RunDocument => ({
  format: 'seeknal.run',
  version: 1,
  environment: null,
  serial: 1,
  status: 'done',
  nodes,
  diagnostics: [],
  ...over,
});
const VIEW = { style: PLAIN, verbose: false, command: 'run' } as const;

describe('renderRun', () => {
  it('lists nodes that moved or were compared, and counts', () => {
    const nodes = [
      node('source.a', 'reused', { rows: 10 }),
      node('transform.daily', 'executed', { rows: 1, seconds: 0.0123 }),
      node('transform.back', 'reused', { rows: 4, changed: true }),
      node('transform.x', 'cut_off', { rows: 8, reason: 'its inputs turned out equal' }),
      node('source.old', 'removed', { reason: 'its file is gone' }),
    ];
    expect(renderRun(run(nodes), VIEW)).toBe(
      [
        '  transform.daily   executed   1 row    0.01s',
        '  transform.back    updated    4 rows',
        '  transform.x       cut off    8 rows           its inputs turned out equal',
        '  source.old        removed                     its file is gone',
        '✓ Run complete: 1 executed, 1 updated, 1 cut off, 1 unchanged, 1 removed',
        '',
      ].join('\n'),
    );
    expect(renderRun(run(nodes), { ...VIEW, verbose: true }).split('\n')[0]).toBe(
      '  source.a          unchanged   10 rows           why source.a',
    );
  });

  it('names failed nodes and the nodes that were skipped because of them', () => {
    const nodes = [
      node('transform.bad', 'failed', { error: { code: 'query-failed', message: 'Conversion Error: no\nnumber' } }),
      node('transform.below', 'skipped', { reason: 'depends on transform.bad, which failed' }),
    ];
    expect(
      renderRun(run(nodes, { status: 'failed', serial: null, environment: 'dev' }), { ...VIEW, command: 'apply' }),
    ).toBe(
      [
        '  transform.bad     failed    Conversion Error: no number',
        '  transform.below   skipped   depends on transform.bad, which failed',
        "✗ Apply of 'dev' failed: 1 failed, 1 skipped. Successful results are kept for the next run.",
        '',
      ].join('\n'),
    );
  });

  it.each([
    ['run', '✓ No changes detected. Nothing to run.\n'],
    ['apply', '✓ No changes to apply.\n'],
    ['promote', "✓ Nothing to promote from 'dev'.\n"],
  ] as const)('says if there is nothing to %s', (command, text) => {
    expect(
      renderRun(run([node('source.a', 'reused')], { status: 'nothing_to_do' }), { ...VIEW, command, from: 'dev' }),
    ).toBe(text);
  });

  it('renders a preview', () => {
    const nodes = [node('source.a', 'reused'), node('transform.d', 'promoted', { rows: 8 })];
    const document = run(nodes, { dry_run: true, serial: null });
    expect(
      renderRun(document, {
        ...VIEW,
        command: 'promote',
        from: 'dev',
        files: ['target/intermediate/transform_d.parquet'],
      }),
    ).toBe(
      [
        'ℹ Dry run: nothing is written.',
        '  transform.d   would be promoted   8 rows   why transform.d',
        '  Files:',
        '    target/intermediate/transform_d.parquet',
        '  1 to promote, 1 unchanged',
        '',
      ].join('\n'),
    );
  });
});
