import { describe, expect, it } from 'vitest';
import { queryText } from './query-text.ts';

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
