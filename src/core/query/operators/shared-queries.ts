import { orderSeen } from '../expressions/row-order.ts';
import { callNumber } from '../expressions/function-call.ts';
import { bind, type OperatorOutput, freshOutput, mapTerms } from './operator-output.ts';
import { part } from './row-set.ts';
import { type Column, dependenciesOfAll } from '../terms/column.ts';
import { union } from '../terms/dependencies.ts';
import { opaqueOperator } from '../opaque.ts';
import { childAt, type PlanOperator } from '../plan-json/plan-tree.ts';
import type { Part } from '../terms/term.ts';
import { plainText, type SharedQuery, type Walk } from '../walk.ts';

/** LOGICAL_MATERIALIZED_CTE: a named query, and the query that may read it. */
export function sharedQuery(walk: Walk, node: PlanOperator): OperatorOutput {
  const [definition, body] = [childAt(node, 0), childAt(node, 1)];
  if (!definition || !body) return opaqueOperator(walk, node, node.type);
  const output = walk.operator(definition);
  walk.shared.set(String(node.table_index), { output, evaluation: evaluation(node, body) });
  return walk.operator(body);
}

/** How often a volatile query is evaluated: it depends on materialisation and on the number of references. */
function evaluation(node: PlanOperator, body: PlanOperator): Part {
  const kept = node.materialize === 'CTE_MATERIALIZE_ALWAYS';
  return kept ? 'once' : [node.materialize ?? null, countReferences(body, String(node.table_index))];
}

function countReferences(node: PlanOperator, table: string): number {
  const own = node.type === 'LOGICAL_CTE_REF' && String(node.cte_index) === table ? 1 : 0;
  return (node.children ?? []).reduce((sum, child) => sum + countReferences(child, table), own);
}

/** LOGICAL_CTE_REF. Two references share their rows, so that a join of them is a self-join. */
export function sharedReference(walk: Walk, node: PlanOperator): OperatorOutput {
  const shared = walk.shared.get(String(node.cte_index));
  if (!shared) return opaqueOperator(walk, node, node.type);
  const read = node.is_recurring === true ? accumulated(walk, shared.output) : drawn(walk, shared, node);
  const columns = read.columns.slice(0, node.chunk_types?.length ?? read.columns.length);
  return bind({ ...read, columns, bindings: [] }, node.table_index);
}

/** Each use of a volatile query has rows of its own unless the query is evaluated once. */
function drawn(walk: Walk, { output, evaluation: how }: SharedQuery, node: PlanOperator): OperatorOutput {
  const { terms } = walk;
  const volatile = [output.rows.term, ...output.columns.map(column => column.term)].some(term =>
    terms.isVolatile(term),
  );
  if (!volatile) return output;
  const use = how === 'once' ? null : callNumber(walk, node);
  const own = mapTerms(output, term => terms.make('drawn', how, use, term));
  return { ...own, rows: part(terms.make('drawn', how, use, output.rows.term)) };
}

/** All rows that a recursion has found so far, not only those of its last step. */
function accumulated(walk: Walk, shared: OperatorOutput): OperatorOutput {
  const rows = walk.terms.make('recurring', shared.rows.term);
  const { columns } = mapTerms(shared, term => walk.terms.make('recurring', term));
  return freshOutput({
    columns,
    rows,
    order: walk.terms.make('recurring order', rows, shared.order),
    rowDependencies: shared.rowDependencies,
  });
}

const MOST_STEPS = 50;

/** LOGICAL_RECURSIVE_CTE: its term consists of the start and one symbolic step; dependencies are collected until they stop growing. */
export function recursiveQuery(walk: Walk, node: PlanOperator): OperatorOutput {
  const [startNode, stepNode, body] = [childAt(node, 0), childAt(node, 1), childAt(node, 2)];
  if (!startNode || !stepNode) return opaqueOperator(walk, node, node.type);
  const start = walk.operator(startNode);
  const table = String(node.table_index);
  const depth = ++walk.recursion;
  let current = symbolicStep(walk, start, depth);
  let step = current;
  for (let round = 0, size = -1; round < MOST_STEPS && size !== sizeOf(current); round++) {
    size = sizeOf(current);
    walk.shared.set(table, { output: current, evaluation: 'once' });
    step = walk.operator(stepNode);
    current = withDependenciesOf(current, step);
  }
  walk.recursion--;
  const result = recursion(walk, node, { start, step, current });
  walk.shared.set(table, { output: result, evaluation: 'once' });
  return body ? walk.operator(body) : bind(result, node.table_index);
}

function symbolicStep(walk: Walk, start: OperatorOutput, depth: number): OperatorOutput {
  const rows = walk.terms.make(
    'recursion',
    depth,
    start.rows.term,
    start.columns.map(column => column.term),
  );
  const columns = start.columns.map((column, index) => ({
    ...column,
    term: walk.terms.make('recursion column', rows, index),
  }));
  const { rowDependencies, orderDependencies } = start;
  return freshOutput({
    columns,
    rows,
    order: walk.terms.make('recursion order', rows, start.order),
    rowDependencies,
    orderDependencies,
  });
}

const sizeOf = (output: OperatorOutput): number =>
  output.columns.reduce((sum, column) => sum + column.value.size + column.condition.size, output.rowDependencies.size);

function withDependenciesOf(output: OperatorOutput, step: OperatorOutput): OperatorOutput {
  const columns = output.columns.map((column, index) => {
    const added = step.columns[index];
    if (!added) return column;
    return { ...column, value: union(column.value, added.value), condition: union(column.condition, added.condition) };
  });
  return { ...output, columns, rowDependencies: union(output.rowDependencies, step.rowDependencies) };
}

interface Recursion {
  readonly start: OperatorOutput;
  readonly step: OperatorOutput;
  readonly current: OperatorOutput;
}

function recursion(walk: Walk, node: PlanOperator, { start, step, current }: Recursion): OperatorOutput {
  const { key_targets: targets = [], payload_aggregates: payloads = [], union_all: all } = node;
  const whole = (output: OperatorOutput) => [
    output.rows.term,
    output.columns.map(column => column.term),
    output.unknown?.term,
  ];
  const keyed = targets.length > 0 || payloads.length > 0;
  const seen = keyed ? [start, step].map(output => orderSeen(walk, output.order, 'USING KEY')) : null;
  const keys = keyed ? plainText([targets, payloads]) : null;
  const rows = walk.terms.make('recursive', whole(start), whole(step), all, keys, seen);
  const columns = current.columns.map((column, index): Column => {
    return { ...column, term: walk.terms.make('recursive column', rows, index) };
  });
  const compared = all === true && !keyed ? [] : columns;
  return freshOutput({
    columns,
    rows,
    order: walk.terms.make('recursive order', rows, start.order, step.order),
    rowDependencies: union(current.rowDependencies, dependenciesOfAll(compared)),
  });
}
