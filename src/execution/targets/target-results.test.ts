import { describe, expect, it } from 'vitest';
import type { RunDocument, RunNode } from '../../core/documents/run-document.ts';
import type { NodeId } from '../../core/definition/nodes/node.ts';
import type { TargetDefinition } from '../../core/definition/nodes/target-definition.ts';
import { diagnostic } from '../../diagnostics/diagnostic.ts';
import { behindTargets } from './behind-targets.ts';
import { failedTargets, withBehind, withNotUndone, withTargets } from './target-results.ts';
import type { WrittenTarget } from './write-targets.ts';

const m = 'transform.m' as NodeId;
const node = (id: string): RunNode => ({
  id,
  status: 'reused',
  rows: 3,
  seconds: null,
  changed: false,
  error: null,
  reason: 'unchanged',
  targets: [],
});
const document: RunDocument = {
  format: 'seeknal.run',
  version: 1,
  environment: null,
  serial: null,
  status: 'nothing_to_do',
  nodes: [node('source.s'), node(m)],
  diagnostics: [],
};
const written: WrittenTarget = { node: m, type: 'postgresql', physical: 'a.m', rows: 3, seconds: 0.25, failure: null };
const denied = {
  code: 'permission-denied',
  message: 'permission denied for schema a',
  hint: 'GRANT …',
  words: [],
  said: null,
};
const failed: WrittenTarget = { ...written, physical: 'a.n', rows: null, failure: denied };

describe('the result of a command with targets', () => {
  it('is done if only targets were brought up to date', () => {
    const result = withTargets(document, [written]);
    expect([result.status, result.nodes.map(({ status }) => status)]).toEqual(['done', ['reused', 'reused']]);
    expect(result.nodes[1]?.targets).toEqual([
      { type: 'postgresql', physical: 'a.m', status: 'written', rows: 3, seconds: 0.25, error: null },
    ]);
    expect(withTargets(document, [])).toBe(document);
  });

  it('fails with a target, names each, and keeps what was written', () => {
    const result = withTargets({ ...document, status: 'done', serial: 4 }, [written, failed]);
    expect(failedTargets([written, failed])).toEqual([m]);
    expect(result).toMatchObject({ status: 'failed', serial: 4 });
    expect(result.nodes[1]).toMatchObject({
      status: 'failed',
      error: { code: 'target-failed', message: 'postgresql a.n: permission denied for schema a' },
      targets: [
        { physical: 'a.m', status: 'written' },
        { physical: 'a.n', status: 'failed', error: { code: 'permission-denied' } },
      ],
    });
    expect(result.diagnostics).toMatchObject([
      {
        code: 'permission-denied',
        message: 'transform.m → postgresql a.n: permission denied for schema a',
        hint: 'GRANT …',
        node: m,
      },
    ]);
  });

  it('says once what the plan warned about, at the place in the file', () => {
    const place = { file: 'seeknal/m.yml', line: 4, column: 5, source: { text: '  - type: postgresql', length: 1 } };
    const warning = (message: string) => ({
      ...diagnostic({ code: 'w', severity: 'warning', message, node: m }),
      ...place,
    });
    const other = warning('transform.m → postgresql a.n2: permission denied for schema a');
    const repeated = [
      warning('transform.m → postgresql a.n: permission denied for schema a'),
      warning('transform.m → postgresql a.n could not be checked: the server does not answer'),
    ];
    const message = 'transform.m → postgresql a.n: permission denied for schema a';
    for (const planned of repeated)
      expect(withTargets({ ...document, diagnostics: [planned, other] }, [failed]).diagnostics).toEqual([
        other,
        { ...diagnostic({ code: 'permission-denied', message, hint: 'GRANT …', node: m }), ...place },
      ]);
  });
});

const target: TargetDefinition = {
  type: 'postgresql',
  connection: 'pg',
  table: 'analytics.m',
  mode: { kind: 'replace' },
  createTable: true,
  cascade: false,
  at: null,
};
const record = {
  environment: null,
  node: m,
  type: 'postgresql' as const,
  connection: 'pg',
  defined: 'analytics.m',
  table: { endpoint: 'e', name: 'analytics.m', id: '1' },
  artefact: 'one',
  rows: 3,
  at: '',
};

describe('targets behind', () => {
  const nodes = (artefact: string) => [{ id: m, artefact, targets: [target] }];

  it('are those whose latest record has another artefact, or none', () => {
    expect(behindTargets(nodes('one'), [record])).toEqual([]);
    expect(behindTargets(nodes('two'), [record])).toEqual([{ node: m, target, physical: 'analytics.m' }]);
    expect(behindTargets(nodes('one'), [])).toEqual([{ node: m, target, physical: 'analytics.m' }]);
    expect(behindTargets(nodes('one'), [{ ...record, connection: 'other' }])).toHaveLength(1);
  });

  it('are shown with their node, apart from those that a rollback cannot bring back', () => {
    const [behind] = behindTargets(nodes('two'), [record]);
    if (!behind) throw new Error('nothing is behind');
    expect(withBehind(document, [behind]).nodes[1]?.targets).toMatchObject([
      { physical: 'analytics.m', status: 'behind' },
    ]);
    expect(withNotUndone(document, [behind]).nodes[1]?.targets).toMatchObject([
      { physical: 'analytics.m', status: 'skipped', error: { code: 'not-undone' } },
    ]);
  });
});
