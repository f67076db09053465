import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { edited, mappedText, originalOffset, sliced, unitOffset } from './mapped-text.ts';

describe('edited', () => {
  it('replaces, inserts, and maps offsets back', () => {
    const made = edited(mappedText('abcdef'), [
      { from: 1, to: 3, text: 'LONGER' },
      { from: 4, to: 4, text: '+' },
    ]);
    expect([made.text, [0, 1, 5, 7, 8, 9, 10].map(offset => originalOffset(made, offset))]).toEqual([
      'aLONGERd+ef',
      [0, 1, 1, 3, 4, 4, 5],
    ]);
  });

  it('maps every kept character back to itself, after any two rounds of edits and a slice', () => {
    const edits = fc.array(fc.tuple(fc.nat(6), fc.nat(4), fc.string({ maxLength: 5 })), { maxLength: 4 });
    fc.assert(
      fc.property(
        fc.uniqueArray(fc.integer({ min: 0x4e00, max: 0x9fff }), { maxLength: 40 }),
        edits,
        edits,
        fc.nat(60),
        fc.nat(60),
        (codes, first, second, a, b) => {
          const original = String.fromCharCode(...codes);
          let made = mappedText(original);
          for (const round of [first, second]) made = edited(made, placed(round, made.text.length));
          made = sliced(made, Math.min(a, b, made.text.length), Math.min(Math.max(a, b), made.text.length));
          for (const [offset, char] of [...made.text].entries()) {
            if (original.includes(char)) expect(original[originalOffset(made, offset)]).toBe(char);
          }
        },
      ),
      { seed: 7 },
    );
  });
});

/** Edits in order that do not overlap and stay within the text. */
function placed(parts: readonly (readonly [number, number, string])[], length: number) {
  let done = 0;
  return parts.map(([gap, size, text]) => {
    const from = Math.min(done + gap, length);
    done = Math.min(from + size, length);
    return { from, to: done, text };
  });
}

describe('unitOffset', () => {
  it('converts offsets in UTF-8 bytes', () => {
    const text = 'aé数😀b';
    expect([0, 1, 2, 3, 6, 8, 10, 99].map(offset => unitOffset(text, offset))).toEqual([0, 1, 1, 2, 3, 3, 5, 6]);
  });
});
