import { expressionOf, termsOf } from './expressions/expression.ts';
import type { Frame } from './operators/frame.ts';
import type { Names } from './plan-json/names.ts';
import { operatorFrame } from './operators/operators.ts';
import { isSerialisedPlan } from './plan-json/plan-tree.ts';
import type { OutputColumn, QueryAnalysis, QueryRead } from './query-analysis.ts';
import type { Relation } from './terms/relation.ts';
import { type Leaf, type Reach, type Term, Terms } from './terms/terms.ts';
import { typeText } from './plan-json/types.ts';
import type { InputTable, Walk } from './walk.ts';

export interface QueryContext {
  /** What stands behind `schema.table` of a plan; null for what the node may not read. */
  inputs(schema: string, table: string): InputTable | null;
  /** The node's output: names, and the types that it is stored with. */
  readonly columns: readonly OutputColumn[];
  /** The text of the query; makes apart what a plan does not show in full. */
  readonly text: string;
  /** Anything else that the output depends on. */
  readonly salt?: string;
}

/** Under which a session runs, and the version of these rules: hashes made under others are not comparable. */
const RULES = 'query 3; UTC; nulls last; binary collation';

/** Reads a query's meaning off its bound, unoptimised plan: hashes, lineage, and what to be careful about. */
export function analyseQuery(plan: unknown, context: QueryContext): QueryAnalysis | { readonly error: string } {
  if (!isSerialisedPlan(plan)) return { error: 'DuckDB gave no plan of one query' };
  if (plan.error) return { error: plan.error_message };
  const [root] = plan.plans;
  if (!root) return { error: 'DuckDB gave no plan of one query' };
  const twice = repeatedName(context.columns);
  if (twice !== null) return { error: `two columns are named ${twice}` };
  const walk = newWalk(context);
  const frame = walk.operator(root);
  if (frame.columns.length !== context.columns.length && !frame.unknown)
    return { error: 'the plan has other columns than the query' };
  return analysisOf(walk, frame, context);
}

/** Consumers find columns by name, in any case. */
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
    terms: new Terms(),
    text,
    inputs,
    operator: node => operatorFrame(walk, node),
    expression: (expression, scope, asCondition) => expressionOf(walk, expression, scope, asCondition),
    refused: [],
    shared: new Map(),
    outer: [],
    recursion: 0,
    calls: new Map(),
  };
  return walk;
}

function analysisOf(walk: Walk, frame: Frame, context: QueryContext): QueryAnalysis {
  const { terms } = walk;
  const outputs = context.columns.map((column, index) => {
    const made = frame.columns[index] ?? frame.unknown;
    const hash = terms.make(
      'output',
      context.salt,
      column.type,
      made ? typeText(made.type) : null,
      made?.term,
      made === frame.unknown ? index : null,
    );
    return { ...column, hash, value: made?.value ?? frame.rowNames, condition: made?.condition ?? frame.rowNames };
  });
  const rows = terms.make('rows', RULES, context.salt, frame.rows.term);
  const hashes = outputs.map(output => output.hash);
  const artefact = terms.make(
    'artefact',
    rows,
    outputs.map(({ name, type, hash }) => [name, type, hash]),
    frame.sorted,
  );
  const relation: Relation = {
    rows,
    columns: outputs.map(({ name, type, hash }) => ({ name, type, hash })),
    order: terms.make('order', rows, hashes, frame.order, termsOf(frame.columns)),
  };
  const reach = terms.reach([artefact]);
  return {
    relation,
    fingerprint: artefact,
    reads: readsOf(reach.leaves),
    orderReads: readsOf(terms.reach([relation.order]).leaves),
    lineage: {
      columns: outputs.map(({ name, value, condition }) => ({
        name,
        value: listed(value),
        condition: listed(condition),
      })),
      rows: listed(frame.rowNames),
      rowInputs: readsOf(terms.reach([rows]).leaves).map(read => read.input),
    },
    volatile: reach.volatile ? volatileOf(walk, rows, relation) : { columns: [], rows: false },
    notes: notesOf(reach),
    refused: uniqueBy(walk.refused, refusal => `${refusal.what} ${refusal.name}`),
  };
}

const listed = (names: Names): readonly string[] => [...names].sort();

function readsOf(leaves: readonly Leaf[]): readonly QueryRead[] {
  const reads = new Map<string, { columns: Set<string>; order: boolean }>();
  for (const leaf of leaves) {
    const read = reads.get(leaf.input) ?? { columns: new Set<string>(), order: false };
    reads.set(leaf.input, read);
    if (leaf.kind === 'column') read.columns.add(leaf.column);
    if (leaf.kind === 'order') read.order = true;
  }
  return [...reads.keys()].sort().map(input => {
    const { columns = new Set<string>(), order = false } = reads.get(input) ?? {};
    return { input, columns: [...columns].sort(), order };
  });
}

function volatileOf(walk: Walk, rows: Term, relation: Relation): QueryAnalysis['volatile'] {
  const rowsVolatile = walk.terms.reach([rows]).volatile;
  const columns = relation.columns.filter(column => rowsVolatile || walk.terms.reach([column.hash]).volatile);
  return { columns: columns.map(column => column.name), rows: rowsVolatile };
}

const notesOf = (reach: Reach): readonly string[] => [...new Set(reach.remarks.map(remark => remark.text))].sort();

function uniqueBy<T>(values: readonly T[], key: (value: T) => string): readonly T[] {
  return [...new Map(values.map(value => [key(value), value])).values()];
}
