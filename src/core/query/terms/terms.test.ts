import { describe, expect, it } from 'vitest';
import { asBag, asSet, Terms } from './terms.ts';

describe('Terms', () => {
  it('names equal parts alike, in every walk', () => {
    expect(new Terms().make('a', ['b', 1], null)).toBe(new Terms().make('a', ['b', 1], null));
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
  ])('tells %j from %j', (one, other) => {
    const terms = new Terms();
    expect(terms.make(...one)).not.toBe(terms.make(...other));
  });

  it('reads off a term what it is made of', () => {
    const terms = new Terms();
    const rows = terms.leaf({ kind: 'rows', input: 'source.a' }, 'rows', 'x');
    const read = terms.leaf({ kind: 'column', input: 'source.a', column: 'c' }, 'column', rows, 'c');
    terms.leaf({ kind: 'column', input: 'source.a', column: 'unread' }, 'column', rows, 'unread');
    const call = terms.remark(terms.make('call', read), 'volatile', 'volatile random');
    expect(terms.reach([terms.make('output', [call])])).toEqual({
      leaves: [
        { kind: 'column', input: 'source.a', column: 'c' },
        { kind: 'rows', input: 'source.a' },
      ],
      remarks: [{ kind: 'volatile', text: 'volatile random' }],
      volatile: true,
    });
  });

  it('makes a remark about order only where the order of an input is reached', () => {
    const terms = new Terms();
    const order = terms.leaf({ kind: 'order', input: 'source.a' }, 'order', 'x');
    const open = terms.remark(terms.make('limit', order), 'order', 'LIMIT');
    const closed = terms.remark(terms.make('limit', terms.make('sorted')), 'order', 'sorted LIMIT');
    expect(terms.reach([open, closed]).remarks).toEqual([{ kind: 'order', text: 'LIMIT' }]);
  });
});

it('sorts operands, with and without duplicates', () => {
  const terms = new Terms();
  const [a, b] = asBag([terms.make('a'), terms.make('b')]);
  if (a === undefined || b === undefined) throw new Error('two terms');
  expect(asBag([b, a, b])).toEqual([a, b, b]);
  expect(asSet([b, a, b])).toEqual([a, b]);
});
