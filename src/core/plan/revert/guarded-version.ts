import { canonicalJson } from '../../canonical-json.ts';
import type { Json, JsonObject } from '../../json.ts';
import { lexSql } from '../../definition/sql/sql-lexer.ts';
import type { NodeAnalysis } from '../analysis.ts';

/** The part of a node's version that the revert guard compares. */
export interface GuardedVersion {
  /** Hash of the definition. */
  readonly definition: string;
  readonly document: JsonObject;
  readonly values: JsonObject;
  /** The meaning of its query; null for a source, or if it can no longer be analysed. */
  readonly meaning: NodeAnalysis['local'] | null;
}

/** Keys that the query's meaning covers, or that cannot differ. */
const COVERED = new Set(['kind', 'name', 'version', 'inputs', 'transform', 'transform_file']);

/** The document and the given values by path, such as `description` or `params.limit`; list elements have one entry each. */
export function entriesOf({ document, values }: GuardedVersion): ReadonlyMap<string, string> {
  const entries = new Map<string, string>();
  for (const [key, value] of Object.entries(document)) if (!COVERED.has(key)) addEntries(entries, key, value);
  for (const [key, value] of Object.entries(values)) addEntries(entries, `parameter.${key}`, value);
  return entries;
}

function addEntries(entries: Map<string, string>, path: string, value: Json): void {
  if (Array.isArray(value)) {
    for (const item of value) entries.set(`${path} ${canonicalJson(item)}`, '');
  } else if (typeof value === 'object' && value !== null) {
    for (const [key, item] of Object.entries(value)) addEntries(entries, `${path}.${key}`, item);
  } else {
    entries.set(path, canonicalJson(value));
  }
}

/** The tokens of a query, and its parameter values. */
export function tokensOf(version: GuardedVersion): readonly string[] {
  const text = version.document['transform'];
  const words = typeof text === 'string' ? lexSql(text).map(token => token.upper || token.text) : [];
  const given = [...entriesOf(version)].filter(([path]) => path.startsWith('param')).map(entry => entry.join(' '));
  return [...words, ...given.sort()];
}
