import { describe, expect, it } from 'vitest';
import { normalSql } from './normal-sql.ts';

describe('normalSql', () => {
  it.each([
    ['SELECT a,b FROM t', 'SELECT  a -- why\n , /* x /* y */ */ b\nFROM t\n'],
    ['SELECT (a+b)*2 FROM t', 'SELECT ( a + b ) * 2 FROM t'],
    ['SELECT a FROM t WHERE b=-1 AND c<=-2', 'SELECT a FROM t WHERE b = -1 AND c <= - 2'],
    ["SELECT 'a' IN('b')", "SELECT 'a' IN ( 'b' )"],
    ['SELECT a::INT, b->>c', 'SELECT a :: INT , b ->> c'],
    ['SELECT a.b, f(x)', 'SELECT a . b, f (x)'],
    ['', ' -- nothing'],
  ])('treats %j and %j as equal', (one, other) => {
    expect(normalSql(other)).toBe(normalSql(one));
  });

  it.each([
    ["SELECT 'a -- b'", "SELECT 'a '"],
    ["SELECT 'a  b'", "SELECT 'a b'"],
    ['SELECT "a  b"', 'SELECT "a b"'],
    ['SELECT $$a -- b\n$$', 'SELECT $$a \n$$'],
    ['SELECT $t$ /* x */ $t$', 'SELECT $t$  $t$'],
    ["SELECT E'a\\' -- b'", "SELECT E'a\\' '"],
    ["SELECT 'a'\n'b'", "SELECT 'a' 'b'"],
    ["SELECT 'a''b'", "SELECT 'a' 'b'"],
    ['SELECT 0x1F', 'SELECT 0 x1F'],
    ["SELECT x'1F'", "SELECT x '1F'"],
    ['SELECT a <@ b', 'SELECT a < @ b'],
    ['SELECT 5 - -1', 'SELECT 5 --1'],
    ['SELECT a b', 'SELECT ab'],
    ['SELECT A', 'SELECT a'],
  ])('treats %j and %j as different', (one, other) => {
    expect(normalSql(other)).not.toBe(normalSql(one));
  });

  it('does not change its own result', () => {
    const once = normalSql("SELECT U&'x', 1e3, a||b, -a -- end\nFROM t WHERE x'00' = y AND a !~~ 'b'");
    expect(normalSql(once)).toBe(once);
  });
});
