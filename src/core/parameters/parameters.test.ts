import { describe, expect, it } from 'vitest';
import { dateAfter, parseExpression } from './expression.ts';
import { parseOverride } from './parse-override.ts';

describe('parseExpression', () => {
  it.each([
    ['{{ a }}', { kind: 'name', path: ['a'] }],
    ['{{regions.größe-1}}', { kind: 'name', path: ['regions', 'größe-1'] }],
    ['{{ today }}', { kind: 'today', days: 0 }],
    ['{{ today() }}', { kind: 'today', days: 0 }],
    ['{{ today(- 7) }}', { kind: 'today', days: -7 }],
    ['{{ env:A_1 }}', { kind: 'variable', name: 'A_1', otherwise: null }],
    ['{{ env:A| x|y }}', { kind: 'variable', name: 'A', otherwise: 'x|y' }],
    ['{{ a..b }}', null],
    ['{{ a() }}', null],
    ['{{ env:1 }}', null],
    ['{{ }}', null],
  ])('%s', (template, expected) => {
    expect(parseExpression(template)).toEqual(expected);
  });
});

describe('dateAfter', () => {
  it.each([
    ['2024-03-01', -1, '2024-02-29'],
    ['2023-12-31', 1, '2024-01-01'],
    ['2026-03-29', 0, '2026-03-29'],
  ])('%s and %i days', (date, days, expected) => {
    expect(dateAfter(date, days)).toBe(expected);
  });
});

describe('parseOverride', () => {
  it.each([
    ['a=1', { name: 'a', value: 1 }],
    ['a.b = x=y', { name: 'a.b', value: ' x=y' }],
    ['a=007', { name: 'a', value: '007' }],
    ['a="7"', { name: 'a', value: '7' }],
    ["a='it''", { name: 'a', value: "it'" }],
    ['a=true', { name: 'a', value: true }],
    ['a=null', { name: 'a', value: null }],
    ['a=-1.5', { name: 'a', value: -1.5 }],
    ['a=1.10', { name: 'a', value: { $number: '1.10' } }],
    ['a=12345678901234567890', { name: 'a', value: { $number: '12345678901234567890' } }],
    ['a=', { name: 'a', value: '' }],
    ['a', null],
    ['=1', null],
  ])('%s', (text, expected) => {
    expect(parseOverride(text)).toEqual(expected);
  });
});
