import type { NodeAnalysis, NodeRelation } from '../core/plan/analysis.ts';
import type { NodeId, TransformNode } from '../core/project/node.ts';
import type { ResolvedSql } from '../core/project/resolve-sql.ts';
import { analyseQuery } from '../core/query/analyse-query.ts';
import { opaqueAnalysis } from '../core/query/opaque-analysis.ts';
import { parsePlan } from '../core/query/plan-tree.ts';
import type { QueryAnalysis } from '../core/query/query-analysis.ts';
import { type Relation, symbolicRelation } from '../core/query/relation.ts';
import type { Diagnostic } from '../diagnostics/diagnostic.ts';
import type { Described } from '../engine/analysis-session.ts';
import { duplicateColumn, queryMistake, refusedRead, unstorableColumn } from './query-mistakes.ts';

export interface DescribedNode {
  readonly node: TransformNode;
  readonly sql: ResolvedSql;
  readonly described: Described;
  /** Relations of the node's inputs, at least. */
  readonly inputs: ReadonlyMap<NodeId, NodeRelation>;
}

export interface AnalysisOutcome {
  /** null where a diagnostic is an error. */
  readonly analysis: NodeAnalysis | null;
  readonly diagnostics: readonly Diagnostic[];
}

type DescribedAnswer = Extract<Described, { kind: 'described' }>;

/** What DuckDB said of a transform, turned into its schema, fingerprint and lineage, or into mistakes with a place. */
export function analyseDescribed({ node, sql, described, inputs }: DescribedNode): AnalysisOutcome {
  if (described.kind === 'mistake') return refused(queryMistake(node, sql, described));
  const [unstorable] = described.unstorable;
  if (unstorable) return refused(unstorableColumn(node, sql, unstorable));
  const own = new Map(
    node.inputs.flatMap(({ id }): [NodeId, Relation][] => (inputs.has(id) ? [[id, inputs.get(id) as Relation]] : [])),
  );
  const symbolic = new Map([...own].map(([id, relation]) => [id, symbolicRelation(id, relation.columns)]));
  const analysis = readQuery({ sql, described, inputs: own });
  if ('error' in analysis) return refused(duplicateColumn(node, sql, analysis.error));
  if (analysis.refused.length > 0) {
    return { analysis: null, diagnostics: analysis.refused.map(refusal => refusedRead(node, sql, refusal)) };
  }
  const local = readQuery({ sql, described, inputs: symbolic });
  if ('error' in local) throw new Error(`${node.id} can be read only once: ${local.error}`);
  return { analysis: nodeAnalysis(analysis, local), diagnostics: [] };
}

const refused = (diagnostic: Diagnostic): AnalysisOutcome => ({ analysis: null, diagnostics: [diagnostic] });

function nodeAnalysis(analysis: QueryAnalysis, local: QueryAnalysis): NodeAnalysis {
  const { relation, fingerprint, lineage, volatile, notes } = analysis;
  return {
    columns: relation.columns.map(({ name, type }) => ({ name, type })),
    relation,
    fingerprint,
    local: { ...local.relation, fingerprint: local.fingerprint },
    // Inputs are named by the ids of nodes.
    reads: analysis.reads.map(read => ({ ...read, input: read.input as NodeId })),
    lineage,
    volatile,
    notes,
  };
}

interface QueryToRead {
  readonly sql: ResolvedSql;
  readonly described: DescribedAnswer;
  readonly inputs: ReadonlyMap<NodeId, Relation>;
}

/** Reads the plans of a transform's statements in their order; where one has none, the whole node is opaque. */
function readQuery(query: QueryToRead): QueryAnalysis | { readonly error: string } {
  const { sql, described, inputs } = query;
  const prepared = new Map<string, QueryAnalysis>();
  const tables = (schema: string, table: string) =>
    schema === 'temp' ? (prepared.get(table) ?? null) : (inputs.get(`${schema}.${table}` as NodeId) ?? null);
  const refusals: QueryAnalysis['refused'][number][] = [];
  for (const [index, step] of described.prepared.entries()) {
    if (step.kind === 'macro') continue;
    if (step.plan === null) return opaque(query, step.why);
    const text = sql.prepare[index]?.query ?? '';
    const analysis = analyseQuery(parsePlan(step.plan), { inputs: tables, columns: step.columns, text });
    if ('error' in analysis) return opaque(query, analysis.error);
    refusals.push(...analysis.refused);
    if (step.kind === 'table') prepared.set(step.name, analysis);
  }
  if (described.plan === null) return opaque(query, described.why);
  // Views and macros were replaced by what they say before the plan was made.
  const analysis = analyseQuery(parsePlan(described.plan), {
    inputs: tables,
    columns: described.columns,
    text: textOf(sql),
  });
  return 'error' in analysis ? analysis : { ...analysis, refused: [...refusals, ...analysis.refused] };
}

function opaque({ sql, described, inputs }: QueryToRead, why: string | null): QueryAnalysis {
  const listed = [...inputs].map(([id, relation]) => ({ id, relation }));
  return opaqueAnalysis({
    text: textOf(sql),
    inputs: listed,
    columns: described.columns,
    ...(why === null ? {} : { why: shortWhy(why) }),
  });
}

/** `Cannot plan statement of type MULTI!` is how DuckDB speaks of a PIVOT whose columns depend on the data. */
const shortWhy = (why: string): string => (why.includes('MULTI') ? 'PIVOT without IN' : why);

const textOf = (sql: ResolvedSql): string => [...sql.prepare, sql.query].map(statement => statement.text).join(';\n');
