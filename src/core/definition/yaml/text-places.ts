import type { Position } from '../../../diagnostics/diagnostic.ts';

/** From `offset` up to the next stretch, a text comes unit by unit from `at` in its file; UTF-16 units. */
export interface Stretch {
  readonly offset: number;
  readonly at: Position;
}

/** The places of a text in its file: stretches in order, the first at offset 0. */
export type TextPlaces = readonly Stretch[];

/** The place of an offset. */
export function positionIn(places: TextPlaces, offset: number): Position | null {
  let [low, high] = [0, places.length - 1];
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if ((places[middle]?.offset ?? 0) <= offset) low = middle;
    else high = middle - 1;
  }
  const stretch = places[low];
  return stretch ? { line: stretch.at.line, column: stretch.at.column + Math.max(offset, 0) - stretch.offset } : null;
}

/** Places of a text whose lines begin at `line`, each after `indent` characters. */
export function linePlaces(text: string, line: number, indent: number): TextPlaces {
  let offset = 0;
  return text.split('\n').map((content, index) => {
    const stretch = { offset, at: { line: line + index, column: indent + 1 } };
    offset += content.length + 1;
    return stretch;
  });
}

/** The source of a scalar, quotes included. */
export interface WrittenScalar {
  readonly text: string;
  readonly from: number;
  readonly style: 'plain' | 'single' | 'double' | 'folded';
  positionOf(offset: number): Position;
}

/** Maps a value to its source. Folding changes only blanks, so the other characters appear in order. */
export function scalarPlaces(written: WrittenScalar, value: string): TextPlaces {
  const { text, style, positionOf } = written;
  const places: Stretch[] = [];
  let raw = startOf(written);
  let shift = Number.NaN;
  for (let offset = 0; offset < value.length;) {
    const escape = style === 'double' ? escapeAt(text, raw) : null;
    if (escape?.units === 0) {
      raw = afterBlanks(text, raw + escape.length);
      continue;
    }
    if (escape === null && /\s/.test(value.charAt(offset))) {
      // A blank that folding made is at the end of its line.
      if (text.charAt(raw) === value.charAt(offset)) raw += 1;
      offset += 1;
      if (raw - offset !== shift) shift = Number.NaN;
      continue;
    }
    if (escape === null) raw = afterBlanks(text, raw);
    if (raw - offset !== shift) {
      places.push({ offset: places.length === 0 ? 0 : offset, at: positionOf(raw) });
      shift = raw - offset;
    }
    raw += escape?.length ?? (style === 'single' && text.startsWith("''", raw) ? 2 : 1);
    offset += escape?.units ?? 1;
  }
  return places.length > 0 ? places : [{ offset: 0, at: positionOf(startOf(written)) }];
}

function startOf({ text, from, style }: WrittenScalar): number {
  if (style === 'plain') return from;
  return style === 'folded' ? afterBlanks(text, text.indexOf('\n', from) + 1) : from + 1;
}

function afterBlanks(text: string, offset: number): number {
  BLANKS.lastIndex = offset;
  return BLANKS.test(text) ? BLANKS.lastIndex : offset;
}

const BLANKS = /\s+/y;

/** The length of an escape sequence, and the units that it produces; 0 if it joins two lines. */
function escapeAt(text: string, offset: number): { readonly length: number; readonly units: number } | null {
  if (text.charAt(offset) !== '\\') return null;
  const kind = text.charAt(offset + 1);
  if (kind === '\n' || kind === '\r') return { length: 2, units: 0 };
  const digits = { x: 2, u: 4, U: 8 }[kind] ?? 0;
  const code = Number.parseInt(text.slice(offset + 2, offset + 2 + digits), 16);
  return { length: 2 + digits, units: code > 0xffff ? 2 : 1 };
}
