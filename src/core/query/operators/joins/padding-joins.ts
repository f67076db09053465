import { orderSeen } from '../../expressions/row-order.ts';
import {
  beside,
  type OperatorOutput,
  freshOutput,
  isTotal,
  keysTogether,
  mapTerms,
  sidesOf,
  tagged,
} from '../operator-output.ts';
import { part } from '../row-set.ts';
import { conditionsOf, isPair, type JoinConditions } from './join-conditions.ts';
import { joinOrder, withLookedUp } from './join-outputs.ts';
import { type Dependencies, union } from '../../terms/dependencies.ts';
import { opaqueOperator } from '../../opaque.ts';
import type { PlanOperator } from '../../plan-json/plan-tree.ts';
import { sortedBy } from '../sorted-zeroes.ts';
import { asBag, asSet, type Part, type Term } from '../../terms/term.ts';
import type { Walk } from '../../walk.ts';

/** The two sides of a padding join, distinguished even if neither reads anything (`SELECT 1` twice). */
function paddedSides(
  walk: Walk,
  left: OperatorOutput,
  right: OperatorOutput,
): readonly [OperatorOutput, OperatorOutput] {
  return left.rows.term === right.rows.term
    ? [tagged(walk.terms, left, 'left'), tagged(walk.terms, right, 'right')]
    : sidesOf(walk.terms, left, right);
}

/** The padded side of a join: its columns are NULL for rows without a match, so each gets a new term. */
function padded(walk: Walk, side: OperatorOutput, rows: Term): OperatorOutput {
  return mapTerms(side, term => walk.terms.make('padded', rows, side.rows.term, term));
}

/** LEFT, RIGHT and FULL joins. */
export function outerJoin(walk: Walk, node: PlanOperator, left: OperatorOutput, right: OperatorOutput): OperatorOutput {
  const [inner, outer] = paddedSides(walk, left, right);
  const conditions = conditionsOf(walk, node, inner, outer);
  if (node.join_type === 'LEFT' && isTotal(outer, new Set(conditions.equated)))
    return lookup(walk, inner, outer, conditions);
  const rows = outerRows(walk, node, inner, outer, asSet(conditions.terms));
  const a = node.join_type === 'LEFT' ? inner : padded(walk, inner, rows);
  const b = node.join_type === 'RIGHT' ? outer : padded(walk, outer, rows);
  const both = beside(a, b);
  return {
    ...both,
    rows: part(rows),
    // Columns that are not padded remain functions of the rows of their side; all are functions of the pairs.
    bases: new Set([...both.bases, rows]),
    single: false,
    // Rows without a match on either side may have equal keys.
    keys: node.join_type === 'LEFT' || node.join_type === 'RIGHT' ? keysTogether(a, b) : [],
    order: joinOrder(walk, rows, a, b),
    rowDependencies: union(both.rowDependencies, conditions.dependencies),
  };
}

function outerRows(
  walk: Walk,
  node: PlanOperator,
  left: OperatorOutput,
  right: OperatorOutput,
  conditions: readonly Term[],
): Term {
  const { terms } = walk;
  if (node.join_type === 'LEFT') return terms.make('left join', left.rows.term, right.rows.term, conditions);
  if (node.join_type === 'RIGHT') return terms.make('left join', right.rows.term, left.rows.term, conditions);
  return terms.make('full join', asBag([left.rows.term, right.rows.term]), conditions);
}

/** A LEFT JOIN with at most one match for each row: the rows stay and the columns are looked up. */
function lookup(walk: Walk, left: OperatorOutput, right: OperatorOutput, conditions: JoinConditions): OperatorOutput {
  const key = walk.terms.make('lookup', right.rows.term, asSet(conditions.terms));
  return withLookedUp(walk, left, right, { key, dependencies: conditions.dependencies });
}

/** An ASOF join matches the nearest row; among equally near rows their order decides. */
export function asofJoin(walk: Walk, node: PlanOperator, left: OperatorOutput, right: OperatorOutput): OperatorOutput {
  if (node.join_type !== 'INNER' && node.join_type !== 'LEFT')
    return opaqueOperator(walk, node, `${node.type} ${node.join_type}`);
  const [unsortedLeft, unsortedRight] = paddedSides(walk, left, right);
  const keys = (node.conditions ?? []).filter(isPair);
  const a = sortedBy(
    walk,
    unsortedLeft,
    keys.map(key => key.left),
  );
  const b = sortedBy(
    walk,
    unsortedRight,
    keys.map(key => key.right),
  );
  const conditions = conditionsOf(walk, node, a, b);
  const order = orderSeen(walk, right.order, 'ASOF JOIN');
  const rows = walk.terms.make('asof', node.join_type, a.rows.term, b.rows.term, conditions.terms, order);
  const found = node.join_type === 'LEFT' ? padded(walk, b, rows) : b;
  return pairs(walk, {
    left: a,
    right: found,
    rows,
    dependencies: union(conditions.dependencies, right.orderDependencies),
  });
}

/** LOGICAL_POSITIONAL_JOIN pads the shorter side. */
export function positionalJoin(walk: Walk, left: OperatorOutput, right: OperatorOutput): OperatorOutput {
  const [a, b] = paddedSides(walk, left, right);
  const seen: readonly Part[] = [left.order, right.order].map(order => orderSeen(walk, order, 'POSITIONAL JOIN'));
  const rows = walk.terms.make('positional', a.rows.term, b.rows.term, seen);
  const sides = { left: padded(walk, a, rows), right: padded(walk, b, rows) };
  return pairs(walk, { ...sides, rows, dependencies: union(left.orderDependencies, right.orderDependencies) });
}

function pairs(
  walk: Walk,
  join: {
    readonly left: OperatorOutput;
    readonly right: OperatorOutput;
    readonly rows: Term;
    readonly dependencies: Dependencies;
  },
): OperatorOutput {
  const { left, right, rows, dependencies } = join;
  const both = beside(left, right);
  const output = { ...both, rows, bases: new Set([...both.bases, rows]), order: joinOrder(walk, rows, left, right) };
  return freshOutput({ ...output, rowDependencies: union(both.rowDependencies, dependencies) });
}
