import { sha256Hex } from '../canonical-json.ts';
import type { NodeId } from '../definition/nodes/node.ts';
import type { InputRead, NodeRelation } from './analysis.ts';

/** Names what is read of an input: its rows, the columns read, and their order where it is seen; empty where it has no relation. */
export function readHash(read: InputRead, relation: NodeRelation | undefined): string {
  if (!relation) return '';
  const hashes = new Map(relation.columns.map(column => [column.name, column.hash]));
  const columns = read.columns.map(name => hashes.get(name) ?? '');
  return sha256Hex(JSON.stringify([relation.rows, columns, read.order ? relation.order : null]));
}

/** What the order of a node's rows may depend on: its query, and what that can see of its inputs. */
export function orderHash(
  local: string,
  reads: readonly InputRead[],
  inputs: ReadonlyMap<NodeId, NodeRelation>,
): string {
  const seen = reads.map(read => [read.input, readHash(read, inputs.get(read.input))]);
  return sha256Hex(JSON.stringify([local, seen])).slice(0, 24);
}
