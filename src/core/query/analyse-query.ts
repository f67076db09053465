import { analyseExpression } from './expressions/analyse-expression.ts';
import { termsOf } from './terms/column.ts';
import type { OperatorOutput } from './operators/operator-output.ts';
import type { Dependencies } from './terms/dependencies.ts';
import { analyseOperator } from './operators/analyse-operator.ts';
import { isSerialisedPlan } from './plan-json/parse-plan.ts';
import type { OutputColumn, QueryAnalysis, QueryRead } from './query-analysis.ts';
import type { Relation } from './terms/relation.ts';
import { type TermInput, type TermContents, TermGraph } from './terms/term-graph.ts';
import type { Term } from './terms/term.ts';
import { typeText } from './plan-json/plan-types.ts';
import type { InputTable, Walk } from './walk.ts';

/** The input of an analysis besides the plan. */
export interface QueryContext {
  /** The table that a plan calls `schema.table`; null if the node may not read it. */
  inputs(schema: string, table: string): InputTable | null;
  /** The node's output: names, and the types that it is stored with. */
  readonly columns: readonly OutputColumn[];
  /** The text of the query; distinguishes queries whose plans do not show everything. */
  readonly text: string;
  /** Anything else that the output depends on. */
  readonly salt?: string;
}

/** Session settings and the version of these rules: hashes made under other settings or rules are not comparable. */
const RULES = 'query 3; UTC; nulls last; binary collation';

/** Derives hashes, lineage and warnings from a query's bound, unoptimised plan. */
export function analyseQuery(plan: unknown, context: QueryContext): QueryAnalysis | { readonly error: string } {
  if (!isSerialisedPlan(plan)) return { error: 'DuckDB returned no plan of a single query' };
  if (plan.error) return { error: plan.error_message };
  const [root] = plan.plans;
  if (!root) return { error: 'DuckDB returned no plan of a single query' };
  const twice = repeatedName(context.columns);
  if (twice !== null) return { error: `two columns are named ${twice}` };
  const walk = newWalk(context);
  const output = walk.operator(root);
  if (output.columns.length !== context.columns.length && !output.unknown)
    return { error: 'the plan and the query have different columns' };
  return analysisOf(walk, output, context);
}

/** Consumers look columns up by name and ignore case. */
function repeatedName(columns: readonly OutputColumn[]): string | null {
  const seen = new Set<string>();
  for (const { name } of columns) {
    const key = name.toLowerCase();
    if (seen.has(key)) return name;
    seen.add(key);
  }
  return null;
}

function newWalk({ text, inputs }: QueryContext): Walk {
  const walk: Walk = {
    terms: new TermGraph(),
    text,
    inputs,
    operator: node => analyseOperator(walk, node),
    expression: (expression, scope, asCondition) => analyseExpression(walk, expression, scope, asCondition),
    refused: [],
    shared: new Map(),
    outer: [],
    recursion: 0,
    calls: new Map(),
  };
  return walk;
}

function analysisOf(walk: Walk, output: OperatorOutput, context: QueryContext): QueryAnalysis {
  const { terms } = walk;
  const columns = outputColumns(terms, output, context);
  const rows = terms.make('rows', RULES, context.salt, output.rows.term);
  const { relation, artefact } = resultTerms(terms, output, { rows, columns });
  const contents = terms.contentsOf([artefact]);
  return {
    relation,
    fingerprint: artefact,
    reads: readsOf(contents.inputs),
    orderReads: readsOf(terms.contentsOf([relation.order]).inputs),
    lineage: {
      columns: columns.map(({ name, value, condition }) => ({
        name,
        value: listed(value),
        condition: listed(condition),
      })),
      rows: listed(output.rowDependencies),
      rowInputs: readsOf(terms.contentsOf([rows]).inputs).map(read => read.input),
    },
    volatile: contents.volatile ? volatileOf(walk, rows, relation) : { columns: [], rows: false },
    notes: notesOf(contents),
    refused: uniqueBy(walk.refused, refusal => `${refusal.what} ${refusal.name}`),
  };
}

interface HashedColumn extends OutputColumn {
  readonly hash: Term;
  readonly value: Dependencies;
  readonly condition: Dependencies;
}

function outputColumns(terms: TermGraph, output: OperatorOutput, context: QueryContext): readonly HashedColumn[] {
  return context.columns.map((column, index) => {
    const made = output.columns[index] ?? output.unknown;
    const position = made === output.unknown ? index : null;
    const type = made ? typeText(made.type) : null;
    const hash = terms.make('output', context.salt, column.type, type, made?.term, position);
    const { value, condition } = made ?? { value: output.rowDependencies, condition: output.rowDependencies };
    return { ...column, hash, value, condition };
  });
}

function resultTerms(
  terms: TermGraph,
  output: OperatorOutput,
  { rows, columns }: { readonly rows: Term; readonly columns: readonly HashedColumn[] },
): { readonly relation: Relation; readonly artefact: Term } {
  const named = columns.map(({ name, type, hash }) => [name, type, hash]);
  const artefact = terms.make('artefact', rows, named, output.sorted);
  const hashes = columns.map(column => column.hash);
  return {
    artefact,
    relation: {
      rows,
      columns: columns.map(({ name, type, hash }) => ({ name, type, hash })),
      order: terms.make('order', rows, hashes, output.order, termsOf(output.columns)),
    },
  };
}

const listed = (names: Dependencies): readonly string[] => [...names].sort();

function readsOf(inputs: readonly TermInput[]): readonly QueryRead[] {
  const reads = new Map<string, { columns: Set<string>; order: boolean }>();
  for (const input of inputs) {
    const read = reads.get(input.input) ?? { columns: new Set<string>(), order: false };
    reads.set(input.input, read);
    if (input.kind === 'column') read.columns.add(input.column);
    if (input.kind === 'order') read.order = true;
  }
  return [...reads.keys()].sort().map(input => {
    const { columns = new Set<string>(), order = false } = reads.get(input) ?? {};
    return { input, columns: [...columns].sort(), order };
  });
}

function volatileOf(walk: Walk, rows: Term, relation: Relation): QueryAnalysis['volatile'] {
  const rowsVolatile = walk.terms.contentsOf([rows]).volatile;
  const columns = relation.columns.filter(column => rowsVolatile || walk.terms.contentsOf([column.hash]).volatile);
  return { columns: columns.map(column => column.name), rows: rowsVolatile };
}

const notesOf = (contents: TermContents): readonly string[] =>
  [...new Set(contents.notes.map(note => note.text))].sort();

function uniqueBy<T>(values: readonly T[], key: (value: T) => string): readonly T[] {
  return [...new Map(values.map(value => [key(value), value])).values()];
}
