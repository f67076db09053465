import { clipText, padText, singleLine, textWidth } from './text-width.ts';

/** A column of a rendered table. */
export interface TableColumn {
  readonly name: string;
  /** A DuckDB type; numbers are right-aligned. */
  readonly type: string;
}

const NUMBER = /^(U?(TINY|SMALL|BIG|HUGE)?INT(EGER)?|BIGNUM|DECIMAL\(.*\)|FLOAT|DOUBLE)$/;
const WIDEST_CELL = 60;

/** Renders rows of texts in a box, aligned; null is shown as NULL. Each line ends with a newline. */
export function renderBoxTable(columns: readonly TableColumn[], rows: readonly (readonly (string | null)[])[]): string {
  const heads = columns.map(column => clipText(singleLine(column.name), WIDEST_CELL));
  const cells = rows.map(row => columns.map((_, index) => cellText(row[index] ?? null)));
  const widths = heads.map((head, index) =>
    cells.reduce((most, row) => Math.max(most, textWidth(row[index] ?? '')), textWidth(head)),
  );
  const rule = (left: string, middle: string, right: string): string =>
    `${left}${widths.map(width => '─'.repeat(width + 2)).join(middle)}${right}`;
  const line = (texts: readonly string[], sides: readonly ('left' | 'right')[]): string =>
    `│${texts.map((text, index) => ` ${padText(text, widths[index] ?? 0, sides[index] ?? 'right')} `).join('│')}│`;
  const sides = columns.map(column => (NUMBER.test(column.type) ? 'left' : 'right'));
  return [
    rule('┌', '┬', '┐'),
    line(heads, sides),
    rule('├', '┼', '┤'),
    ...cells.map(row => line(row, sides)),
    rule('└', '┴', '┘'),
    '',
  ].join('\n');
}

const cellText = (value: string | null): string => (value === null ? 'NULL' : clipText(singleLine(value), WIDEST_CELL));
