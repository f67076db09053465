import { describe, expect, it } from 'vitest';
import { renderCodeFrame } from './code-frame.ts';
import { diagnostic } from './diagnostic.ts';

const frame = (text: string, column: number, length: number, line = 4): readonly string[] =>
  renderCodeFrame(diagnostic({ code: 'c', message: 'm', at: { line, column }, source: { text, length } }));

describe('renderCodeFrame', () => {
  it('underlines the place', () => {
    expect(frame('  - ref: source.raw', 10, 10)).toEqual(['  4 |   - ref: source.raw', '    |          ^^^^^^^^^^']);
  });

  it('stops at the end of the line and marks at least one character', () => {
    expect(frame('name', 3, 99, 12)).toEqual(['  12 | name', '     |   ^^']);
    expect(frame('name', 5, 0)).toEqual(['  4 | name', '    |     ^']);
  });

  it('keeps tabs, and counts wide characters as two', () => {
    expect(frame('\tx: 数y', 6, 1)).toEqual(['  4 | \tx: 数y', '    | \t     ^']);
  });

  it('shows a window of a very long line', () => {
    const [shown = '', marks = ''] = frame(`${'a'.repeat(1000)}B${'c'.repeat(1000)}`, 1001, 1);
    expect(shown[marks.indexOf('^')]).toBe('B');
    expect(shown.length).toBeLessThan(180);
  });

  it('is empty without a text or a place', () => {
    expect(renderCodeFrame(diagnostic({ code: 'c', message: 'm' }))).toEqual([]);
  });
});
