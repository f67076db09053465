import { sha256Hex } from '../../../src/core/canonical-json.ts';

type Rows = readonly (readonly unknown[])[];

/** A short text for rows in any order; distinguishes -0.0 and 0.0, and compares random values only for equality. */
export const canonicalData = (rows: Rows): string => sha256Hex(canonicalRows(rows).join('\n')).slice(0, 20);

/** The rows as sorted text, with random values replaced by their positions. */
export function canonicalRows(rows: Rows): readonly string[] {
  const texts = rows.map(row => row.map(cellText).join('|'));
  const drawn = places(texts);
  return drawn.size === 0 ? texts.sort() : withoutRandom(texts, drawn).sort();
}

const OPEN = '\u0001';
const CLOSE = '\u0002';
const DRAWN = /\u0001[^\u0002]*\u0002/g;
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-/;

function cellText(value: unknown): string {
  if (typeof value === 'number') return numberText(value);
  if (typeof value === 'string') return UUID.test(value) ? `${OPEN}${value}${CLOSE}` : JSON.stringify(value);
  if (Array.isArray(value)) return `[${value.map(cellText).join(',')}]`;
  if (typeof value === 'object' && value !== null)
    return `{${Object.entries(value)
      .map(([name, inner]) => `${name}:${cellText(inner)}`)
      .join(',')}}`;
  return String(value);
}

/** Marks a number from `random()`; all other data consists of multiples of a power of two. */
function numberText(value: number): string {
  if (Object.is(value, -0)) return '-0';
  return Number.isInteger(value * 2 ** 20) || !Number.isFinite(value) ? String(value) : `${OPEN}${value}${CLOSE}`;
}

/** The rows in which each random value occurs. */
function places(texts: readonly string[]): ReadonlyMap<string, readonly string[]> {
  const found = new Map<string, string[]>();
  for (const text of texts) {
    for (const [drawn] of text.matchAll(DRAWN)) {
      const where = text.replaceAll(drawn, '\u0003').replaceAll(DRAWN, '\u0004');
      const list = found.get(drawn);
      if (list) list.push(where);
      else found.set(drawn, [where]);
    }
  }
  return found;
}

function withoutRandom(texts: readonly string[], drawn: ReadonlyMap<string, readonly string[]>): string[] {
  const signs = new Map(
    [...drawn].map(([value, where]) => [value, `<${sha256Hex([...where].sort().join('\n')).slice(0, 12)}>`]),
  );
  const rows = texts.map(text => text.replaceAll(DRAWN, value => signs.get(value) ?? ''));
  return [...rows, `${drawn.size} drawn`];
}
