import type { NodeAnalysis, NodeRelation } from '../core/plan/analysis.ts';
import type { Column, NodeId, TransformNode } from '../core/definition/nodes/node.ts';
import { normalSql } from '../core/definition/sql/normal-sql.ts';
import type { ResolvedSql } from '../core/definition/sql/resolve-sql.ts';
import { orderHash } from '../core/plan/read-hash.ts';
import { analyseQuery } from '../core/query/analyse-query.ts';
import { opaqueAnalysis } from '../core/query/opaque-analysis.ts';
import { parsePlan } from '../core/query/plan-json/parse-plan.ts';
import type { QueryAnalysis } from '../core/query/query-analysis.ts';
import { inputsApart, type Relation, symbolicRelation } from '../core/query/terms/relation.ts';
import { hashParts } from '../core/query/terms/term.ts';
import type { Diagnostic } from '../diagnostics/diagnostic.ts';
import type { Described } from '../engine/analysis/describe-queries.ts';
import {
  duplicateColumn,
  queryMistake,
  refusedReads,
  unstorableColumn,
  unknownRowid,
} from './duckdb-errors/query-mistakes.ts';

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

export interface AnalysisOutcome {
  /** null if a diagnostic is an error. */
  readonly analysis: NodeAnalysis | null;
  readonly diagnostics: readonly Diagnostic[];
}

const READS_ROWID = 'reads row order (rowid)';

type DescribedAnswer = Extract<Described, { kind: 'described' }>;

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
  const analysis = readQuery({ ...query, inputs: inputsApart(own) });
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
function localAnalysis(query: QueryToRead): NodeAnalysis['local'] {
  const inputs = new Map([...query.inputs].map(([id, { columns }]) => [id, symbolicRelation(id, columns)]));
  const local = readQuery({ ...query, inputs });
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

interface QueryToRead {
  readonly sql: ResolvedSql;
  readonly described: DescribedAnswer;
  readonly plans: ParsedPlans;
  readonly inputs: ReadonlyMap<string, Relation>;
}

/** Parsed plans of a transform's statements; they are parsed once and analysed twice. */
interface ParsedPlans {
  readonly prepared: readonly unknown[];
  readonly query: unknown;
}

const parsePlans = ({ prepared, plan }: DescribedAnswer): ParsedPlans => ({
  prepared: prepared.map(step => step.plan !== null && parsePlan(step.plan)),
  query: plan !== null && parsePlan(plan),
});

/** Analyses the plans of a transform's statements in order; if one has no plan, the whole node is opaque. */
function readQuery(query: QueryToRead): QueryAnalysis | { readonly error: string } {
  const { sql, described, plans, inputs } = query;
  const prepared = new Map<string, QueryAnalysis>();
  const tables = (schema: string, table: string) =>
    schema === 'temp' ? (prepared.get(table) ?? null) : (inputs.get(`${schema}.${table}`) ?? null);
  const refusals: QueryAnalysis['refused'][number][] = [];
  const seen = new Set<string>();
  const text = textOf(sql);
  for (const [index, step] of described.prepared.entries()) {
    if (step.kind === 'macro') continue;
    if (step.plan === null) return opaque(query, step.why);
    if (seen.has(step.name.toLowerCase())) return opaque(query, `two statements that make ${step.name}`);
    seen.add(step.name.toLowerCase());
    const analysis = analyseQuery(plans.prepared[index], { inputs: tables, columns: step.columns, text });
    if ('error' in analysis) return opaque(query, analysis.error);
    refusals.push(...analysis.refused);
    if (step.kind === 'table') prepared.set(step.name, analysis);
  }
  if (described.plan === null) return opaque(query, described.why);
  // DuckDB replaces views and macros by their definitions before it makes the plan.
  const analysis = analyseQuery(plans.query, { inputs: tables, columns: described.columns, text });
  return 'error' in analysis ? analysis : { ...analysis, refused: [...refusals, ...analysis.refused] };
}

function opaque({ sql, described, inputs }: QueryToRead, why: string | null): QueryAnalysis {
  const listed = [...inputs].map(([id, relation]) => ({ id, relation }));
  return opaqueAnalysis({
    text: textOf(sql),
    inputs: listed,
    columns: described.columns,
    ...(why === null ? {} : { why }),
  });
}

/** The SQL without comments and layout, which do not affect the result. */
const textOf = (sql: ResolvedSql): string =>
  [...sql.prepare, sql.query].map(statement => normalSql(statement.text)).join(';\n');
