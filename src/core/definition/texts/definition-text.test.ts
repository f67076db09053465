import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { renderDefinition } from './definition-text.ts';

const document = {
  transform: "SELECT 1 AS one,  \n  '#' AS hash\n\nFROM t\n",
  tags: ['b', 'a'],
  name: 'x',
  audits: [],
  kind: 'transform',
  params: { z: 1, a: '007' },
  inputs: [{ ref: 'source.s' }],
};

describe('renderDefinition', () => {
  it('has one form, with SQL as a block', () => {
    const text = [
      'kind: transform',
      'name: x',
      'tags:',
      '  - b',
      '  - a',
      'inputs:',
      '  - ref: source.s',
      'params:',
      '  a: "007"',
      '  z: 1',
      'audits: []',
      'transform: |',
      '  SELECT 1 AS one,',
      "    '#' AS hash",
      '',
      '  FROM t',
      '',
    ].join('\n');
    expect(renderDefinition(document)).toBe(text);
    expect(renderDefinition(Object.fromEntries(Object.entries(document).reverse()))).toBe(text);
  });

  it('parses to the same document', () => {
    const { transform: _, ...rest } = document;
    expect(parse(renderDefinition(rest))).toEqual(rest);
  });

  it('adds the given values of parameters', () => {
    expect(renderDefinition({ kind: 'source' }, { b: [1, 'x'], a: '007' })).toBe(
      'kind: source\n# with a = "007"\n# with b = [1,"x"]\n',
    );
  });
});
