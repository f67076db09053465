import { type ScalarTag, stringify } from 'yaml';
import { canonicalJson } from '../../canonical-json.ts';
import { isExactNumber } from '../../exact-number.ts';
import type { Json, JsonObject } from '../../json.ts';

/** Keys in their usual order; other keys follow alphabetically, before the SQL. */
const FIRST = [
  'kind',
  'name',
  'description',
  'owner',
  'tags',
  'source',
  'table',
  'inputs',
  'params',
  'schema',
  'columns',
];
const LAST = ['transform_file', 'transform'];

/**
 * A stored definition as YAML, independent of the order and style of its file, with texts of several lines as blocks.
 * Values that were given to parameters follow as comments.
 */
export function renderDefinition(document: JsonObject, values: JsonObject = {}): string {
  const keys = Object.keys(document).sort((a, b) => placeOf(a) - placeOf(b) || (a < b ? -1 : 1));
  const ordered = Object.fromEntries(keys.map(key => [key, sorted(tidied(key, document[key] ?? null))]));
  const text = stringify(ordered, {
    version: '1.2',
    schema: 'core',
    lineWidth: 0,
    blockQuote: 'literal',
    customTags: tags => [WRITTEN_NUMBER, ...tags],
  });
  const given = Object.keys(values).sort();
  return [text, ...given.map(name => `# with ${name} = ${shownValue(values[name] ?? null)}\n`)].join('');
}

function placeOf(key: string): number {
  if (FIRST.includes(key)) return FIRST.indexOf(key);
  return LAST.includes(key) ? FIRST.length + 1 + LAST.indexOf(key) : FIRST.length;
}

/** Trailing blanks would force the whole text into one quoted line. */
const tidied = (key: string, value: Json): Json =>
  key === 'transform' && typeof value === 'string' ? `${value.replace(/[ \t\r]+$/gm, '').trimEnd()}\n` : value;

/** A number that is written with these digits. */
class WrittenNumber {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

const WRITTEN_NUMBER: ScalarTag = {
  tag: 'tag:yaml.org,2002:float',
  default: true,
  identify: value => value instanceof WrittenNumber,
  resolve: text => text,
  stringify: ({ value }) => (value instanceof WrittenNumber ? value.text : String(value)),
};

const shownValue = (value: Json): string => (isExactNumber(value) ? value.$number : canonicalJson(value));

function sorted(value: Json): unknown {
  if (isExactNumber(value)) return new WrittenNumber(value.$number);
  if (Array.isArray(value)) return value.map(sorted);
  if (value === null || typeof value !== 'object') return value;
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(entries.map(([key, item]) => [key, sorted(item)]));
}
