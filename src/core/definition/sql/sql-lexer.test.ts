import { DuckDBInstance } from '@duckdb/node-api';
import { describe, expect, it } from 'vitest';
import { lexSql, unquoted } from './sql-lexer.ts';
import { tablePositions } from './sql-tables.ts';

const kinds = (text: string) => lexSql(text).map(token => `${token.kind}:${token.text}`);

describe('lexSql', () => {
  it.each([
    ["a'b''c'd", ['word:a', "text:'b''c'", 'word:d']],
    ["E'a\\'b' x", ["escaped-text:E'a\\'b'", 'word:x']],
    ['"a""b".c', ['quoted-name:"a""b"', 'symbol:.', 'word:c']],
    ["$$a'b$$ $t$ $$ $t$ $1", ["dollar-text:$$a'b$$", 'dollar-text:$t$ $$ $t$', 'symbol:$', 'number:1']],
    ['a--b\nc/*d/*e*/f*/g', ['word:a', 'word:c', 'word:g']],
    ['größe_1$ 数 😀', ['word:größe_1$', 'word:数', 'word:😀']],
    ['1.5e-3.a 1_000', ['number:1.5e-3', 'symbol:.', 'word:a', 'number:1_000']],
    [
      "{{ a }}{{'a':1}}",
      ['template:{{ a }}', 'symbol:{', 'symbol:{', "text:'a'", 'symbol::', 'number:1', 'symbol:}', 'symbol:}'],
    ],
    ["'open", ["text:'open"]],
    ['/* open', []],
    ['', []],
  ])('%j', (text, expected) => {
    expect(kinds(text)).toEqual(expected);
  });

  it('covers the text: tokens are in order, with only blanks between them', () => {
    const text = 'SELECT \'a\', "b" -- c\n FROM $x$ y $x$ /* z */;';
    const tokens = lexSql(text);
    expect(tokens.map(token => text.slice(token.from, token.to))).toEqual(tokens.map(token => token.text));
    expect(tokens.every((token, index) => index === 0 || token.from >= (tokens[index - 1]?.to ?? 0))).toBe(true);
  });

  it('finds the same statements as DuckDB', async () => {
    const texts = [
      'SELECT 1; SELECT 2',
      'SELECT \';\'; SELECT ";" FROM (SELECT 1 AS ";")',
      'SELECT 1 /* ; /* ; */ ; */ ; SELECT 2',
      "SELECT $$;$$, $a$;$$;$a$, E'\\';' ; SELECT 1 -- ;\n; SELECT 3;",
      "SELECT 'a\\'; SELECT 'b'",
      'SELECT 1 AS ä;SELECT 2 AS "ö;";',
    ];
    const connection = await (await DuckDBInstance.create(':memory:')).connect();
    const counts = await Promise.all(texts.map(async text => (await connection.extractStatements(text)).count));
    const split = (text: string) =>
      lexSql(`${text};`).filter(
        (token, index, all) => token.upper === ';' && index > 0 && all[index - 1]?.upper !== ';',
      ).length;
    expect(texts.map(split)).toEqual(counts);
    connection.closeSync();
  });
});

describe('unquoted', () => {
  it('replaces doubled quotes by single ones', () => {
    expect(lexSql('\'a\'\'b\' "c""d" e').map(unquoted)).toEqual(["a'b", 'c"d', null]);
  });
});

describe('tablePositions', () => {
  it.each([
    ['SELECT a FROM t, u x JOIN "v" ON f(a, b), w WHERE c, d', ['t', 'u', '"v"', 'w']],
    ['FROM (t JOIN u USING (a)), LATERAL (SELECT b, c FROM w) z, y', ['t', 'u', 'w', 'y']],
    ['SELECT extract(year FROM d), trim(BOTH FROM e), a IS DISTINCT FROM f FROM t ORDER BY g, h', ['t']],
    ['PIVOT t ON a; UNPIVOT u ON b, c', ['t', 'u']],
    ['SELECT (SELECT a, b FROM t GROUP BY c, d), e FROM u UNION SELECT f, g FROM v', ['t', 'u', 'v']],
  ])('%s', (text, expected) => {
    const tokens = lexSql(text);
    expect([...tablePositions(tokens)].map(index => tokens[index]?.text)).toEqual(expected);
  });
});
