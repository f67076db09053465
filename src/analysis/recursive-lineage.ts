import type { NodeAnalysis, NodeLineage } from '../core/plan/analysis.ts';
import type { NodeId } from '../core/definition/nodes/node.ts';

/** Lineage down to the columns of sources: each column of an input is replaced by its own origins. */
export function resolveLineage(id: NodeId, analyses: ReadonlyMap<NodeId, NodeAnalysis>): NodeLineage {
  const known = new Map<NodeId, NodeLineage>();
  const resolve = (node: NodeId): NodeLineage => {
    const done = known.get(node);
    if (done) return done;
    const analysis = analyses.get(node);
    if (!analysis) throw new Error(`${node} was not analysed`);
    const resolved = resolveOne(analysis.lineage, { analyses, resolve });
    known.set(node, resolved);
    return resolved;
  };
  return resolve(id);
}

interface Traced {
  readonly value: readonly string[];
  readonly condition: readonly string[];
}

interface Tracing {
  readonly analyses: ReadonlyMap<NodeId, NodeAnalysis>;
  resolve(node: NodeId): NodeLineage;
}

function resolveOne(lineage: NodeLineage, tracing: Tracing): NodeLineage {
  const all = (names: readonly string[]): readonly string[] =>
    names.flatMap(name => {
      const { value, condition } = trace(name, tracing);
      return [...value, ...condition];
    });
  const rowsOf = (node: NodeId): readonly string[] => (node.startsWith('source.') ? [] : tracing.resolve(node).rows);
  // An input that is only looked up adds no rows, but its rows determine the looked-up value.
  const rowsBeside = (names: readonly string[]): readonly string[] => {
    const inputs = new Set(names.flatMap(name => splitColumn(name, tracing.analyses)?.node ?? []));
    return [...inputs].filter(node => !lineage.rowInputs.includes(node)).flatMap(rowsOf);
  };
  return {
    columns: lineage.columns.map(({ name, value, condition }) => {
      const traced = value.map(each => trace(each, tracing));
      const selecting = [...traced.flatMap(entry => entry.condition), ...all(condition)];
      return {
        name,
        value: sorted(traced.flatMap(entry => entry.value)),
        condition: sorted([...selecting, ...rowsBeside([...value, ...condition])]),
      };
    }),
    rows: sorted([...all(lineage.rows), ...lineage.rowInputs.flatMap(rowsOf)]),
    rowInputs: lineage.rowInputs,
  };
}

/** The columns of sources behind a column. */
function trace(name: string, { analyses, resolve }: Tracing): Traced {
  const column = splitColumn(name, analyses);
  // A source has no inputs, so lineage ends at its columns.
  if (!column || column.node.startsWith('source.')) return { value: [name], condition: [] };
  const found = resolve(column.node).columns.find(candidate => candidate.name === column.column);
  return found ?? { value: [name], condition: [] };
}

const sorted = (names: readonly string[]): readonly string[] => [...new Set(names)].sort();

/** Splits `kind.name.column`; a column may contain dots, a node name may not. */
function splitColumn(
  text: string,
  analyses: ReadonlyMap<NodeId, NodeAnalysis>,
): { readonly node: NodeId; readonly column: string } | null {
  const second = text.indexOf('.', text.indexOf('.') + 1);
  const node = text.slice(0, second) as NodeId;
  return analyses.has(node) ? { node, column: text.slice(second + 1) } : null;
}
