import { describe, expect, it } from 'vitest';
import { holds } from './column-fit.ts';
import { postgresType } from './column-types.ts';

const STORED = [
  'BOOLEAN',
  ...['TINYINT', 'SMALLINT', 'INTEGER', 'BIGINT', 'UTINYINT', 'USMALLINT', 'UINTEGER', 'UBIGINT'],
  ...['FLOAT', 'DOUBLE', 'DECIMAL(18,3)', 'DECIMAL(38,38)', 'VARCHAR', 'JSON', 'BLOB', 'UUID', 'INTERVAL'],
  ...['DATE', 'TIME', 'TIME WITH TIME ZONE', 'TIMESTAMP', 'TIMESTAMP_NS', 'TIMESTAMP WITH TIME ZONE'],
  ...['INTEGER[]', 'VARCHAR[][]', 'STRUCT(a INTEGER)', 'MAP(VARCHAR, INTEGER)', 'STRUCT(a INTEGER[])[]'],
];

describe('a column of PostgreSQL', () => {
  it.each(STORED)('that Seeknal creates for %s holds its values', type => {
    expect(holds(postgresType(type) ?? '', type)).toBe(true);
  });

  it.each([
    ['VARIANT', null],
    ['HUGEINT', null],
    ['VARIANT[]', null],
    ['INTEGER[3]', 'integer[]'],
    ['DECIMAL(9,2)[]', 'numeric(9,2)[]'],
    ['INTEGER[][]', 'jsonb'],
    ['STRUCT(a INTEGER)[]', 'jsonb'],
  ])('is created for %s as %s', (type, created) => {
    expect(postgresType(type)).toBe(created);
  });

  it.each([
    ['bigint', 'INTEGER'],
    ['numeric', 'DECIMAL(38,38)'],
    ['numeric(20,3)', 'DECIMAL(18,3)'],
    ['numeric(10,0)', 'INTEGER'],
    ['integer', 'DECIMAL(9,0)'],
    ['smallint', 'UTINYINT'],
    ['double precision', 'FLOAT'],
    ['character varying(3)', 'VARCHAR'],
    ['daterange', 'VARCHAR'],
    ['time(3) with time zone', 'VARCHAR'],
    ['timestamp(3) without time zone', 'TIMESTAMP'],
    ['json', 'JSON'],
    ['jsonb', 'INTEGER[]'],
    ['bigint[]', 'INTEGER[][]'],
    ['inet[]', 'VARCHAR[]'],
  ])('of type %s holds %s', (table, type) => {
    expect(holds(table, type)).toBe(true);
  });

  it.each([
    ['smallint', 'INTEGER'],
    ['smallint', 'USMALLINT'],
    ['integer', 'DECIMAL(10,0)'],
    ['integer', 'DECIMAL(5,1)'],
    ['bigint', 'UBIGINT'],
    ['real', 'DOUBLE'],
    ['numeric(18,2)', 'DECIMAL(18,3)'],
    ['numeric(18,4)', 'DECIMAL(18,3)'],
    ['numeric(5,-2)', 'SMALLINT'],
    ['text', 'INTEGER'],
    ['date', 'VARCHAR'],
    ['jsonb', 'VARCHAR'],
    ['timestamp(3) with time zone', 'VARCHAR'],
    ['text[]', 'VARCHAR'],
    ['timestamp with time zone', 'TIMESTAMP'],
    ['timestamp without time zone', 'DATE'],
    ['text', 'UUID'],
    ['smallint[]', 'INTEGER[]'],
    ['integer[]', 'STRUCT(a INTEGER)[]'],
    ['text', 'STRUCT(a INTEGER)'],
  ])('of type %s does not hold %s', (table, type) => {
    expect(holds(table, type)).toBe(false);
  });
});
