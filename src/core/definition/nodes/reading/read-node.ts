import type { Position } from '../../../../diagnostics/diagnostic.ts';
import { didYouMean, suggest } from '../../../../diagnostics/suggest.ts';
import type { Json, JsonObject } from '../../../json.ts';
import { MapReader } from '../../yaml/map-reader.ts';
import type { Mistakes } from '../../yaml/mistakes.ts';
import { NODE_KINDS, type NodeKind, type ProjectNode, type SqlText } from '../node.ts';
import { nameMistake, nodeIdOf } from '../node-name.ts';
import { readDeclaredColumns } from './read-columns.ts';
import { readInputs } from './read-inputs.ts';
import { readSource, refuseUnbuilt } from './read-source.ts';
import { readTargets } from './read-targets.ts';
import { type MapTree, treeToExactJson, treeToJson, valueOf } from '../../yaml/yaml-tree.ts';

/** Kinds that are planned but not supported yet. */
export const LATER_KINDS: readonly string[] = ['rule', 'feature_group', 'exposure', 'aggregation', 'model'];
const COMMON_KEYS = [
  'kind',
  'name',
  'description',
  'owner',
  'tags',
  'columns',
  'params',
  'inputs',
  'materializations',
  'materialization',
  'audits',
];
const KIND_KEYS: Readonly<Record<NodeKind, readonly string[]>> = {
  source: ['source', 'table', 'schema', 'on_schema_change', 'freshness', 'incremental'],
  transform: ['transform', 'transform_file'],
};

/** The node that a mapping describes; null, with mistakes added, if it describes none. `readSql` returns the SQL of a transform. */
export function readNode(
  map: MapTree,
  mistakes: Mistakes,
  readSql: (reader: MapReader) => SqlText | null,
): ProjectNode | null {
  const kind = readKind(new MapReader(map, mistakes, 'a node'));
  const likely = kind ?? likelyKind(map);
  const reader = new MapReader(map, mistakes, likely === null ? 'a node' : `a ${likely}`);
  mistakes.aside(() => refuseOtherKeys(reader, likely));
  const name = readName(reader);
  const fields = readCommonFields(reader);
  const inputs = likely === 'transform' ? readInputs(reader) : [];
  const before = mistakes.found.length;
  const own = likely === 'source' ? readSource(reader) : likely === 'transform' ? readSql(reader) : null;
  // The kind is then a guess, so that the other keys can be checked.
  if (kind === null) return null;
  if (name === null || own === null) {
    // A reader that returns null has added a mistake.
    if (mistakes.found.length === before && name !== null) throw new Error('a node was refused without a reason');
    return null;
  }
  const definition = definitionOf(map, own);
  const { path, text } = mistakes.file;
  const origin = map.span ? { origin: { text, map } } : {};
  const base = { ...fields, ...name, ...origin, id: nodeIdOf(kind, name.name), file: path, definition };
  if ('text' in own) return { ...base, kind: 'transform', inputs, sql: own };
  return { ...base, kind: 'source', inputs, ...own };
}

function readKind(reader: MapReader): NodeKind | null {
  const known = NODE_KINDS.join(', ');
  const text = reader.requiredText('kind', `Write one of ${known}.`);
  if (text === null) return null;
  const kind = NODE_KINDS.find(candidate => candidate === text);
  if (kind) return kind;
  const span = reader.value('kind')?.span ?? null;
  if (LATER_KINDS.includes(text))
    reader.add('not-yet-supported', `Nodes of kind '${text}' are not supported yet.`, span, `Supported: ${known}.`);
  else
    reader.add(
      'unknown-kind',
      `Unknown kind '${text}'.`,
      span,
      didYouMean(text, [...NODE_KINDS, ...LATER_KINDS], `Known kinds: ${known}.`),
    );
  return null;
}

/** The most likely kind of a node with an unknown kind; null for kinds that are planned. */
function likelyKind(map: MapTree): NodeKind | null {
  const written = valueOf(map, 'kind');
  const text = written?.kind === 'scalar' ? written.written : '';
  if (LATER_KINDS.includes(text)) return null;
  const close = NODE_KINDS.find(kind => kind === suggest(text, NODE_KINDS));
  return close ?? NODE_KINDS.find(kind => KIND_KEYS[kind].some(key => valueOf(map, key) !== null)) ?? null;
}

function refuseOtherKeys(reader: MapReader, kind: NodeKind | null): void {
  if (kind === null) return;
  const known = [...COMMON_KEYS, ...KIND_KEYS[kind]];
  const elsewhere = NODE_KINDS.filter(other => other !== kind).flatMap(other =>
    KIND_KEYS[other].map((key): [string, string] => [key, `It belongs to a ${other}.`]),
  );
  reader.refuseOtherKeys(known, new Map(elsewhere));
}

function readName(reader: MapReader): { readonly name: string; readonly at: Position | null } | null {
  const name = reader.requiredText('name', 'Add a name; other nodes read this one as `kind.name`.');
  const span = reader.value('name')?.span ?? null;
  if (name === null) return null;
  const mistake = nameMistake(name);
  if (mistake === null) return { name, at: span?.at ?? null };
  reader.add(
    'bad-name',
    `${JSON.stringify(name)} cannot be the name of a node: ${mistake}.`,
    span,
    "Use any characters except '/', '\\', '.' and control characters.",
  );
  return null;
}

function readCommonFields(reader: MapReader) {
  const params = reader.mapping('params');
  return reader.mistakes.aside(() => {
    refuseUnbuilt(reader, ['audits']);
    return {
      description: reader.label('description'),
      owner: reader.label('owner'),
      tags: readTags(reader),
      columns: readDeclaredColumns(reader),
      targets: readTargets(reader),
      // A mapping becomes an object.
      params: (params ? treeToExactJson(params) : {}) as JsonObject,
    };
  });
}

function readTags(reader: MapReader): readonly string[] {
  const tags: string[] = [];
  for (const item of reader.list('tags')?.items ?? []) {
    if (item.kind !== 'scalar' || item.value === null)
      reader.refuseValue('tags', item, 'a text for each tag', 'Write `tags: [core, nightly]`.');
    else if (!tags.includes(String(item.value))) tags.push(String(item.value));
  }
  return tags;
}

/** The document as data; the text of an SQL file is added, so that a stored definition is complete. */
function definitionOf(map: MapTree, own: object): JsonObject {
  const definition: Record<string, Json> = { ...(treeToJson(map) as JsonObject) };
  const params = valueOf(map, 'params');
  if (params !== null) definition['params'] = treeToExactJson(params);
  if ('text' in own && typeof own.text === 'string') definition['transform'] = own.text;
  return definition;
}
