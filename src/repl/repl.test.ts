import { describe, expect, it } from 'vitest';
import type { Json } from '../core/json.ts';
import { promptsOf, renderBanner } from './banner.ts';
import type { QueryResult } from './repl-session.ts';
import { formatRows, type RowFormat } from './result-formats.ts';
import { formatOfFile } from './run-once.ts';
import { countStatements, StatementBuffer } from './statement-buffer.ts';

describe('StatementBuffer', () => {
  const feed = (...lines: readonly string[]): readonly (string | null)[] => {
    const buffer = new StatementBuffer();
    return [...lines.map(line => buffer.add(line)), buffer.rest()];
  };

  it('waits for the semicolon that ends a statement', () => {
    expect(feed('SELECT 1,', '2;')).toEqual([null, 'SELECT 1,\n2;', null]);
    expect(feed("SELECT ';", "';")).toEqual([null, "SELECT ';\n';", null]);
    expect(feed('SELECT 1 -- ;', ';')).toEqual([null, 'SELECT 1 -- ;\n;', null]);
    expect(feed('SELECT 1; -- done')).toEqual(['SELECT 1; -- done', null]);
    expect(feed('SELECT $$;', '$$;')).toEqual([null, 'SELECT $$;\n$$;', null]);
    expect(feed('/* a', '; */ SELECT 1;')).toEqual([null, '/* a\n; */ SELECT 1;', null]);
  });

  it('returns the remaining text at the end, and drops blanks and comments', () => {
    expect(feed('SELECT 1')).toEqual([null, 'SELECT 1']);
    expect(feed('', '-- a', ';')).toEqual([null, null, null, null]);
  });
});

describe('countStatements', () => {
  it.each([
    ['SELECT 1', 1],
    ['SELECT 1;', 1],
    [';; SELECT 1; ;', 1],
    ["SELECT ';'; SELECT 2", 2],
    ['-- nothing', 0],
  ])('%s has %i', (sql, count) => {
    expect(countStatements(sql)).toBe(count);
  });
});

const RESULT = (rows: readonly (readonly Json[])[], names: readonly string[] = ['a', 'b']): QueryResult => ({
  columns: names.map(name => ({ name, type: 'VARCHAR' })),
  chunks: (async function* () {
    for (const row of rows) yield [row];
  })(),
  toJson: value => value as Json,
  toText: value => (value === null ? null : String(value)),
});

async function written(result: QueryResult, format: RowFormat, limit: number | null = null): Promise<string> {
  const texts: string[] = [];
  for await (const text of formatRows(result, format, limit)) texts.push(text);
  return texts.join('');
}

describe('formatRows', () => {
  const rows = [
    [1, 'x,"y"\n'],
    [null, ''],
  ];

  it('writes CSV by RFC 4180', async () => {
    expect(await written(RESULT(rows), 'csv')).toBe('a,b\r\n1,"x,""y""\n"\r\n,""\r\n');
    expect(await written(RESULT([]), 'csv')).toBe('a,b\r\n');
  });

  it('writes JSON', async () => {
    expect(JSON.parse(await written(RESULT(rows), 'json'))).toEqual([
      { a: 1, b: 'x,"y"\n' },
      { a: null, b: '' },
    ]);
    expect(await written(RESULT([]), 'json')).toBe('[]\n');
    expect(await written(RESULT([[1, 2, 3]], ['a', 'a', 'a_1']), 'ndjson')).toBe('{"a":1,"a_2":2,"a_1":3}\n');
  });

  it('stops at the limit', async () => {
    expect(await written(RESULT(rows), 'ndjson', 1)).toBe('{"a":1,"b":"x,\\"y\\"\\n"}\n');
    expect(await written(RESULT(rows), 'csv', 0)).toBe('a,b\r\n');
    expect(await written(RESULT(rows), 'json', 0)).toBe('[]\n');
  });
});

describe('formatOfFile', () => {
  it('follows the extension', () => {
    expect(['x.csv', 'x.JSON', 'x.ndjson', 'a.b/x.parquet'].map(formatOfFile)).toEqual([
      'csv',
      'json',
      'ndjson',
      'parquet',
    ]);
    expect(() => formatOfFile('x.txt')).toThrow('--output x.txt: unknown format.');
  });
});

describe('renderBanner', () => {
  const table = { view: 'transform_d', alias: 'd', node: 'transform.d' };
  const opened = {
    root: '/p',
    projectName: 'my-project',
    environment: 'dev',
    tables: [table, table],
    lastRun: null,
    basedOn: null,
    attached: [],
    warnings: [],
  };

  it('shows the lines of the guide', () => {
    expect(renderBanner(opened)).toBe(
      'Seeknal SQL REPL (DuckDB + StarRocks)\nProject: my-project [env: dev]\n  Intermediate outputs: 2 tables registered\n\n',
    );
    expect(
      renderBanner({ ...opened, environment: null, lastRun: '2026-01-02T03:04:05Z' })
        .split('\n')
        .slice(1),
    ).toEqual([
      'Project: my-project',
      '  Intermediate outputs: 2 tables registered',
      expect.stringMatching(/^ {2}2 nodes, last run: 2026-01-0\d \d\d:04$/),
      '',
      '',
    ]);
    expect(renderBanner({ ...opened, projectName: null })).toBe('Seeknal SQL REPL (DuckDB + StarRocks)\n\n');
  });

  it('says if production has changed since', () => {
    expect(renderBanner({ ...opened, basedOn: { serial: 3, production: 5 } })).toContain(
      'based on 3, production is at 5',
    );
  });

  it('names the attached servers after all other lines', () => {
    expect(renderBanner({ ...opened, attached: ['local_pg', 'warehouse'] })).toBe(
      'Seeknal SQL REPL (DuckDB + StarRocks)\nProject: my-project [env: dev]\n  Intermediate outputs: 2 tables registered\n  Attached: local_pg, warehouse (postgresql, read-only)\n\n',
    );
  });

  it('prompts', () => {
    expect([promptsOf('dev'), promptsOf(null)]).toEqual([
      { first: 'seeknal[dev]> ', next: '         ...> ' },
      { first: 'seeknal> ', next: '    ...> ' },
    ]);
  });
});
