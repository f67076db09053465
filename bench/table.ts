import type { Figure } from './measure.ts';

/** A Markdown table with aligned columns. */
export function renderTable(figures: readonly Figure[]): string {
  const rows = figures.map(({ what, measured, against, goal, met }) => [
    what,
    measured,
    against,
    goal === null ? '' : `${goal}${met ? '' : ' (missed)'}`,
  ]);
  const lines = [['What', 'Measured', 'Against', 'Goal'], ...rows];
  const widths = [0, 1, 2, 3].map(column => Math.max(...lines.map(line => line[column]?.length ?? 0)));
  const render = (cells: readonly string[], fill = ' '): string =>
    `| ${widths.map((width, column) => (cells[column] ?? '').padEnd(width, fill)).join(' | ')} |`;
  const [head = [], ...body] = lines;
  return [render(head), render([], '-'), ...body.map(line => render(line))].join('\n');
}
