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

type PairCondition = PlanCondition & { left: PlanExpression; right: PlanExpression; comparison: string };

/** Whether a condition compares an expression over each side. */
export const isPair = (condition: PlanCondition | PlanExpression): condition is PairCondition =>
  'comparison' in condition && condition.left !== undefined && condition.right !== undefined;

/** The conditions of a join over its two sides. */
export function conditionsOf(walk: Walk, node: PlanOperator, leftSide: Scope, rightSide: Scope): JoinConditions {
  // A volatile call is evaluated once for each pair of rows, or as often as the kind of join requires.
  const rows = { term: walk.terms.make('met', leftSide.rows.term, rightSide.rows.term) };
  const sides = { left: { ...leftSide, rows }, right: { ...rightSide, rows } };
  const both = { ...columnsOfBoth(sides.left, sides.right), rows };
  const given = (node.conditions ?? []).map(condition =>
    // A condition that is not a pair is an expression over both sides.
    isPair(condition) ? pairCondition(walk, condition, sides) : wholeCondition(walk, condition as PlanExpression, both),
  );
  const more = [node.predicate, node.condition].flatMap(each => (each ? [wholeCondition(walk, each, both)] : []));
  const all = [...given, ...more];
  return {
    terms: all.flatMap(each => each.terms),
    dependencies: union(...all.map(each => each.dependencies)),
    strict: all.flatMap(each => each.strict),
    equated: all.flatMap(each => each.equated),
    equatedLeft: all.flatMap(each => each.equatedLeft),
  };
}

function wholeCondition(walk: Walk, expression: PlanExpression, both: Scope): JoinConditions {
  const condition = conditionOf(walk, expression, both);
  const dependencies = dependenciesOf(condition);
  return { terms: conjuncts(walk, condition), dependencies, strict: condition.strict, equated: [], equatedLeft: [] };
}

const EQUALITY = /^COMPARE_(?:EQUAL|NOT_DISTINCT_FROM)$/;

function pairCondition(
  walk: Walk,
  { left, right, comparison: kind }: PairCondition,
  sides: { readonly left: Scope; readonly right: Scope },
): JoinConditions {
  const [a, b] = [walk.expression(left, sides.left), walk.expression(right, sides.right)];
  const isEquality = EQUALITY.test(kind);
  return {
    terms: [comparison(walk, kind, a.term, b.term)],
    dependencies: union(dependenciesOf(a), dependenciesOf(b)),
    strict: isStrict(kind) ? [a.term, b.term] : [],
    equated: isEquality ? [b.term] : [],
    equatedLeft: isEquality ? [a.term] : [],
  };
}
