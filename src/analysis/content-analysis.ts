import type { NodeAnalysis } from '../core/plan/analysis.ts';
import type { Column, NodeId } from '../core/definition/nodes/node.ts';
import { sourceRelation, symbolicRelation } from '../core/query/terms/relation.ts';

/** A source's data: its columns and the identity of its rows. */
export interface SourceContent {
  readonly columns: readonly Column[];
  readonly identity: string;
}

/** The analysis of a node that is known by its data alone: a source, or a stored output. */
export function contentAnalysis(id: NodeId, { columns, identity }: SourceContent): NodeAnalysis {
  const relation = sourceRelation(identity, columns);
  const local = symbolicRelation(id, columns);
  return {
    columns,
    relation,
    fingerprint: relation.rows,
    local: { ...local, fingerprint: local.rows },
    reads: [],
    orderReads: [],
    lineage: {
      columns: columns.map(column => ({ name: column.name, value: [], condition: [] })),
      rows: [],
      rowInputs: [],
    },
    volatile: { columns: [], rows: false },
    notes: [],
  };
}
