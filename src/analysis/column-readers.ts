import type { ColumnReaders } from '../core/documents/lineage-document.ts';
import type { NodeAnalysis } from '../core/plan/analysis.ts';
import type { NodeId } from '../core/definition/nodes/node.ts';

/** The readers of a column: columns of direct consumers, `kind.name.column`, and nodes whose rows depend on it. Sorted. */
export function readersOf(id: NodeId, column: string, analyses: ReadonlyMap<NodeId, NodeAnalysis>): ColumnReaders {
  const name = `${id}.${column}`;
  const consumers = [...analyses].filter(([, analysis]) => analysis.reads.some(read => read.input === id));
  const columnsThat = (reads: (column: NodeAnalysis['lineage']['columns'][number]) => boolean): readonly string[] =>
    consumers
      .flatMap(([node, { lineage }]) => lineage.columns.filter(reads).map(found => `${node}.${found.name}`))
      .sort();
  return {
    value: columnsThat(found => found.value.includes(name)),
    condition: columnsThat(found => found.condition.includes(name)),
    rows: consumers
      .filter(([, { lineage }]) => lineage.rows.includes(name))
      .map(([node]) => node)
      .sort(),
  };
}
