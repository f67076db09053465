/** A parsed DuckDB type, as detailed as storage needs. */
type ParsedType =
  | { readonly kind: 'plain'; readonly text: string }
  | { readonly kind: 'list'; readonly element: ParsedType }
  | { readonly kind: 'map'; readonly parts: readonly ParsedType[] }
  | {
      readonly kind: 'struct';
      readonly fields: readonly { readonly name: string | null; readonly type: ParsedType }[];
    };

/** Types that Parquet cannot store, with the type that stores the same values. */
const STORED: ReadonlyMap<string, string> = new Map([
  ['HUGEINT', 'DECIMAL(38,0)'],
  ['UHUGEINT', 'DECIMAL(38,0)'],
  ['BIT', 'VARCHAR'],
  ['BIGNUM', 'VARCHAR'],
  ['TIME_NS', 'VARCHAR'],
  ['TIMESTAMP_S', 'TIMESTAMP'],
  ['TIMESTAMP_MS', 'TIMESTAMP'],
  ['"NULL"', 'INTEGER'],
]);

/** Parquet truncates intervals to milliseconds: a column of intervals can be checked before, nested intervals cannot. */
const STORED_WITHIN: ReadonlyMap<string, string> = new Map([...STORED, ['INTERVAL', 'VARCHAR']]);

/** Types that cannot be stored without loss. */
const UNSTORABLE = /^(?:UNION\(|AGGREGATE_STATE<|GEOMETRY\b|LAMBDA$|TYPE$)/;

/**
 * The type in which a node's column is stored; schemas, consumers and the writer all use it. Takes and returns types as
 * DuckDB prints them; null for a type that cannot be stored.
 */
export function storedType(type: string): string | null {
  const parsed = parseType(type);
  const stored = parsed.kind === 'plain' ? storablePlain(parsed.text, STORED) : storable(parsed);
  return stored === null ? null : renderType(stored);
}

function storablePlain(text: string, map: ReadonlyMap<string, string>): ParsedType | null {
  if (UNSTORABLE.test(text)) return null;
  return { kind: 'plain', text: text.startsWith('ENUM(') ? 'VARCHAR' : (map.get(text) ?? text) };
}

/** A type within another. */
function storable(type: ParsedType): ParsedType | null {
  switch (type.kind) {
    case 'plain':
      return storablePlain(type.text, STORED_WITHIN);
    case 'list': {
      const element = storable(type.element);
      return element && { kind: 'list', element };
    }
    case 'map': {
      const parts = type.parts.map(storable).filter(part => part !== null);
      return parts.length === type.parts.length ? { kind: 'map', parts } : null;
    }
    case 'struct': {
      const fields = type.fields.flatMap(field => {
        const stored = storable(field.type);
        return stored ? [{ name: field.name, type: stored }] : [];
      });
      return fields.length === type.fields.length ? { kind: 'struct', fields } : null;
    }
  }
}

/** Whether values of the type are nested: DuckDB considers some of them equal although they differ. */
export const isNested = (type: string): boolean => parseType(type).kind !== 'plain';

function renderType(type: ParsedType): string {
  switch (type.kind) {
    case 'plain':
      return type.text;
    case 'list':
      return `${renderType(type.element)}[]`;
    case 'map':
      return `MAP(${type.parts.map(renderType).join(', ')})`;
    case 'struct':
      return `STRUCT(${type.fields.map(({ name, type: field }) => (name === null ? '' : `${name} `) + renderType(field)).join(', ')})`;
  }
}

function parseType(text: string): ParsedType {
  const array = /\[\d*\]$/.exec(text);
  if (array) return { kind: 'list', element: parseType(text.slice(0, array.index)) };
  const inside = text.endsWith(')') ? text.slice(text.indexOf('(') + 1, -1) : '';
  if (text.startsWith('MAP(')) return { kind: 'map', parts: splitTop(inside).map(parseType) };
  if (text.startsWith('STRUCT(')) return { kind: 'struct', fields: splitTop(inside).map(parseField) };
  return { kind: 'plain', text };
}

/** `name TYPE`, or a bare type in a struct without names. */
function parseField(text: string): { readonly name: string | null; readonly type: ParsedType } {
  const match = /^("(?:[^"]|"")*"|[A-Za-z_][A-Za-z0-9_]*) (?!WITH TIME ZONE$)([^]+)$/.exec(text);
  return match?.[1] === undefined || match[2] === undefined
    ? { name: null, type: parseType(text) }
    : { name: match[1], type: parseType(match[2]) };
}

/** Splits at commas outside brackets and quotes. */
function splitTop(text: string): readonly string[] {
  const parts: string[] = [];
  let depth = 0;
  let start = 0;
  for (let index = 0; index < text.length; index += 1) {
    const char = text[index] ?? '';
    if (char === '"' || char === "'") index = endOfQuote(text, index, char);
    else if (char === '(') depth += 1;
    else if (char === ')') depth -= 1;
    else if (char === ',' && depth === 0) {
      parts.push(text.slice(start, index).trim());
      start = index + 1;
    }
  }
  const last = text.slice(start).trim();
  return last === '' ? parts : [...parts, last];
}

/** The index of the quote that closes the one at `from`; a doubled quote is an escaped quote. */
function endOfQuote(text: string, from: number, quote: string): number {
  for (let index = from + 1; index < text.length; index += 1) {
    if (text[index] !== quote) continue;
    if (text[index + 1] !== quote) return index;
    index += 1;
  }
  return text.length;
}
