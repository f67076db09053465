import { normalSql } from '../core/definition/sql/normal-sql.ts';
import type { ResolvedSql } from '../core/definition/sql/resolve-sql.ts';
import { analyseQuery } from '../core/query/analyse-query.ts';
import { opaqueAnalysis } from '../core/query/opaque-analysis.ts';
import { parsePlan } from '../core/query/plan-json/parse-plan.ts';
import type { QueryAnalysis } from '../core/query/query-analysis.ts';
import type { Relation } from '../core/query/terms/relation.ts';
import type { Described } from '../engine/analysis/described.ts';

/** DuckDB's answer about a query that binds. */
export type DescribedAnswer = Extract<Described, { kind: 'described' }>;

/** The statements of a transform with their plans and inputs. */
export interface StatementsToAnalyse {
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

/** Parses the plans of all statements. */
export const parsePlans = ({ prepared, plan }: DescribedAnswer): ParsedPlans => ({
  prepared: prepared.map(step => step.plan !== null && parsePlan(step.plan)),
  query: plan !== null && parsePlan(plan),
});

/** Analyses the plans of a transform's statements in order; if one has no plan, the whole node is opaque. */
export function analyseStatements(query: StatementsToAnalyse): QueryAnalysis | { readonly error: string } {
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

function opaque({ sql, described, inputs }: StatementsToAnalyse, why: string | null): QueryAnalysis {
  const listed = [...inputs].map(([id, relation]) => ({ id, relation }));
  return opaqueAnalysis({
    text: textOf(sql),
    inputs: listed,
    columns: described.columns,
    ...(why === null ? {} : { why }),
  });
}

/** The SQL without comments and layout, which do not affect the result. */
export const textOf = (sql: ResolvedSql): string =>
  [...sql.prepare, sql.query].map(statement => normalSql(statement.text)).join(';\n');
