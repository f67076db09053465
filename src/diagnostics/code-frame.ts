import type { Diagnostic } from './diagnostic.ts';

const LONGEST_LINE = 160;

/** The line of a diagnostic with its place underlined, as plain lines; empty if the text is not known. */
export function renderCodeFrame(diagnostic: Diagnostic): readonly string[] {
  const { source, line, column } = diagnostic;
  if (!source || line === null || column === null) return [];
  const from = Math.min(Math.max(column - 1, 0), source.text.length);
  const cut = windowAround(from);
  const shown = source.text.slice(cut, cut + LONGEST_LINE).replace(/[\r\n]+$/, '');
  const before = shown.slice(0, from - cut);
  const marked = Math.max(1, Math.min(source.length, shown.length - before.length));
  const gutter = `  ${line} | `;
  return [
    `${gutter}${printable(shown)}`,
    `${' '.repeat(gutter.length - 2)}| ${blankLike(before)}${'^'.repeat(widthOf(shown.slice(before.length, before.length + marked)) || 1)}`,
  ];
}

/** Long lines are shown from shortly before the place. */
const windowAround = (from: number): number => (from < LONGEST_LINE - 40 ? 0 : from - 60);

/** Control characters would move the cursor, or worse; tabs are kept since the line below repeats them. */
// oxlint-disable-next-line no-control-regex
const printable = (text: string): string => text.replace(/[\u0000-\u0008\u000a-\u001f\u007f]/g, '\u00b7');

const blankLike = (text: string): string =>
  [...text].map(char => (char === '\t' ? '\t' : ' '.repeat(widthOf(char)))).join('');

/** Columns in a terminal: East Asian wide characters and emoji take two, combining marks none. */
function widthOf(text: string): number {
  let width = 0;
  for (const char of text) {
    if (/\p{Mark}|\u200d|\ufe0f/u.test(char)) continue;
    width +=
      /[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]|\p{Emoji_Presentation}/u.test(
        char,
      )
        ? 2
        : 1;
  }
  return width;
}
