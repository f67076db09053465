import { describe, expect, it } from 'vitest';
import { queryText } from './query-text.ts';
import { parseTableName, shownTable } from './table-name.ts';

describe('queryText', () => {
  it.each([
    ['SELECT 1', 'SELECT 1'],
    ['SELECT 1;', 'SELECT 1'],
    ['SELECT 1 ; -- done', 'SELECT 1'],
    ['SELECT 1 -- done', 'SELECT 1'],
    ['SELECT 1 /* a /* nested; */ ; */ ;;\n', 'SELECT 1'],
    ['-- first\nSELECT 1', 'SELECT 1'],
    ["SELECT ';' -- x", "SELECT ';'"],
    ["SELECT 'it''s;--' ;", "SELECT 'it''s;--'"],
    ["SELECT E'\\';--' ;", "SELECT E'\\';--'"],
    ['SELECT ";--" ;', 'SELECT ";--"'],
    ['SELECT $$;--$$ ;', 'SELECT $$;--$$'],
    ['SELECT $a$;$b$--$a$ ;', 'SELECT $a$;$b$--$a$'],
    ['SELECT a$b FROM t;', 'SELECT a$b FROM t'],
    ['SELECT 1 - -1', 'SELECT 1 - -1'],
    ['; SELECT 1', 'SELECT 1'],
  ])('%j is %j', (text, query) => {
    expect(queryText(text)).toEqual({ query });
  });

  it.each([
    ['SELECT 1; SELECT 2', 'it contains several statements'],
    ['SELECT 1; DROP TABLE t', 'it contains several statements'],
    [' ; -- nothing', 'it is empty'],
    ['', 'it is empty'],
  ])('refuses %j', (text, mistake) => {
    expect(queryText(text)).toEqual({ mistake });
  });
});

describe('parseTableName', () => {
  it.each([
    ['orders', { schema: null, name: 'orders' }],
    ['shop.Orders', { schema: 'shop', name: 'Orders' }],
    ['"My Schema"."T.x"', { schema: 'My Schema', name: 'T.x' }],
    ['shop."say ""hi"""', { schema: 'shop', name: 'say "hi"' }],
    ['my table', { schema: null, name: 'my table' }],
    [' shop . orders ', { schema: 'shop', name: 'orders' }],
  ])('%s', (text, expected) => {
    expect(parseTableName(text)).toEqual(expected);
  });

  it.each(['', 'a.b.c', 'a.', '.b', 'a..b', '"a', '""', '"a"b', 'a"b"'])('refuses %j', text => {
    expect(parseTableName(text)).toBeNull();
  });

  it('reads what is shown', () => {
    expect(shownTable('My Schema', 'a"b.c')).toBe('"My Schema"."a""b.c"');
    expect(parseTableName(shownTable('My Schema', 'a"b.c'))).toEqual({ schema: 'My Schema', name: 'a"b.c' });
    expect(shownTable('shop', 'orders')).toBe('shop.orders');
  });
});
