import type { Position } from '../../../diagnostics/diagnostic.ts';
import type { SqlText } from '../nodes/node.ts';
import type { MappedText, Segment } from '../yaml/mapped-text.ts';
import { positionIn, type TextPlaces } from '../yaml/text-places.ts';

/** From `start` on, a compiled text comes from `offset` in the file: unit by unit if `exact`, else as one replacement. */
interface SourceSegment {
  readonly start: number;
  readonly offset: number;
  readonly exact: boolean;
}

/** How a compiled text leads back to the file that it was written in, as plain data. All offsets are UTF-16 units. */
export interface SourceMap {
  readonly file: string;
  readonly fileText: string;
  /** In the order of `start`; the first begins at 0. */
  readonly segments: readonly SourceSegment[];
}

/** A stretch of a file, with its first line for a code frame. */
export interface SourceStretch {
  readonly at: Position;
  readonly source: { readonly text: string; readonly length: number };
}

/** The source map of a text that was made from a node's SQL; null for a node that was built from a stored definition. */
export function sourceMapOf({ text, segments }: MappedText, written: SqlText): SourceMap | null {
  const { file, fileText, places } = written;
  if (fileText === null || places === null) return null;
  const lines = lineStarts(fileText);
  const found = segments.flatMap((segment, index) =>
    inFile(segment, segments[index + 1]?.start ?? text.length, { places, lines }),
  );
  return { file, fileText, segments: found };
}

interface WrittenPlaces {
  readonly places: TextPlaces;
  /** Offset of each line of the file. */
  readonly lines: readonly number[];
}

function inFile(segment: Segment, end: number, { places, lines }: WrittenPlaces): readonly SourceSegment[] {
  const { start, from, exact } = segment;
  const offsetOf = ({ line, column }: Position): number => (lines[line - 1] ?? 0) + column - 1;
  const first = { start, offset: offsetOf(positionIn(places, from) ?? { line: 1, column: 1 }), exact };
  if (!exact) return [first];
  const inside = places.filter(({ offset }) => offset > from && offset < from + end - start);
  return [first, ...inside.map(({ offset, at }) => ({ start: start + offset - from, offset: offsetOf(at), exact }))];
}

function lineStarts(text: string): readonly number[] {
  const starts = [0];
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) starts.push(at + 1);
  return starts;
}

/** The place in the file of an offset in the compiled text. */
export const placeIn = (map: SourceMap, offset: number): Position => positionAt(map.fileText, fileOffset(map, offset));

/** The place in the file of a stretch of the compiled text, up to the end of its first line. */
export function stretchIn(map: SourceMap, from: number, to: number): SourceStretch {
  const begin = fileOffset(map, from);
  const at = positionAt(map.fileText, begin);
  const end = positionAt(map.fileText, Math.max(fileOffset(map, to) - 1, begin));
  const text = map.fileText.split('\n')[at.line - 1]?.replace(/\r$/, '') ?? '';
  const last = end.line === at.line ? end.column : text.length;
  return { at, source: { text, length: Math.max(1, last - at.column + 1) } };
}

function fileOffset({ segments }: SourceMap, offset: number): number {
  const segment = segments.findLast(({ start }) => start <= offset) ?? segments[0];
  if (!segment) return 0;
  return segment.offset + (segment.exact ? offset - segment.start : 0);
}

function positionAt(text: string, offset: number): Position {
  const lines = text.slice(0, offset).split('\n');
  return { line: lines.length, column: (lines.at(-1)?.length ?? 0) + 1 };
}
