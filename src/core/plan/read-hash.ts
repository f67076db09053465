import { sha256Hex } from '../canonical-json.ts';
import type { NodeId } from '../definition/nodes/node.ts';
import type { InputRead, NodeRelation } from './analysis.ts';

/** Hash of what is read of an input: its rows, the columns read, and the row order if it is read. Empty without a relation. */
export function readHash(read: InputRead, relation: NodeRelation | undefined): string {
  if (!relation) return '';
  const hashes = new Map(relation.columns.map(column => [column.name, column.hash]));
  const columns = read.columns.map(name => hashes.get(name) ?? '');
  return sha256Hex(JSON.stringify([relation.rows, columns, read.order ? relation.order : null]));
}

/** Hash of what a node's row order may depend on: its query, and what that reads of its inputs. */
export function orderHash(
  local: string,
  reads: readonly InputRead[],
  inputs: ReadonlyMap<NodeId, NodeRelation>,
): string {
  const seen = reads.map(read => [read.input, readHash(read, inputs.get(read.input))]);
  return sha256Hex(JSON.stringify([local, seen])).slice(0, 24);
}
