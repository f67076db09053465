import { describe, expect, it } from 'vitest';
import { isSerialisedPlan, parsePlan } from './parse-plan.ts';

describe('parsePlan', () => {
  it.each([
    ['{"a":18446744073709551615}', { a: '#18446744073709551615' }],
    ['{"a":[1,-2,0,123456789012345]}', { a: [1, -2, 0, 123456789012345] }],
    ['{"a":9007199254740993,"b":-9223372036854775808}', { a: '#9007199254740993', b: '#-9223372036854775808' }],
    [
      '{"a":0.30000000000000004,"b":1e400,"c":-0.0,"d":-0}',
      { a: '#0.30000000000000004', b: '#1e400', c: '#-0.0', d: '#-0' },
    ],
    ['{"a":Infinity,"b":-Infinity,"c":NaN}', { a: '#Infinity', b: '#-Infinity', c: '#NaN' }],
    ['{"a":"12345678901234567890 \\" NaN -Infinity"}', { a: '12345678901234567890 " NaN -Infinity' }],
    ['{"a":"\\\\","b":1.5}', { a: '\\', b: '#1.5' }],
  ])('%s', (text, expected) => {
    expect(parsePlan(text)).toEqual(expected);
  });
});

describe('isSerialisedPlan', () => {
  it.each([
    [{ error: false, plans: [{}] }, true],
    [{ error: true, error_message: 'no' }, true],
    [{ error: false, plans: [] }, false],
    [{ error: false }, false],
    [null, false],
    ['plan', false],
  ])('%j: %s', (value, expected) => {
    expect(isSerialisedPlan(value)).toBe(expected);
  });
});
