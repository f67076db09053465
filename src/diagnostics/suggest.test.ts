import { describe, expect, it } from 'vitest';
import { didYouMean, suggest } from './suggest.ts';

describe('suggest', () => {
  it.each([
    ['transform.orders_mergd', ['transform.orders_merged', 'transform.orders_cleaned'], 'transform.orders_merged'],
    ['desciption', ['name', 'description'], 'description'],
    ['ownre', ['owner'], 'owner'],
    ['KIND', ['kind'], 'kind'],
    ['tabel', ['table', 'label'], 'table'],
    ['x', ['y'], null],
    ['quite_different', ['name', 'kind'], null],
    ['', ['a'], null],
    ['anything', [], null],
  ] as const)('%s of %j is %s', (word, candidates, expected) => {
    expect(suggest(word, candidates)).toBe(expected);
  });
});

describe('didYouMean', () => {
  it('asks about a close word, or returns the other hint', () => {
    expect(didYouMean('nmae', ['name'])).toBe("Did you mean 'name'?");
    expect(didYouMean('zzz', ['name'], 'Known: name.')).toBe('Known: name.');
  });
});
