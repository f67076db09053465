import { describe, expect, it } from 'vitest';
import type { NodeId } from '../../definition/nodes/node.ts';
import type { TargetDefinition } from '../../definition/nodes/target-definition.ts';
import { parseEnvironmentName } from '../../environment/environment-name.ts';
import type { TargetRecord } from '../../state/target-record.ts';
import { isBehind, ownsTargets, recordOf, type TargetNode } from './wanted-target.ts';

const id = 'transform.m' as NodeId;
const dev = parseEnvironmentName('dev');
const target: TargetDefinition = {
  type: 'postgresql',
  connection: 'pg',
  table: 'analytics.orders',
  mode: { kind: 'replace' },
  createTable: true,
  cascade: false,
  at: { line: 3, column: 5 },
};
const node = (artefact: string | null, targets: readonly TargetDefinition[] = [target]): TargetNode => ({
  id,
  artefact,
  targets,
});
const record: TargetRecord = {
  environment: null,
  node: id,
  type: 'postgresql',
  connection: 'pg',
  defined: 'analytics.orders',
  table: { endpoint: 'postgresql://a:5432/shop', name: 'analytics.orders', id: '1' },
  artefact: 'one',
  rows: 3,
  at: '2026-01-01T00:00:00.000Z',
};

describe('ownsTargets', () => {
  it('lets production write every target', () => {
    expect(ownsTargets(null, node('one'), node('one'))).toBe(true);
    expect(ownsTargets(null, node('one', []), undefined)).toBe(false);
  });

  it('lets an environment write what differs from production in artefact or targets, wherever the file has them', () => {
    const moved = { ...target, at: null };
    expect(ownsTargets(dev, node('one'), node('one', [moved]))).toBe(false);
    expect(ownsTargets(dev, node('two'), node('one'))).toBe(true);
    expect(ownsTargets(dev, node(null), node('one'))).toBe(true);
    expect(ownsTargets(dev, node('one'), undefined)).toBe(true);
    expect(ownsTargets(dev, node('one'), node('one', []))).toBe(true);
    expect(ownsTargets(dev, node('one', [{ ...target, mode: { kind: 'append' } }]), node('one'))).toBe(true);
  });
});

describe('isBehind', () => {
  it('compares the artefact and the node that were written last', () => {
    expect(isBehind(record, node('one'), target)).toBe(false);
    expect(isBehind(record, node('two'), target)).toBe(true);
    expect(isBehind(record, node(null), target)).toBe(true);
    expect(isBehind(null, node('one'), target)).toBe(true);
    expect(isBehind({ ...record, node: 'transform.other' as NodeId }, node('one'), target)).toBe(true);
    expect(isBehind({ ...record, artefact: null }, node('one'), target)).toBe(true);
  });

  it('compares the mode, but appends no rows again', () => {
    const written = { ...record, mode: 'append' } as const;
    expect(isBehind(written, node('one'), target)).toBe(true);
    expect(isBehind(written, node('one'), { mode: { kind: 'append' } })).toBe(false);
    expect(isBehind({ ...record, mode: 'replace' }, node('one'), { mode: { kind: 'append' } })).toBe(false);
  });

  it('finds the record by server and name', () => {
    const { endpoint, name } = record.table;
    expect(recordOf([record], { endpoint, name })).toBe(record);
    expect(recordOf([record], { endpoint: 'postgresql://b:5432/shop', name })).toBeNull();
    expect(recordOf([record], { endpoint, name: 'dev_analytics.orders' })).toBeNull();
  });
});
