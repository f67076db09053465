import { describe, expect, it, vi } from 'vitest';
import type { EnvironmentEntry } from '../core/documents/environments-document.ts';
import { diagnostic } from '../diagnostics/diagnostic.ts';
import { ToolError } from '../diagnostics/tool-error.ts';
import { renderBoxTable } from './text/box-table.ts';
import { errorJson, renderToolError } from './diagnostics-view.ts';
import { renderEnvironment, renderEnvironments } from './environments-view.ts';
import { renderGraph, renderLineage } from './lineage-view.ts';
import { renderNode, renderNodes, renderPreview } from './nodes-view.ts';
import { Progress } from './progress-view.ts';
import { PLAIN } from './text/style.ts';
import { clipText, textWidth } from './text/text-width.ts';

const TIME = '2026-01-02T03:04:05.000Z';
const SHORT = '2026-01-02 03:04';
const entry = (name: string, over: Partial<EnvironmentEntry> = {}): EnvironmentEntry => ({
  name,
  status: 'applied',
  serial: 2,
  created_at: TIME,
  last_used_at: TIME,
  expires_at: null,
  expired: false,
  ...over,
});

describe('renderEnvironments', () => {
  it('shows the text of the guide if there are none', () => {
    expect(renderEnvironments({ format: 'seeknal.environments', version: 1, environments: [] }, PLAIN)).toBe(
      'ℹ No environments found.\n',
    );
  });

  it('lists all environments with a total', () => {
    const corrupt = entry('x', { status: 'corrupt', created_at: null, last_used_at: null });
    const environments = [entry('dev', { expires_at: TIME, expired: true }), corrupt];
    expect(renderEnvironments({ format: 'seeknal.environments', version: 1, environments }, PLAIN)).toBe(
      [
        'Name   Status    Created            Last used          Expires',
        `dev    applied   ${SHORT}   ${SHORT}   EXPIRED`,
        'x      corrupt   -                  -                  never',
        '',
        'Total: 2 environments',
        '',
      ].join('\n'),
    );
  });
});

describe('renderEnvironment', () => {
  it('shows the base, and whether it can be promoted', () => {
    const details = {
      entry: entry('dev'),
      base: { serial: 3, production: 5 },
      profile: null,
      changed: [{ id: 'transform.m', change: 'modified', category: 'non_breaking', action: 'run' }],
      planned: true,
      targetsBehind: [],
      promotable: false,
      why: 'production moved on',
    };
    expect(renderEnvironment(details, PLAIN).split('\n').slice(6)).toEqual([
      '  Base:             based on 3, production is at 5',
      '  Profile:          none',
      '  Targets behind:   none',
      '  Promotable:       no: production moved on',
      'Changed nodes:',
      '  transform.m   modified   non-breaking   run',
      '',
    ]);
  });
});

describe('renderToolError', () => {
  const mistake = diagnostic({
    code: 'unknown-reference',
    message: 'Node transform.x does not exist.',
    file: 'seeknal/m.yml',
    at: { line: 4, column: 10 },
    hint: "Did you mean 'transform.y'?",
    source: { text: '  - ref: transform.x', length: 11 },
  });
  const error = new ToolError('invalid-project', 'The project has 1 mistake.', { diagnostics: [mistake] });

  it('shows each mistake with its place before the error', () => {
    expect(renderToolError(error, PLAIN)).toBe(
      [
        'seeknal/m.yml:4:10: error[unknown-reference]: Node transform.x does not exist.',
        '  4 |   - ref: transform.x',
        '    |          ^^^^^^^^^^^',
        "  hint: Did you mean 'transform.y'?",
        'error[invalid-project]: The project has 1 mistake.',
        '',
      ].join('\n'),
    );
  });

  it('has only the mistakes in its document, or the error if there are none', () => {
    const { source: _, node: __, ...fields } = mistake;
    expect(errorJson(error)).toEqual({ format: 'seeknal.error', version: 1, diagnostics: [fields] });
    expect(errorJson(new ToolError('no-plan', 'No plan.', { hint: 'Plan.' })).diagnostics).toEqual([
      { code: 'no-plan', severity: 'error', message: 'No plan.', file: null, line: null, column: null, hint: 'Plan.' },
    ]);
  });
});

describe('renderBoxTable', () => {
  it('aligns wide characters too, and shows NULL', () => {
    const columns = [
      { name: 'n', type: 'BIGINT' },
      { name: '名', type: 'VARCHAR' },
    ];
    expect(
      renderBoxTable(columns, [
        ['1', 'a\nb\u0007'],
        ['100', null],
      ]),
    ).toBe(
      [
        '┌─────┬──────┐',
        '│   n │ 名   │',
        '├─────┼──────┤',
        '│   1 │ a b· │',
        '│ 100 │ NULL │',
        '└─────┴──────┘',
        '',
      ].join('\n'),
    );
  });
});

describe('text', () => {
  it('is measured in columns and clipped', () => {
    expect(['abc', '日本', 'e\u0301', '👍'].map(textWidth)).toEqual([3, 4, 1, 2]);
    expect([clipText('abcdef', 4), clipText('日本語', 4), clipText('abc', 3)]).toEqual(['abc…', '日…', 'abc']);
  });
});

describe('nodes', () => {
  const line = { id: 'source.s', file: 'seeknal/s.yml', description: null, tags: ['a', 'b'], inputs: [] };

  it('are listed', () => {
    expect(renderNodes([line], PLAIN)).toBe(
      'Node       File            Tags\nsource.s   seeknal/s.yml   a, b\n\nTotal: 1 node\n'.replace(
        'Tags\n',
        'Tags   Description\n',
      ),
    );
    expect(renderNodes([], PLAIN)).toBe("ℹ No nodes found. Run 'seeknal draft source NAME' to create one.\n");
  });

  it('are shown in full', () => {
    const details = {
      ...line,
      id: 'transform.t',
      inputs: ['source.s'],
      owner: 'me',
      consumers: [],
      columns: [{ name: 'id', type: 'INTEGER' }],
      sql: 'SELECT *\nFROM x\n',
      reads: null,
      writes: ['postgresql analytics.orders (full)'],
    };
    expect(renderNode(details, PLAIN)).toBe(
      'transform.t\n  File:     seeknal/s.yml\n  Owner:    me\n  Tags:     a, b\n  Reads:    source.s\n  Writes:   postgresql analytics.orders (full)\n\nColumns:\n  id   INTEGER\n\nSQL:\n  SELECT *\n  FROM x\n',
    );
  });

  it('are previewed', () => {
    const columns = [{ name: 'id', type: 'INTEGER' }];
    expect(renderPreview({ id: 'source.s', columns, rows: null }, PLAIN)).toBe(
      '✓ source.s is valid: 1 column\n  id   INTEGER\n',
    );
    expect(
      renderPreview({ id: 'source.s', columns, rows: [['1']] }, PLAIN)
        .split('\n')
        .at(-2),
    ).toBe('1 row shown, nothing written.');
  });
});

describe('lineage', () => {
  const graph = {
    nodes: ['source.a', 'source.b', 'transform.c', 'transform.d', 'transform.e'],
    edges: [
      { from: 'source.a', to: 'transform.c' },
      { from: 'source.b', to: 'transform.d' },
      { from: 'transform.c', to: 'transform.d' },
      { from: 'transform.d', to: 'transform.e' },
    ],
  };

  it('is drawn from the sources down, each branch once', () => {
    expect(renderGraph({ nodes: [], edges: [] }, PLAIN)).toBe(renderNodes([], PLAIN));
    expect(renderGraph(graph, PLAIN)).toBe(
      [
        'source.a',
        '└── transform.c',
        '    └── transform.d',
        '        └── transform.e',
        'source.b',
        '└── transform.d (above)',
        '',
      ].join('\n'),
    );
  });

  it('is drawn around a node, with its columns', () => {
    const document = {
      format: 'seeknal.lineage',
      version: 1,
      node: 'transform.d',
      upstream: [],
      downstream: [],
      columns: [{ name: 'amount', type: 'DOUBLE', value: ['transform.c.amount'], condition: ['source.b.status'] }],
      rows: ['source.b.id'],
    } as const;
    expect(renderLineage(document, graph, PLAIN)).toBe(
      [
        'transform.d',
        '  reads',
        '  ├── source.b',
        '  └── transform.c',
        '      └── source.a',
        '  read by',
        '  └── transform.e',
        '  columns',
        '    amount   DOUBLE   ← transform.c.amount if source.b.status',
        '  rows',
        '    ← source.b.id',
        '',
      ].join('\n'),
    );
  });
});

describe('Progress', () => {
  const shown = (live: boolean): string => {
    const written: string[] = [];
    const progress = new Progress({ write: text => written.push(text), live, columns: () => 80, style: PLAIN });
    progress.show({ kind: 'profile', path: 'profiles.yml', because: '--profile' });
    progress.show({ kind: 'work-started', total: 2 });
    progress.show({ kind: 'node-started', id: 'transform.a' });
    progress.show({
      kind: 'node-finished',
      id: 'transform.a',
      status: 'executed',
      rows: 1,
      seconds: 0.25,
      message: null,
    });
    progress.show({ kind: 'node-started', id: 'transform.b' });
    progress.show({ kind: 'node-started', id: 'transform.more' });
    progress.show({
      kind: 'node-finished',
      id: 'transform.b',
      status: 'failed',
      rows: null,
      seconds: null,
      message: 'no',
    });
    progress.show({ kind: 'warning', text: 'left behind' });
    progress.close();
    return written.join('');
  };

  it('prints line by line without a terminal', () => {
    expect(shown(false)).toBe(
      [
        'ℹ Profile: profiles.yml (--profile)',
        '  … transform.a (1 of 2)',
        '  ✓ transform.a 1 row 0.25s',
        '  … transform.b (2 of 2)',
        '  … transform.more (3 of 3)',
        '  ✗ transform.b: no',
        'warning: left behind',
        '',
      ].join('\n'),
    );
  });

  it('keeps only lasting lines on a terminal', () => {
    expect(shown(true)).toBe('ℹ Profile: profiles.yml (--profile)\n  ✗ transform.b: no\nwarning: left behind\n');
  });

  it.each([false, true])('prints a line for each target that is done, live: %s', live => {
    const written: string[] = [];
    const progress = new Progress({ write: text => written.push(text), live, columns: () => 80, style: PLAIN });
    progress.show({ kind: 'target-progress', id: 'transform.a', physical: 'dev_shop.a', rows: 1 });
    const target = { kind: 'target-finished', id: 'transform.a', target: 'shop.a' } as const;
    progress.show({ ...target, status: 'written', rows: 2, seconds: 0.25, message: null });
    progress.show({ ...target, status: 'failed', rows: null, seconds: null, message: 'no' });
    progress.close();
    expect(written.join('')).toBe('  ✓ transform.a → shop.a 2 rows 0.25s\n  ✗ transform.a → shop.a: no\n');
  });

  it('shows the rows written so far on the live line', () => {
    vi.useFakeTimers();
    try {
      const written: string[] = [];
      const progress = new Progress(
        { write: text => written.push(text), live: true, columns: () => 80, style: PLAIN },
        () => 0,
      );
      progress.show({ kind: 'target-progress', id: 'transform.a', physical: 'dev_shop.a', rows: 1200 });
      vi.advanceTimersByTime(200);
      progress.close();
      expect(written.join('')).toContain('transform.a → dev_shop.a: 1200 rows 0s');
    } finally {
      vi.useRealTimers();
    }
  });
});
