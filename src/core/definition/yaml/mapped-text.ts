/** From `start` on, a text comes from `from` in the original: unit by unit if `exact`, else as one replacement. */
export interface Segment {
  readonly start: number;
  readonly from: number;
  readonly exact: boolean;
}

/** A text that was made from another by edits, with the mapping to the original. Offsets are UTF-16 units. */
export interface MappedText {
  readonly text: string;
  /** In the order of `start`; the first begins at 0. */
  readonly segments: readonly Segment[];
}

/** Replaces `[from, to)` by `text`; an empty stretch inserts. */
export interface Edit {
  readonly from: number;
  readonly to: number;
  readonly text: string;
}

/** A text that maps to itself. */
export const mappedText = (text: string): MappedText => ({ text, segments: [{ start: 0, from: 0, exact: true }] });

/** Applies edits, which must be in order and not overlap. */
export function edited(source: MappedText, edits: readonly Edit[]): MappedText {
  let text = '';
  let done = 0;
  const segments: Segment[] = [];
  for (const edit of edits) {
    segments.push(...shifted(source, done, edit.from, text.length));
    text += source.text.slice(done, edit.from);
    segments.push({ start: text.length, from: originalOffset(source, edit.from), exact: false });
    text += edit.text;
    done = edit.to;
  }
  segments.push(...shifted(source, done, source.text.length, text.length));
  return { text: text + source.text.slice(done), segments: withoutEmpty(segments) };
}

/** A slice of a mapped text, mapped to the same original. */
export function sliced(source: MappedText, from: number, to: number): MappedText {
  return {
    text: source.text.slice(from, to),
    segments: withoutEmpty(shifted(source, from, Math.max(to, from + 1), 0)),
  };
}

/** The offset in the original; for any offset within a replacement, the start of the replaced stretch. */
export function originalOffset(source: MappedText, offset: number): number {
  const segment = source.segments[indexAt(source.segments, offset)];
  return segment ? segment.from + (segment.exact ? offset - segment.start : 0) : offset;
}

/** Converts an offset in UTF-8 bytes, as DuckDB counts, to UTF-16 units; an offset inside a character becomes its start. */
export function unitOffset(text: string, byteOffset: number): number {
  let bytes = 0;
  let units = 0;
  for (const char of text) {
    const code = char.codePointAt(0) ?? 0;
    bytes += code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
    if (bytes > byteOffset) break;
    units += char.length;
  }
  return units;
}

function shifted(source: MappedText, from: number, to: number, start: number): readonly Segment[] {
  if (to <= from) return [];
  const found: Segment[] = [];
  for (let index = indexAt(source.segments, from); index < source.segments.length; index += 1) {
    const segment = source.segments[index];
    if (!segment || segment.start >= to) break;
    const skipped = Math.max(0, from - segment.start);
    found.push({
      start: start + Math.max(segment.start, from) - from,
      from: segment.from + (segment.exact ? skipped : 0),
      exact: segment.exact,
    });
  }
  return found;
}

/** The last segment that begins at or before an offset. */
function indexAt(segments: readonly Segment[], offset: number): number {
  let [low, high] = [0, segments.length - 1];
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if ((segments[middle]?.start ?? 0) <= offset) low = middle;
    else high = middle - 1;
  }
  return low;
}

/** Of several segments with the same start, only the last is not empty. */
const withoutEmpty = (segments: readonly Segment[]): readonly Segment[] =>
  segments.filter((segment, index) => segments[index + 1]?.start !== segment.start);
