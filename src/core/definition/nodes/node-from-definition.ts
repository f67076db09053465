import type { JsonObject } from '../../json.ts';
import type { MapReader } from '../yaml/map-reader.ts';
import { Mistakes } from '../yaml/mistakes.ts';
import type { NodeId, ProjectNode, SqlText } from './node.ts';
import { readNode } from './reading/read-node.ts';
import { type MapTree, treeFromJson } from '../yaml/yaml-tree.ts';

/** The node that a stored definition describes, without places. Throws if this version cannot read it. */
export function nodeFromDefinition(id: NodeId, file: string, definition: JsonObject): ProjectNode {
  const mistakes = new Mistakes({ path: file, text: '' });
  // An object becomes a mapping.
  const node = readNode(treeFromJson(definition) as MapTree, mistakes, storedSql);
  if (node?.id === id) return node;
  const reason = mistakes.found[0]?.message ?? `it describes ${node?.id}`;
  throw new Error(`the stored definition of ${id} cannot be read: ${reason}`);
}

/** A stored definition contains the SQL text, even if it was in a file of its own. */
function storedSql(reader: MapReader): SqlText | null {
  const text = reader.requiredText('transform', '');
  const file = reader.text('transform_file') ?? reader.mistakes.file.path;
  return text === null ? null : { text, file, places: null, fileText: null };
}
