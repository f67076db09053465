import type { TermGraph } from '../terms/term-graph.ts';
import { arrivalOf, orderSeen } from '../expressions/row-order.ts';
import { bind, type OperatorOutput, freshOutput } from './operator-output.ts';
import { type Column, dependenciesOfAll } from '../terms/column.ts';
import { NO_DEPENDENCIES, union } from '../terms/dependencies.ts';
import type { PlanOperator } from '../plan-json/plan-tree.ts';
import { compareTexts, type Term } from '../terms/term.ts';
import { hasExactEquality } from '../plan-json/plan-types.ts';
import type { Walk } from '../walk.ts';

interface Arm {
  readonly output: OperatorOutput;
  /** The term of rows and columns together. */
  readonly term: Term;
}

function armsOf(walk: Walk, outputs: readonly OperatorOutput[]): readonly Arm[] {
  return outputs.map(output => {
    const columns = output.columns.map(column => column.term);
    return { output, term: walk.terms.make('arm', output.rows.term, columns, output.unknown?.term) };
  });
}

/**
 * LOGICAL_UNION: the rows of all arms; the order of the arms does not matter. `distinctAbove` says that a DISTINCT
 * operator reads the result.
 */
export function unionOf(walk: Walk, node: PlanOperator, distinctAbove = false): OperatorOutput {
  const outputs = (node.children ?? []).map(child => walk.operator(child));
  const output = unionOutput(walk, outputs, node.setop_all === true || distinctAbove);
  const simpler = outputs.some(each => each.support)
    ? unionOutput(
        walk,
        outputs.map(each => each.support ?? each),
        true,
      )
    : null;
  const bound = bind(output, node.table_index);
  return simpler ? { ...bound, support: bind(simpler, node.table_index) } : bound;
}

function unionOutput(walk: Walk, inputs: readonly OperatorOutput[], all: boolean): OperatorOutput {
  const given = armsOf(walk, inputs);
  const arms = given.toSorted(
    (a, b) => compareTexts(a.output.rows.term, b.output.rows.term) || compareTexts(a.term, b.term),
  );
  const { terms } = walk;
  const rowsOfArms = arms.map(arm => arm.output.rows.term);
  const rows = terms.make('union', all, rowsOfArms);
  const orders = given.map(arm => [arm.term, arm.output.order]);
  return freshOutput({
    columns: (inputs[0]?.columns ?? []).map((first, index) => unionColumn(terms, first, { arms, rows, index })),
    rows,
    order: terms.make('union order', rows, orders),
    rowDependencies: union(...inputs.map(input => input.rowDependencies)),
    orderDependencies: union(...inputs.map(input => input.orderDependencies)),
    ...unknownOf(inputs),
  });
}

function unionColumn(
  terms: TermGraph,
  { type }: Column,
  { arms, rows, index }: { readonly arms: readonly Arm[]; readonly rows: Term; readonly index: number },
): Column {
  const cells = arms.map(arm => arm.output.columns[index]);
  const ofArms = cells.map((cell, at) => cell?.term ?? arms[at]?.term);
  return {
    term: terms.make('union column', rows, ofArms),
    type,
    value: union(...cells.map(cell => cell?.value ?? NO_DEPENDENCIES)),
    condition: union(...cells.map(cell => cell?.condition ?? NO_DEPENDENCIES)),
  };
}

function unknownOf(outputs: readonly OperatorOutput[]): Pick<OperatorOutput, 'unknown'> {
  const unknown = outputs.find(output => output.unknown)?.unknown;
  return unknown ? { unknown } : {};
}

/** LOGICAL_EXCEPT and LOGICAL_INTERSECT compare whole rows, so that every row depends on every column. */
export function exceptOrIntersect(walk: Walk, node: PlanOperator): OperatorOutput {
  const outputs = (node.children ?? []).map(child => walk.operator(child));
  const all = node.setop_all === true;
  const rows = comparedRows(walk, node, outputs);
  const columns = (outputs[0]?.columns ?? []).map((first, index): Column => {
    const others = dependenciesOfAll(outputs.slice(1).flatMap(output => output.columns[index] ?? []));
    const term = walk.terms.make('set column', rows, index);
    return { term, type: first.type, value: first.value, condition: union(first.condition, others) };
  });
  const orders = outputs.map(each => each.order);
  const output = freshOutput({
    columns,
    rows,
    order: walk.terms.make('set order', rows, orders),
    keys: all ? [] : [columns.map(column => column.term)],
    rowDependencies: union(...outputs.map(each => union(each.rowDependencies, dependenciesOfAll(each.columns)))),
    ...unknownOf(outputs),
  });
  return bind(output, node.table_index);
}

function comparedRows(walk: Walk, node: PlanOperator, outputs: readonly OperatorOutput[]): Term {
  const arms = armsOf(walk, outputs).map(arm => arm.term);
  const inexact = outputs.some(
    output => output.unknown || output.columns.some(column => !hasExactEquality(column.type)),
  );
  const orders = () => outputs.map(output => orderSeen(walk, output.order, node.type.replace('LOGICAL_', '')));
  const seen = inexact ? [orders(), arrivalOf(node.children)] : null;
  const operands = node.type === 'LOGICAL_INTERSECT' && !inexact ? arms.toSorted() : arms;
  return walk.terms.make(node.type, node.setop_all === true, operands, seen);
}
