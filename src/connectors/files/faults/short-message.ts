const LONGEST_LINE = 200;

/** The first lines of DuckDB's message, without its advice on options and without long quotations. */
export function shortMessage(text: string): string {
  const [said = ''] = text
    .replace(/^[A-Z][A-Za-z ]+ Error: /, '')
    .split(/\n\nLINE \d+:|\n *(?:The search space used|Possible (?:fixes|solution)|Try (?:setting|increasing))/i);
  const lines = said.split('\n').map(line => line.trim());
  const clipped = lines.map(line => (line.length > LONGEST_LINE ? `${line.slice(0, LONGEST_LINE)}…` : line));
  return clipped
    .filter(line => line !== '')
    .slice(0, 4)
    .join(' ');
}
