import { expect, it } from 'vitest';
import type { NodeId } from '../core/definition/nodes/node.ts';
import { explainSkips } from './explain-skips.ts';
import type { Unsettled } from './node-result.ts';

const INPUTS: Readonly<Record<string, readonly string[]>> = {
  'transform.a': ['source.s', 'source.bad'],
  'transform.b': ['transform.a'],
  'transform.c': ['source.late', 'transform.b'],
  'transform.d': ['source.late'],
};

const inputsOf = (id: NodeId): readonly NodeId[] => (INPUTS[id] ?? []) as readonly NodeId[];

const unsettled = (id: string, status: Unsettled['status']): Unsettled => ({
  id: id as NodeId,
  status,
  error: null,
  reason: 'as it was',
});

const reasonsOf = (results: readonly Unsettled[]): Readonly<Record<string, string>> =>
  Object.fromEntries(explainSkips(results, inputsOf).map(({ id, reason }) => [id, reason]));

it('names the failure above at any distance, otherwise the first failure', () => {
  const results = [
    unsettled('source.first', 'failed'),
    unsettled('source.bad', 'failed'),
    unsettled('source.late', 'skipped'),
    ...['transform.a', 'transform.b', 'transform.c', 'transform.d'].map(id => unsettled(id, 'skipped')),
  ];
  expect(reasonsOf(results)).toEqual({
    'source.first': 'as it was',
    'source.bad': 'as it was',
    'source.late': 'not started: source.first failed',
    'transform.a': 'depends on source.bad, which failed',
    'transform.b': 'depends on source.bad, which failed',
    'transform.c': 'depends on source.bad, which failed',
    'transform.d': 'not started: source.first failed',
  });
});

it('changes nothing if nothing failed', () => {
  expect(reasonsOf([unsettled('transform.a', 'skipped')])).toEqual({ 'transform.a': 'as it was' });
});
