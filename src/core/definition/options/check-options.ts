import type { Diagnostic } from '../../../diagnostics/diagnostic.ts';
import { suggest } from '../../../diagnostics/suggest.ts';
import type { Json, JsonObject } from '../../json.ts';
import type { SourceNode } from '../nodes/node.ts';
import { keyPlace, type NodePlace, nodeMistake, valuePlace } from '../nodes/node-mistake.ts';
import { valueMistake } from './option-values.ts';
import { optionName } from './reader-options.ts';
import { TYPE_NAMES } from '../../types/type-names.ts';

/** Diagnostics for reader options that DuckDB would refuse. `broken` params are already reported. */
export function checkOptions(
  node: SourceNode,
  options: JsonObject,
  broken: ReadonlySet<string>,
): readonly Diagnostic[] {
  return Object.entries(options).flatMap(([option, value]) => {
    const key = keyOf(node, option);
    const wanted = broken.has(key) ? null : valueMistake(option, value);
    if (wanted === null) return [];
    return nodeMistake(node, valuePlace(node, ['params', key]), {
      code: 'bad-option',
      message: `The option '${key}' must be ${wanted}, not ${shown(value)}.`,
      hint: `Write ${wanted}, or leave '${key}' out.`,
    });
  });
}

/** As the user wrote an option. */
const keyOf = (node: SourceNode, option: string): string =>
  Object.keys(node.params).find(key => optionName(key) === option) ?? option;

function shown(value: Json): string {
  if (typeof value === 'string') return `'${value.length > 40 ? `${value.slice(0, 40)}…` : value}'`;
  if (Array.isArray(value)) return 'a list';
  return value !== null && typeof value === 'object' ? 'a mapping' : String(value);
}

/** A mistake of a source with its place. */
export interface SourceText {
  readonly message: string;
  readonly hint: string;
  readonly place: NodePlace | null;
}

/** The mistake that DuckDB reports for an option or a type of a source; null if it concerns the file. */
export function optionText(node: SourceNode, said: string): SourceText | null {
  const type = /Type with name "?([^" ]+)"? does not exist/.exec(said)?.[1];
  if (type !== undefined) {
    const close = suggest(type, TYPE_NAMES);
    const hint = close === null ? `Types include ${TYPE_NAMES.slice(0, 6).join(', ')}.` : `Did you mean ${close}?`;
    return { message: `Type '${type}' does not exist.`, hint, place: placeOfText(node, type) };
  }
  const option = Object.keys(node.options).find(name => mentions(said, name));
  if (option === undefined) return null;
  const key = keyOf(node, option);
  const missing = /Columns with names: "(.+?)" do not exist|expected to find (\S+), but/.exec(said);
  const place = valuePlace(node, ['params', key]) ?? keyPlace(node, ['params'], key);
  const column = missing?.[1] ?? missing?.[2];
  if (column !== undefined)
    return {
      message: `The option '${key}' names the column '${column}', which the file does not have.`,
      hint: 'Use the names of the header; they are case-sensitive.',
      place: keyPlace(node, ['params', key], column) ?? place,
    };
  const words = said.split('\n')[0]?.replace(/^[A-Z][A-Za-z ]+ Error: /, '') ?? said;
  return {
    message: `DuckDB rejects the option '${key}': ${words.replace(/\.$/, '')}.`,
    hint: `Correct '${key}', or leave it out.`,
    place,
  };
}

/** Options that DuckDB's messages call by another name. */
const SPOKEN: Readonly<Record<string, readonly string[]>> = {
  types: ['column_types'],
  dtypes: ['column_types'],
  date_format: ['dateformat'],
  timestampformat: ['timestampformat', 'dateformat'],
  timestamp_format: ['timestampformat', 'dateformat'],
  delim: ['delimiter'],
  skip: ['skip_rows'],
  new_line: ['newline'],
  auto_type_candidates: ['auto_types'],
};

const mentions = (said: string, option: string): boolean =>
  [option, ...(SPOKEN[option] ?? [])].some(name =>
    new RegExp(`(?<![a-z_])${name}(?![a-z_])`, 'i').test(said.split('\n')[0] ?? ''),
  );

/** The place of the first type or option with a given text. */
function placeOfText(node: SourceNode, text: string): NodePlace | null {
  const wanted = new RegExp(`(?<![\\w])${text.replace(/[^\w]/g, '\\$&')}(?![\\w])`, 'i');
  const schema = (node.schema ?? []).map((_, index) => ['schema', index, 'data_type']);
  const options = Object.keys(node.params).flatMap(key => {
    const value = node.params[key];
    return value !== null && typeof value === 'object' ? Object.keys(value).map(inner => ['params', key, inner]) : [];
  });
  for (const path of [...schema, ...options]) {
    const place = valuePlace(node, path);
    const value = path.reduce<Json | undefined>((found, step) => within(found, step), node.definition);
    if (place && typeof value === 'string' && wanted.test(value)) return place;
  }
  return null;
}

function within(value: Json | undefined, step: string | number): Json | undefined {
  if (value === null || typeof value !== 'object') return undefined;
  return (value as Readonly<Record<string | number, Json>>)[step];
}
