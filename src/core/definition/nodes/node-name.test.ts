import { describe, expect, it } from 'vitest';
import { nameMistake, splitReference, viewKeyOf } from './node-name.ts';

describe('nameMistake', () => {
  it.each([
    ['orders', null],
    ['Größe "x" [1] * ? %; --', null],
    [' ', null],
    ['', 'it is empty'],
    ['a/b', "it contains '/'"],
    ['a\\b', "it contains '\\'"],
    ['..', "it contains '.'"],
    ['a\nb', 'it contains a control character'],
    ['a\u009fb', 'it contains a control character'],
  ])('%j: %j', (name, expected) => {
    expect(nameMistake(name)).toBe(expected);
  });
});

describe('splitReference', () => {
  it.each([
    ['source.raw orders', { kind: 'source', name: 'raw orders' }],
    ['raw', null],
    ['.raw', null],
    ['source.', null],
    ['a.b.c', null],
  ])('%j', (text, expected) => {
    expect(splitReference(text)).toEqual(expected);
  });
});

it('viewKeyOf ignores case and the Unicode form of accents', () => {
  expect(viewKeyOf('source', 'E\u0301')).toBe(viewKeyOf('source', '\u00e9'));
});
