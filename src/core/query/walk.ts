import type { Column } from './terms/column.ts';
import type { OperatorOutput, Scope } from './operators/operator-output.ts';
import type { PlanExpression, PlanOperator } from './plan-json/plan-tree.ts';
import type { Relation } from './terms/relation.ts';
import type { QueryAnalysis, Refusal } from './query-analysis.ts';
import type { Part } from './terms/term.ts';
import type { TermGraph } from './terms/term-graph.ts';

/** A table that a query reads: a node's relation, or a table that an earlier statement created. */
export type InputTable = Relation | QueryAnalysis;

/** A common table expression: its output, and how often it is evaluated. */
export interface SharedQuery {
  readonly output: OperatorOutput;
  /** `once`, or the facts that the number of evaluations depends on. */
  readonly evaluation: Part;
}

/** The state of one walk over one plan; operators and expressions find each other through it. */
export interface Walk {
  readonly terms: TermGraph;
  /** The text of the query: part of every term that the plan does not describe completely. */
  readonly text: string;
  operator(node: PlanOperator): OperatorOutput;
  /** `asCondition` false keeps a truth value as it is written. */
  expression(expression: PlanExpression, scope: Scope, asCondition?: boolean): Column;
  inputs(schema: string, table: string): InputTable | null;
  readonly refused: Refusal[];
  /** Common table expressions by table index. */
  readonly shared: Map<string, SharedQuery>;
  /** Outer columns of the enclosing correlated subqueries, innermost last. */
  readonly outer: (readonly Column[])[];
  /** Number of enclosing recursive queries. */
  recursion: number;
  /** Numbers of calls of volatile functions, samples, and uses of volatile queries; each occurrence has its own values. */
  readonly calls: Map<object, number>;
}

/** JSON of a part of a plan, without positions in the text and aliases. */
export function plainText(value: unknown): string {
  return JSON.stringify(value ?? null, withoutPlace);
}

function withoutPlace(this: unknown, key: string, value: unknown): unknown {
  if (key === 'query_location') return undefined;
  const named = key === 'alias' && typeof this === 'object' && this !== null && 'expression_class' in this;
  return named ? undefined : value;
}
