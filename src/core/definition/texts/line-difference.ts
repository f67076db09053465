/** Number of context lines around a change. */
const CONTEXT = 2;

/**
 * The line difference of two texts: ` ` kept, `-` removed, `+` added; only lines near a change, with `…` between them.
 * Longest common subsequence, by dynamic programming over the lines between a common beginning and end.
 */
export function lineDifference(before: string, after: string): readonly string[] {
  const [old, now] = [linesOf(before), linesOf(after)];
  let start = 0;
  while (start < old.length && start < now.length && old[start] === now[start]) start += 1;
  let end = 0;
  while (end < old.length - start && end < now.length - start && old.at(-1 - end) === now.at(-1 - end)) end += 1;
  const middle = difference(old.slice(start, old.length - end), now.slice(start, now.length - end));
  const kept = (lines: readonly string[]): readonly string[] => lines.map(line => ` ${line}`);
  return nearChanges([...kept(old.slice(0, start)), ...middle, ...kept(old.slice(old.length - end))]);
}

function linesOf(text: string): readonly string[] {
  const lines = text.replaceAll('\r\n', '\n').split('\n');
  return lines.at(-1) === '' ? lines.slice(0, -1) : lines;
}

function difference(old: readonly string[], now: readonly string[]): readonly string[] {
  const width = now.length + 1;
  const common = new Uint32Array((old.length + 1) * width);
  for (let i = old.length - 1; i >= 0; i -= 1) {
    for (let j = now.length - 1; j >= 0; j -= 1) {
      const next = (row: number, column: number): number => common[row * width + column] ?? 0;
      common[i * width + j] = old[i] === now[j] ? next(i + 1, j + 1) + 1 : Math.max(next(i + 1, j), next(i, j + 1));
    }
  }
  const lines: string[] = [];
  let [i, j] = [0, 0];
  while (i < old.length || j < now.length) {
    const removes =
      i < old.length && (j >= now.length || (common[(i + 1) * width + j] ?? 0) >= (common[i * width + j + 1] ?? 0));
    if (i < old.length && j < now.length && old[i] === now[j]) {
      lines.push(` ${old[i]}`);
      [i, j] = [i + 1, j + 1];
    } else if (removes) {
      lines.push(`-${old[i]}`);
      i += 1;
    } else {
      lines.push(`+${now[j]}`);
      j += 1;
    }
  }
  return lines;
}

function nearChanges(lines: readonly string[]): readonly string[] {
  const changes = lines.flatMap((line, index) => (line.startsWith(' ') ? [] : [index]));
  const shown = lines.map((_, index) => changes.some(change => Math.abs(change - index) <= CONTEXT));
  return lines.flatMap((line, index) => {
    if (shown[index]) return [line];
    return shown[index - 1] === true && shown.includes(true, index) ? [' …'] : [];
  });
}
