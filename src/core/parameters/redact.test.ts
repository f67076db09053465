import { describe, expect, it } from 'vitest';
import { redact, secretsOf } from './redact.ts';

describe('redact', () => {
  it.each([
    ["'hunter2-Pass' cannot be cast", 'hunter2-Pass', "'***' cannot be cast"],
    ["'HUNTER2-PASS' cannot be cast", 'hunter2-Pass', "'***' cannot be cast"],
    ["near 'it''s mine'", "it's mine", "near '***'"],
    ['a "b\\"cd" e', 'b"cd', 'a "***" e'],
    ['column "passw0rd" not found', 'hunter2-passw0rd', 'column "***" not found'],
    ['at second line', 'first line\nsecond line', 'at ***'],
    ['(42000 * 3) does not fit', '0042000', '(*** * 3) does not fit'],
    ["'7' is no date of INT32", '7', "'***' is no date of INT32"],
    ["'x7y' is no date", '7', "'x***y' is no date"],
    ['ab', 'ab', '***'],
    ['about (ab)', 'ab', 'about (***)'],
    ['nothing', 'other', 'nothing'],
    ['a.b*c?', '.b*c?', 'a***'],
  ])('%s', (text, secret, expected) => {
    expect(redact(text, [secret])).toBe(expected);
  });

  it('replaces the longer of two values first', () => {
    expect(redact("'token' and 'token-2'", ['token', 'token-2'])).toBe("'***' and '***'");
  });
});

describe('secretsOf', () => {
  it('returns the values of the used variables, once each and without empty ones', () => {
    const used = ['env:A', 'env:A', 'env:B', 'env:C', 'today'].map(name => ({
      name,
      origin: name.startsWith('env:') ? ('variable' as const) : ('date' as const),
      given: null,
      value: null,
    }));
    expect(secretsOf(used, { A: 'a', B: ' ', D: 'd' })).toEqual(['a']);
  });
});
