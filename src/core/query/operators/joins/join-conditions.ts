import { comparison, isStrict } from '../../expressions/comparison.ts';
import { conditionOf } from '../../expressions/analyse-condition.ts';
import { conjuncts } from '../../expressions/condition.ts';
import { columnsOfBoth, type Scope } from '../operator-output.ts';
import { dependenciesOf } from '../../terms/column.ts';
import { type Dependencies, union } from '../../terms/dependencies.ts';
import type { PlanCondition, PlanExpression, PlanOperator } from '../../plan-json/plan-tree.ts';
import type { Term } from '../../terms/term.ts';
import type { Walk } from '../../walk.ts';

/** The conditions of a join. */
export interface JoinConditions {
  readonly terms: readonly Term[];
  readonly dependencies: Dependencies;
  /** Terms that are not NULL wherever the conditions hold. */
  readonly strict: readonly Term[];
  /** Terms of the right side that equal something of the left side. */
  readonly equated: readonly Term[];
  /** Terms of the left side that equal something of the right side. */
  readonly equatedLeft: readonly Term[];
}

export const isPair = (
  condition: PlanCondition | PlanExpression,
): condition is PlanCondition & { left: PlanExpression; right: PlanExpression; comparison: string } =>
  'comparison' in condition && condition.left !== undefined && condition.right !== undefined;

export function conditionsOf(walk: Walk, node: PlanOperator, leftSide: Scope, rightSide: Scope): JoinConditions {
  // A volatile call is evaluated once for each pair of rows, or as often as the kind of join requires.
  const rows = { term: walk.terms.make('met', leftSide.rows.term, rightSide.rows.term) };
  const [left, right] = [
    { ...leftSide, rows },
    { ...rightSide, rows },
  ];
  const terms: Term[] = [];
  const dependencies: Dependencies[] = [];
  const strict: Term[] = [];
  const equated: Term[] = [];
  const equatedLeft: Term[] = [];
  const both = { ...columnsOfBoth(left, right), rows };
  const add = (expression: PlanExpression): void => {
    const condition = conditionOf(walk, expression, both);
    terms.push(...conjuncts(walk, condition));
    strict.push(...condition.strict);
    dependencies.push(dependenciesOf(condition));
  };
  for (const condition of node.conditions ?? []) {
    if (!isPair(condition)) {
      add(condition as PlanExpression); // A condition that is not a pair is an expression over both sides.
      continue;
    }
    const [a, b] = [walk.expression(condition.left, left), walk.expression(condition.right, right)];
    terms.push(comparison(walk, condition.comparison, a.term, b.term));
    dependencies.push(dependenciesOf(a), dependenciesOf(b));
    if (isStrict(condition.comparison)) strict.push(a.term, b.term);
    if (/^COMPARE_(?:EQUAL|NOT_DISTINCT_FROM)$/.test(condition.comparison)) {
      equated.push(b.term);
      equatedLeft.push(a.term);
    }
  }
  for (const expression of [node.predicate, node.condition]) if (expression) add(expression);
  return { terms, dependencies: union(...dependencies), strict, equated, equatedLeft };
}
