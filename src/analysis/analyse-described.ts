import type { NodeAnalysis, NodeRelation } from '../core/plan/analysis.ts';
import type { Column, NodeId, TransformNode } from '../core/definition/nodes/node.ts';
import type { ResolvedSql } from '../core/definition/sql/resolve-sql.ts';
import { orderHash } from '../core/plan/read-hash.ts';
import type { QueryAnalysis } from '../core/query/query-analysis.ts';
import { inputsApart, type Relation, symbolicRelation } from '../core/query/terms/relation.ts';
import { hashParts } from '../core/query/terms/term.ts';
import type { Diagnostic } from '../diagnostics/diagnostic.ts';
import type { Described } from '../engine/analysis/described.ts';
import {
  duplicateColumn,
  queryMistake,
  refusedReads,
  unstorableColumn,
  unknownRowid,
} from './duckdb-errors/query-mistakes.ts';
import {
  type DescribedAnswer,
  type StatementsToAnalyse,
  parsePlans,
  analyseStatements,
  textOf,
} from './analyse-statements.ts';

/** A transform with DuckDB's answer about it. */
export interface DescribedNode {
  readonly node: TransformNode;
  readonly sql: ResolvedSql;
  readonly answer: Answer;
  /** Relations by node; contains at least the node's inputs. */
  readonly inputs: ReadonlyMap<NodeId, NodeRelation>;
  /** Columns of the artefact under a fingerprint; null if there is none. */
  columnsBuilt(fingerprint: string): readonly Column[] | null;
}

/** DuckDB's answer about a query, with the analysis that does not depend on the data of its inputs. */
export interface Answer {
  readonly described: Described;
  local: NodeAnalysis['local'] | null;
}

/** The analysis of a node, or its diagnostics. */
export interface AnalysisOutcome {
  /** null if a diagnostic is an error. */
  readonly analysis: NodeAnalysis | null;
  readonly diagnostics: readonly Diagnostic[];
}

const READS_ROWID = 'reads row order (rowid)';

/** Turns DuckDB's description of a transform into its schema, fingerprint and lineage, or into diagnostics. */
export function analyseDescribed(request: DescribedNode): AnalysisOutcome {
  const { node, sql, answer, inputs } = request;
  const { described } = answer;
  const read = { node, sql, columns: columnsRead(node, inputs) };
  if (described.kind === 'mistake') return refused(queryMistake(read, described));
  const [unstorable] = described.unstorable;
  if (unstorable) return refused(unstorableColumn(read, unstorable));
  const own = new Map(
    node.inputs.flatMap(({ id }): [NodeId, Relation][] => (inputs.has(id) ? [[id, inputs.get(id) as Relation]] : [])),
  );
  const query = { sql, described, plans: parsePlans(described) };
  const analysis = analyseStatements({ ...query, inputs: inputsApart(own) });
  if ('error' in analysis) return refused(duplicateColumn(read, analysis.error));
  if (analysis.refused.length > 0) {
    return { analysis: null, diagnostics: refusedReads(read, analysis.refused) };
  }
  // The empty tables of the analysis have a rowid, stored outputs do not; tables that the node creates do.
  if (analysis.notes.includes(READS_ROWID) && described.prepared.length === 0) return refused(unknownRowid(read));
  if (isLate(described)) return { analysis: lateAnalysis(request, analysis), diagnostics: [] };
  answer.local ??= localAnalysis({ ...query, inputs: own });
  return {
    analysis: { ...nodeAnalysis(analysis, answer.local, inputs), computed: described.computed },
    diagnostics: [],
  };
}

const columnsRead = (node: TransformNode, inputs: DescribedNode['inputs']): ReadonlyMap<string, readonly string[]> =>
  new Map(node.inputs.map(({ id }) => [id, (inputs.get(id)?.columns ?? []).map(column => column.name)]));

/** The analysis of the query with symbolic inputs. */
function localAnalysis(query: StatementsToAnalyse): NodeAnalysis['local'] {
  const inputs = new Map([...query.inputs].map(([id, { columns }]) => [id, symbolicRelation(id, columns)]));
  const local = analyseStatements({ ...query, inputs });
  if ('error' in local) throw new Error(`a query can be read only once: ${local.error}`);
  return { ...local.relation, fingerprint: local.fingerprint };
}

/** Whether the columns depend on the data, so that the analysis holds only for one state of the data. */
export const isLate = (described: DescribedAnswer): boolean =>
  described.late === true || described.prepared.some(step => step.late === true);

/** The analysis of a query with data-dependent columns: they are those of the artefact under its fingerprint, or unknown. */
function lateAnalysis({ node, inputs, columnsBuilt }: DescribedNode, analysis: QueryAnalysis): NodeAnalysis {
  const fingerprint = hashParts(['late', analysis.relation.rows]);
  const columns = columnsBuilt(fingerprint);
  const relation = lateRelation(analysis.relation.rows, columns ?? []);
  const known = nodeAnalysis({ ...analysis, fingerprint, relation }, { ...relation, fingerprint }, inputs);
  return columns === null ? { ...known, late: node.id } : known;
}

function lateRelation(rows: string, columns: readonly Column[]): Relation {
  return {
    rows,
    columns: columns.map(({ name, type }) => ({ name, type, hash: hashParts(['late column', rows, name, type]) })),
    order: hashParts(['late order', rows]),
  };
}

/** A placeholder for a node whose input has unknown columns; the node is analysed again once they are known. */
export function waitingAnalysis(node: TransformNode, sql: ResolvedSql, late: NodeId): NodeAnalysis {
  const rows = hashParts(['waiting', node.id, textOf(sql), late]);
  const relation = lateRelation(rows, []);
  return {
    columns: [],
    relation,
    fingerprint: rows,
    local: { ...relation, fingerprint: rows },
    reads: node.inputs.map(({ id }) => ({ input: id, columns: [], order: true })),
    orderReads: [],
    lineage: { columns: [], rows: [], rowInputs: [] },
    volatile: { columns: [], rows: false },
    notes: [`waits for the columns of ${late}`],
    late,
  };
}

const refused = (diagnostic: Diagnostic): AnalysisOutcome => ({ analysis: null, diagnostics: [diagnostic] });

function nodeAnalysis(
  analysis: QueryAnalysis,
  local: NodeAnalysis['local'],
  inputs: DescribedNode['inputs'],
): NodeAnalysis {
  const { relation, fingerprint, lineage, volatile, notes } = analysis;
  const orderReads = nodeReads(analysis.orderReads);
  return {
    columns: relation.columns.map(({ name, type }) => ({ name, type })),
    relation: { ...relation, order: orderHash(local.order, orderReads, inputs) },
    fingerprint,
    local,
    reads: nodeReads(analysis.reads),
    orderReads,
    lineage: { ...lineage, rowInputs: lineage.rowInputs as readonly NodeId[] },
    volatile,
    notes,
  };
}

/** Relations of the inputs by node id. */
const nodeReads = (reads: QueryAnalysis['reads']): NodeAnalysis['reads'] =>
  reads.map(read => ({ ...read, input: read.input as NodeId }));
