/** A Markdown table with aligned columns, as the formatter wants it; the first row is the heading. */
export function renderTable(rows: readonly (readonly string[])[]): readonly string[] {
  const [heading = [], ...body] = rows;
  const widths = heading.map((_, index) => Math.max(3, ...rows.map(row => row[index]?.length ?? 0)));
  const line = (cells: readonly string[]): string =>
    `| ${widths.map((width, index) => (cells[index] ?? '').padEnd(width)).join(' | ')} |`;
  return [line(heading), line(widths.map(width => '-'.repeat(width))), ...body.map(line)];
}
