import { describe, expect, it } from 'vitest';
import type { PlanDocument, PlanNode, PlanSummary } from '../core/documents/plan-document.ts';
import { planJson, renderPlan, renderPlanning } from './plan-view.ts';
import { createStyle, PLAIN } from './text/style.ts';

const RULE = '='.repeat(60);
const NOTHING: PlanSummary = {
  breaking: 0,
  non_breaking: 0,
  metadata: 0,
  new: 0,
  removed: 0,
  to_execute: 0,
  to_verify: 0,
  to_move: 0,
};

const node = (id: string, over: Partial<PlanNode> = {}): PlanNode => ({
  id,
  change: 'none',
  category: null,
  action: 'reuse',
  verify: false,
  moves: false,
  reason: 'unchanged',
  columns: null,
  rows_changed: null,
  schema: null,
  targets: [],
  evidence: [],
  ...over,
});

const plan = (over: Partial<PlanDocument> = {}): PlanDocument => ({
  format: 'seeknal.plan',
  version: 1,
  environment: 'dev',
  fingerprint: '0'.repeat(64),
  base: null,
  changed: true,
  profile: null,
  nodes: [],
  summary: NOTHING,
  diagnostics: [],
  ...over,
});

const ONE_COLUMN = plan({
  nodes: [
    node('transform.orders_merged'),
    node('transform.daily_revenue', {
      change: 'modified',
      category: 'non_breaking',
      action: 'run',
      moves: true,
      reason: 'adds column unique_customers',
      columns: {
        added: ['unique_customers'],
        removed: [],
        retyped: [{ name: 'a', from: 'INTEGER', to: 'BIGINT' }],
        changed: ['b'],
      },
      rows_changed: true,
      schema: [{ name: 'a', type: 'BIGINT' }],
      evidence: ['column added', 'type widened'],
    }),
  ],
  summary: { ...NOTHING, non_breaking: 1, to_execute: 1, to_move: 1 },
});
const PLAIN_VIEW = { style: PLAIN, verbose: false, savedTo: 'target/environments/dev/plan.json' };

describe('renderPlan', () => {
  it('says if nothing changed', () => {
    const text =
      renderPlanning('dev', PLAIN) + renderPlan(plan({ changed: false, nodes: [node('source.a')] }), PLAIN_VIEW);
    expect(text).toBe(`ℹ Planning environment 'dev'...\n\nℹ Environment Plan: dev\n${RULE}\n✓ No changes detected.\n`);
  });

  it('counts the changes, then names the changed nodes', () => {
    expect(renderPlan(ONE_COLUMN, PLAIN_VIEW)).toBe(
      [
        'ℹ Environment Plan: dev',
        RULE,
        '  Non-breaking changes: 1',
        '  Total nodes to execute: 1',
        '✓ Plan saved to target/environments/dev/plan.json',
        '',
        '  ~ transform.daily_revenue   non-breaking   run   adds column unique_customers',
        '',
      ].join('\n'),
    );
  });

  it('shows every node in full when asked', () => {
    expect(
      renderPlan(ONE_COLUMN, { ...PLAIN_VIEW, verbose: true })
        .split('\n')
        .slice(5),
    ).toEqual([
      '',
      '    transform.orders_merged                  reuse   unchanged',
      '  ~ transform.daily_revenue   non-breaking   run     adds column unique_customers',
      '      added: unique_customers',
      '      retyped: a INTEGER → BIGINT',
      '      values may differ: b',
      '      rows may differ',
      '      evidence: column added; type widened',
      '      columns: a BIGINT',
      '',
    ]);
  });

  it('has a line for each kind of change, in the order of the guide', () => {
    const summary = {
      breaking: 2,
      non_breaking: 1,
      metadata: 3,
      new: 4,
      removed: 5,
      to_execute: 6,
      to_verify: 1,
      to_move: 3,
    };
    const nodes = [
      node('transform.a', { action: 'run', moves: true, reason: 'reads transform.m.amount, which changed' }),
      node('transform.b', { verify: true, reason: 'reads what is rebuilt' }),
      node('source.c', { change: 'new', category: 'non_breaking', action: 'run', moves: true, reason: 'is new' }),
      node('source.d', {
        change: 'removed',
        category: 'breaking',
        action: 'remove',
        moves: true,
        reason: 'its file\nis gone',
      }),
    ];
    expect(renderPlan(plan({ environment: null, nodes, summary }), { ...PLAIN_VIEW, savedTo: null })).toBe(
      [
        'ℹ Production Plan',
        RULE,
        '  Non-breaking changes: 1',
        '  Breaking changes: 2',
        '  Metadata changes: 3',
        '  New nodes: 4',
        '  Removed nodes: 5',
        '  Nodes to verify: 1',
        '  Total nodes to execute: 6',
        '',
        '    transform.a                  run      reads transform.m.amount, which changed',
        '    transform.b                  verify   reads what is rebuilt',
        '  + source.c      non-breaking   run      is new',
        '  - source.d      breaking       remove   its file is gone',
        '',
      ].join('\n'),
    );
  });

  it('keeps long lists short', () => {
    const nodes = Array.from({ length: 50 }, (_, index) =>
      node(`source.n${index}`, { change: 'new', category: 'non_breaking', action: 'run' }),
    );
    expect(renderPlan(plan({ nodes }), PLAIN_VIEW).split('\n').at(-2)).toBe('  … and 10 more; -v shows all');
  });

  it('uses colour only with a coloured style', () => {
    expect(renderPlanning(null, createStyle(true))).toBe('\u001b[36mℹ\u001b[39m Planning production...\n\n');
  });
});

describe('planJson', () => {
  it('leaves out the record for apply', () => {
    expect(planJson({ ...ONE_COLUMN, record: { a: 1 } })).toEqual(ONE_COLUMN);
  });
});
