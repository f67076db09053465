import type { JsonObject } from '../../json.ts';
import type { ProjectNode, SourceNode, TransformNode } from './node.ts';
import type { ResolvedSql } from '../sql/resolve-sql.ts';
import type { NodeParameters } from '../../parameters/node-parameters.ts';

/** A source with its path and options filled in. */
interface ResolvedSource {
  readonly kind: 'source';
  readonly node: SourceNode;
}

/** A transform with its SQL filled in. */
export interface ResolvedQuery {
  readonly kind: 'query';
  readonly node: TransformNode;
  readonly sql: ResolvedSql;
}

/** A transform with a known output, whose query cannot be filled in: its original values are not available. */
interface StoredOutput {
  readonly kind: 'stored-output';
  readonly node: TransformNode;
}

/** A node with all parameters filled in, as plain data. */
export type ResolvedNode = ResolvedSource | ResolvedQuery | StoredOutput;

/** A node that is represented by its stored output alone. */
export const storedOutput = (node: ProjectNode): ResolvedNode =>
  node.kind === 'source' ? { kind: 'source', node } : { kind: 'stored-output', node };

/** A node as the plan should build it; `values` are the parameters given outside its own definition. */
export interface DesiredNode {
  readonly resolved: ResolvedNode;
  readonly values: JsonObject;
  readonly parameters: NodeParameters;
}

/** The part of a node's definition that generations store and plans compare. */
export const definitionOf = (node: DesiredNode): JsonObject => ({
  document: node.resolved.node.definition,
  values: node.values,
});
