import { type Diagnostic, diagnostic, type Position } from '../../../diagnostics/diagnostic.ts';
import { redactDiagnostic } from '../../parameters/redact.ts';
import type { ProjectNode } from './node.ts';
import { positionIn } from '../yaml/text-places.ts';
import { type Tree, valueOf } from '../yaml/yaml-tree.ts';

/** A stretch of one line in a node's file. */
export interface NodePlace {
  readonly at: Position;
  readonly length: number;
}

/** A mistake of a node. */
export interface NodeMistake {
  readonly code: string;
  readonly message: string;
  readonly hint: string | null;
  readonly severity?: 'error' | 'warning';
}

/** A diagnostic for a node that needs more context than its file; without a place it points to the node's name. */
export function nodeMistake(node: ProjectNode, place: NodePlace | null, mistake: NodeMistake): Diagnostic {
  const at = place?.at ?? node.at;
  const line = at && node.origin?.text.split('\n')[at.line - 1]?.replace(/\r$/, '');
  const source = line === undefined || line === null ? null : { text: line, length: place?.length ?? node.name.length };
  const { code, message, hint, severity } = mistake;
  const found = diagnostic({
    code,
    message,
    hint,
    ...(severity ? { severity } : {}),
    file: node.file,
    at,
    node: node.id,
    source,
  });
  return redactDiagnostic(found, node.secrets ?? []);
}

/** The value at a path of keys and indices in a node's file; null if there is none. */
export function treeAt(node: ProjectNode, path: readonly (string | number)[]): Tree | null {
  // Without the cast, narrowing would keep the type of a mapping.
  let tree = (node.origin?.map ?? null) as Tree | null;
  for (const step of path) {
    if (tree?.kind === 'map') tree = valueOf(tree, String(step));
    else tree = tree?.kind === 'list' ? (tree.items[Number(step)] ?? null) : null;
  }
  return tree;
}

/** The place of a value, or of a stretch of its text. */
export function valuePlace(
  node: ProjectNode,
  path: readonly (string | number)[],
  stretch?: { readonly offset: number; readonly length: number },
): NodePlace | null {
  const tree = treeAt(node, path);
  const at = stretch && tree?.kind === 'scalar' && tree.places ? positionIn(tree.places, stretch.offset) : null;
  return at && stretch ? { at, length: stretch.length } : (tree?.span ?? null);
}

/** The place of a key in the mapping at a path. */
export function keyPlace(node: ProjectNode, path: readonly (string | number)[], key: string): NodePlace | null {
  const tree = treeAt(node, path);
  return (tree?.kind === 'map' && tree.entries.find(entry => entry.key === key)?.keySpan) || null;
}
