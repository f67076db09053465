/** Compares a transcript with a command's output; ignores volatile parts. A line `...` matches any number of lines. */
export function isSameOutput(shown: readonly string[], printed: readonly string[]): boolean {
  return matches(trimEnd(shown.map(normalise)), trimEnd(printed.map(normalise)));
}

/** Replaces durations, times, hashes, and versions and ports of servers, which may differ, and the column widths that depend on them. */
function normalise(line: string): string {
  return line
    .replace(/\b\d+(\.\d+)? ?m?s\b/g, '<duration>')
    .replace(/\b\d{4}-\d\d-\d\d[ T]\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d(:?\d\d)?)?/g, '<time>')
    .replace(/\b[0-9a-f]{12,64}\b/g, '<hash>')
    .replace(/\b(PostgreSQL) \d+(\.\d+)*/g, '$1 <version>')
    .replace(/\b(localhost):\d+/g, '$1:<port>')
    .replace(/[─-]{3,}/g, '---')
    .replace(/(\S) {2,}/g, '$1  ')
    .replace(/ +([│|])/g, ' $1')
    .trimEnd();
}

function matches(shown: readonly string[], printed: readonly string[]): boolean {
  const [first, ...rest] = shown;
  if (first === undefined) return printed.length === 0;
  if (first === '...') return printed.some((_, index) => matches(rest, printed.slice(index))) || matches(rest, []);
  return printed.length > 0 && first === printed[0] && matches(rest, printed.slice(1));
}

function trimEnd(lines: readonly string[]): readonly string[] {
  const last = lines.findLastIndex(line => line !== '');
  return lines.slice(0, last + 1);
}
