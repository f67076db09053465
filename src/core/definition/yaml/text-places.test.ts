import { describe, expect, it } from 'vitest';
import { marked } from './marked-source.testing.ts';
import { parseNodeFile } from '../nodes/reading/parse-node-file.ts';
import { linePlaces, positionIn } from './text-places.ts';

/** In SQL written in each of YAML's ways, `~` marks the place of `here` in the file. */
describe('places of a text in YAML', () => {
  it.each([
    ['plain', 'transform: SELECT ~here\n'],
    ['plain on several lines', 'transform: SELECT a,\n  b,\n\n  ~here FROM x\n'],
    ['in single quotes', "transform: 'SELECT ''a'', ''b'', ~here'\n"],
    ['in double quotes', 'transform: "SELECT \\"a\\", \\u0062\\n, \\x41 ~here"\n'],
    ['in double quotes, with a character of two units', 'transform: "SELECT \\U0001F600 😀, ~here"\n'],
    ['in double quotes on several lines', 'transform: "SELECT a, \\\n   b,\n   ~here"\n'],
    ['an escaped letter itself', 'transform: "SELECT ~\\x68ere"\n'],
    ['literal', 'transform: |\n\n    SELECT a,\n      ~here\n'],
    ['literal with an indentation indicator', 'transform: |2-\n    SELECT a,\n   ~here\n'],
    ['literal with Windows line ends', 'transform: |\r\n  SELECT a,\r\n  ~here\r\n'],
    ['folded', 'transform: >\n  SELECT a,\n  b,\n\n    c,\n  ~here\n  FROM x\n'],
    ['folded behind a comment', 'transform: >- # why\n\n  SELECT 数,\n  ~here\n'],
    ['behind an alias', 'description: &d SELECT ~here\ntransform: *d\n'],
    ['with tabs and wide characters', "transform: |\n  SELECT '数据 🎉',\n  \t~here\n"],
  ])('%s', (_, text) => {
    const source = marked(`kind: transform\nname: t\n${text}`);
    const { node } = parseNodeFile({ path: 't.yml', text: source.text }, () => null);
    const sql = node?.kind === 'transform' ? node.sql : null;
    expect(positionIn(sql?.places ?? [], sql?.text.indexOf('here') ?? -1)).toEqual(source.places[0]);
  });

  it('are the lines, for a whole file', () => {
    const places = linePlaces('ab\n\ncd', 1, 0);
    expect([0, 1, 3, 5].map(offset => positionIn(places, offset))).toEqual([
      { line: 1, column: 1 },
      { line: 1, column: 2 },
      { line: 2, column: 1 },
      { line: 3, column: 2 },
    ]);
    expect(positionIn([], 3)).toBeNull();
  });
});
