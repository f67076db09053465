import { describe, expect, it } from 'vitest';
import { asBag, asSet } from './term.ts';
import { TermGraph } from './term-graph.ts';

describe('Terms', () => {
  it('gives equal parts equal terms, in every walk', () => {
    expect(new TermGraph().make('a', ['b', 1], null)).toBe(new TermGraph().make('a', ['b', 1], null));
  });

  it.each([
    [['a', 'b'], [['a', 'b']]],
    [
      ['a', 1],
      ['a', '1'],
    ],
    [['a', null], ['a']],
    [
      ['a', ''],
      ['a', null],
    ],
  ])('distinguishes %j from %j', (one, other) => {
    const terms = new TermGraph();
    expect(terms.make(...one)).not.toBe(terms.make(...other));
  });

  it('finds the inputs and notes below a term', () => {
    const terms = new TermGraph();
    const rows = terms.input({ kind: 'rows', input: 'source.a' }, 'rows', 'x');
    const read = terms.input({ kind: 'column', input: 'source.a', column: 'c' }, 'column', rows, 'c');
    terms.input({ kind: 'column', input: 'source.a', column: 'unread' }, 'column', rows, 'unread');
    const call = terms.note(terms.make('call', read), 'volatile', 'volatile random');
    expect(terms.contentsOf([terms.make('output', [call])])).toEqual({
      inputs: [
        { kind: 'column', input: 'source.a', column: 'c' },
        { kind: 'rows', input: 'source.a' },
      ],
      notes: [{ kind: 'volatile', text: 'volatile random' }],
      volatile: true,
    });
  });

  it('adds a note about order only if a term depends on the order of an input', () => {
    const terms = new TermGraph();
    const order = terms.input({ kind: 'order', input: 'source.a' }, 'order', 'x');
    const open = terms.note(terms.make('limit', order), 'order', 'LIMIT');
    const closed = terms.note(terms.make('limit', terms.make('sorted')), 'order', 'sorted LIMIT');
    expect(terms.contentsOf([open, closed]).notes).toEqual([{ kind: 'order', text: 'LIMIT' }]);
  });
});

it('sorts operands, with and without duplicates', () => {
  const terms = new TermGraph();
  const [a, b] = asBag([terms.make('a'), terms.make('b')]);
  if (a === undefined || b === undefined) throw new Error('two terms');
  expect(asBag([b, a, b])).toEqual([a, b, b]);
  expect(asSet([b, a, b])).toEqual([a, b]);
});
