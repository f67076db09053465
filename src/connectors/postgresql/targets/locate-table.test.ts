import { describe, expect, it } from 'vitest';
import type { TargetDefinition } from '../../../core/definition/nodes/target-definition.ts';
import type { EnvironmentName } from '../../../core/environment/environment-name.ts';
import { isStagingName, locateTable, shownTable } from './locate-table.ts';

const target = (table: string): TargetDefinition => ({
  ...{ type: 'postgresql', connection: 'c', table, mode: { kind: 'replace' } },
  ...{ createTable: true, cascade: false, at: null },
});
const locate = (table: string, environment: string | null = null) =>
  shownTable(locateTable(target(table), { schema: 'public', environment: environment as EnvironmentName | null }));

describe('the table of a target', () => {
  it.each([
    ['analytics.orders', null, 'analytics.orders'],
    ['analytics.orders', 'dev', 'dev_analytics.orders'],
    ['analytics.orders', 'exp-ml', 'exp_ml_analytics.orders'],
    ['orders', null, 'public.orders'],
    ['orders', 'dev', 'dev_public.orders'],
    ['"My Schema"."or.ders"', 'dev', '"dev_My Schema"."or.ders"'],
  ])('%s in environment %s is %s', (table, environment, shown) => {
    expect(locate(table, environment)).toBe(shown);
  });

  it.each(['a.b.c', '', 'a b', '"a', 'seeknal_ledger', '_seeknal_0123456789ab', 'information_schema.t', 'pg_toast.t'])(
    'is not %j',
    table => {
      expect(() => locate(table)).toThrow(expect.objectContaining({ code: 'target-name' }));
    },
  );

  it('has at most 63 bytes in each part, the prefix included', () => {
    expect(locate(`${'s'.repeat(59)}.t`, 'dev')).toHaveLength(65);
    expect(() => locate(`${'s'.repeat(60)}.t`, 'dev')).toThrow(expect.objectContaining({ code: 'name-too-long' }));
    expect(() => locate('ü'.repeat(32))).toThrow(
      `'${'ü'.repeat(32)}' has 64 bytes; PostgreSQL cuts names after 63 bytes.`,
    );
  });

  it('is a staging table by its name only if Seeknal chose it', () => {
    expect(['_seeknal_0123456789ab', '_seeknal_0123456789abc', '_seeknal_orders'].map(isStagingName)).toEqual([
      true,
      false,
      false,
    ]);
  });
});
