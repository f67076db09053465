import type { JsonObject } from '../../json.ts';
import type { SourceNode, TransformNode } from './node.ts';
import type { ResolvedSql } from '../sql/resolve-sql.ts';
import type { NodeParameters } from '../../parameters/node-parameters.ts';

/** A node with nothing left to fill in. */
export type ResolvedNode =
  { readonly node: SourceNode; readonly sql: null } | { readonly node: TransformNode; readonly sql: ResolvedSql };

/** A node as it is wanted; `values` are the parameters that somebody gave it outside its own definition. */
export interface DesiredNode {
  readonly resolved: ResolvedNode;
  readonly values: JsonObject;
  readonly parameters: NodeParameters;
}

/** What is stored of a node's definition, and compared. */
export const definitionOf = (node: DesiredNode): JsonObject => ({
  document: node.resolved.node.definition,
  values: node.values,
});
