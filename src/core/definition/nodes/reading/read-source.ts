import { didYouMean, suggest } from '../../../../diagnostics/suggest.ts';
import type { Json, JsonObject } from '../../../json.ts';
import type { MapReader } from '../../yaml/map-reader.ts';
import {
  type Column,
  type FreshnessRule,
  type IncrementalReading,
  SCHEMA_CHANGE_POLICIES,
  type SchemaChangePolicy,
  SOURCE_TYPES,
  type SourceType,
} from '../node.ts';
import { readSchema } from './read-columns.ts';
import { optionName, READER_OPTIONS, refusedOption } from '../../options/reader-options.ts';
import { readServerRules, readServerTable } from './read-server-source.ts';
import { type MapEntry, type MapTree, type Tree, treeToJson, valueOf } from '../../yaml/yaml-tree.ts';

/** Types that are planned but not supported yet. */
const LATER_TYPES = ['iceberg', 'starrocks', 'mysql', 'sqlite'];
const ALIASES: Readonly<Record<string, SourceType>> = { postgres: 'postgresql' };

/** The fields of a source that other nodes do not have. */
export interface SourceFields {
  readonly source: SourceType;
  readonly table: string;
  readonly options: JsonObject;
  readonly schema: readonly Column[] | null;
  readonly onSchemaChange: SchemaChangePolicy;
  readonly incremental: IncrementalReading | null;
  readonly freshness: FreshnessRule | null;
}

/** The keys of a source; null if it cannot be read at all. */
export function readSource(reader: MapReader): SourceFields | null {
  reader.mistakes.aside(() => {
    refuseInputs(reader);
    if (!isServer(reader)) refuseUnbuilt(reader, ['freshness', 'incremental']);
  });
  const source = readSourceType(reader);
  const likely = source ?? likelyType(reader);
  const options = likely === null ? {} : readOptions(reader, likely);
  const table = readPlace(reader, options);
  const schema = readSchema(reader);
  const onSchemaChange = readPolicy(reader);
  const rules = isServer(reader) ? readServerRules(reader) : { incremental: null, freshness: null };
  return source === null || table === null ? null : { source, table, options, schema, onSchemaChange, ...rules };
}

function readPolicy(reader: MapReader): SchemaChangePolicy {
  const text = reader.label('on_schema_change');
  if (text === null) return 'fail';
  const policy = SCHEMA_CHANGE_POLICIES.find(known => known === text);
  if (policy) return policy;
  const known = SCHEMA_CHANGE_POLICIES.join(' or ');
  reader.add(
    'bad-value',
    `'on_schema_change' must be ${known}, not '${text}'.`,
    reader.value('on_schema_change')?.span ?? null,
    didYouMean(text, SCHEMA_CHANGE_POLICIES, 'Write `on_schema_change: fail`, or leave it out.'),
  );
  return 'fail';
}

/** The most likely type of a source with an unknown type, so that its options can be checked. */
const likelyType = (reader: MapReader): SourceType | null => {
  const close = suggest(reader.writtenText('source'), [...SOURCE_TYPES, ...LATER_TYPES]);
  return isLater(reader) ? null : (SOURCE_TYPES.find(type => type === close) ?? null);
};

const isLater = (reader: MapReader): boolean => LATER_TYPES.includes(reader.writtenText('source'));

const isServer = (reader: MapReader): boolean => sourceTypeOf(reader.writtenText('source')) === 'postgresql';

/** A supported type or an alias of it. */
const sourceTypeOf = (text: string): SourceType | null =>
  SOURCE_TYPES.find(type => type === text) ?? (Object.hasOwn(ALIASES, text) ? (ALIASES[text] ?? null) : null);

/** Path or table; empty for a source that is a query, null if it is missing or wrong. */
function readPlace(reader: MapReader, options: JsonObject): string | null {
  if (isLater(reader)) return null;
  return isServer(reader) ? readServerTable(reader, options) : readTable(reader);
}

/** Keys that are planned but not supported yet; they are refused unless they are empty. */
export function refuseUnbuilt(reader: MapReader, keys: readonly string[]): void {
  for (const key of keys) {
    const value = reader.value(key);
    if (value && !isEmpty(value))
      reader.add(
        'not-yet-supported',
        `'${key}' is not supported yet.`,
        reader.keySpan(key),
        'Remove it for now, or leave it empty.',
      );
  }
}

const isEmpty = (tree: Tree): boolean =>
  (tree.kind === 'list' && tree.items.length === 0) || (tree.kind === 'map' && tree.entries.length === 0);

function refuseInputs(reader: MapReader): void {
  const inputs = reader.value('inputs');
  if (inputs && !isEmpty(inputs))
    reader.add(
      'unexpected-inputs',
      'A source has no inputs.',
      reader.keySpan('inputs'),
      'Remove `inputs`, or make the node a transform.',
    );
}

function readSourceType(reader: MapReader): SourceType | null {
  const known = SOURCE_TYPES.join(', ');
  const text = reader.requiredText('source', `Write one of ${known}.`);
  if (text === null) return null;
  const type = sourceTypeOf(text);
  if (type) return type;
  const span = reader.value('source')?.span ?? null;
  if (LATER_TYPES.includes(text))
    reader.add('not-yet-supported', `Sources of type '${text}' are not supported yet.`, span, `Supported: ${known}.`);
  else
    reader.add(
      'unknown-source-type',
      `Unknown source type '${text}'.`,
      span,
      didYouMean(text, [...SOURCE_TYPES, ...LATER_TYPES], `Known types: ${known}.`),
    );
  return null;
}

function readTable(reader: MapReader): string | null {
  const table = reader.requiredText(
    'table',
    'Write a path or glob from the project root, such as `table: data/orders.csv`.',
  );
  const span = reader.value('table')?.span ?? null;
  if (table === null) return null;
  if (/^[a-z][a-z0-9+.-]+:\/\//i.test(table)) {
    reader.add(
      'not-yet-supported',
      'Reading from a URL is not supported yet.',
      span,
      'Save the file in the project and write its path.',
    );
  } else if (table.includes('\u0000')) {
    reader.add('bad-path', 'A path cannot contain a NUL character.', span, 'Remove the NUL character.');
  } else return table;
  return null;
}

/** `params` as DuckDB options; a parameter that only fills a `{{ … }}` of the source is not an option. */
function readOptions(reader: MapReader, source: SourceType): JsonObject {
  const params = reader.mapping('params');
  const options: Record<string, Json> = {};
  const written = new Map<string, string>();
  for (const entry of params?.entries ?? []) {
    if (!isOption(entry, source) && isUsedInTemplate(reader.map, entry.key)) continue;
    const name = acceptOption(reader, entry, source);
    if (name === null) continue;
    const before = written.get(name);
    if (before !== undefined)
      reader.add(
        'conflicting-keys',
        `'${before}' and '${entry.key}' are the same option.`,
        entry.keySpan,
        'Remove one.',
      );
    written.set(name, entry.key);
    options[name] = treeToJson(entry.value);
  }
  return options;
}

const isOption = (entry: MapEntry, source: SourceType): boolean =>
  READER_OPTIONS[source].includes(entry.key.toLowerCase());

/** null if the option is refused or empty. */
function acceptOption(reader: MapReader, entry: MapEntry, source: SourceType): string | null {
  const { key, keySpan, value } = entry;
  const because = refusedOption(key.toLowerCase());
  if (because !== null) {
    reader.add('refused-option', `The option '${key}' is refused: ${because}.`, keySpan, `Remove '${key}'.`);
    return null;
  }
  if (!isOption(entry, source)) {
    const hint = didYouMean(key, READER_OPTIONS[source], otherOptions(source));
    reader.add('unknown-option', `Unknown option '${key}' of a ${source} source.`, keySpan, hint);
    return null;
  }
  if (value.kind === 'scalar' && value.value === null) return null;
  if (source === 'postgresql' && refusesSecret(reader, entry)) return null;
  return optionName(key);
}

/** `${VAR}` or `{{ env:VAR }}`, without a default. */
const VARIABLE_ALONE = /^\s*(?:\$\{\w+\}|\{\{\s*env:\w+\s*\}\})\s*$/;

/** Definitions are stored, so that a password may only come from a variable. */
function refusesSecret(reader: MapReader, { key, value }: MapEntry): boolean {
  if (key.toLowerCase() !== 'password') return false;
  if (value.kind === 'scalar' && VARIABLE_ALONE.test(value.written)) return false;
  const hint = 'Write `password: "${PG_PASSWORD}"`, or name a connection of the profile.';
  reader.add('secret-in-node', 'A password must not be written into a node.', value.span, hint);
  return true;
}

const otherOptions = (source: SourceType): string =>
  source === 'postgresql'
    ? `Options: ${READER_OPTIONS[source].join(', ')}.`
    : `See DuckDB's options for reading ${source}.`;

function isUsedInTemplate(map: MapTree, name: string): boolean {
  const texts = [valueOf(map, 'table'), valueOf(map, 'params')]
    .map(tree => (tree ? JSON.stringify(treeToJson(tree)) : ''))
    .join('\n');
  return [...texts.matchAll(/\{\{\s*([^{}]*?)\s*\}\}/g)].some(
    match => match[1] === name || match[1]?.startsWith(`${name}.`),
  );
}
