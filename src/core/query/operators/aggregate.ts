import { type Column, dependenciesOfAll, termsOf } from '../terms/column.ts';
import { bind, type OperatorOutput, freshOutput } from './operator-output.ts';
import { arrivalOf, orderSeen } from '../expressions/row-order.ts';
import { NO_DEPENDENCIES, union } from '../terms/dependencies.ts';
import { childAt, type PlanOperator } from '../plan-json/plan-tree.ts';
import { asSet, compareTexts, type Part, type Term } from '../terms/term.ts';
import { hasExactEquality } from '../plan-json/plan-types.ts';
import type { Walk } from '../walk.ts';
import { type Grouping, isRowCount, aggregateCall } from '../expressions/aggregate-call.ts';

/** LOGICAL_AGGREGATE_AND_GROUP_BY; `tiny` says that the query fails if a group has more than one row. */
export function aggregate(walk: Walk, node: PlanOperator, tiny = false): OperatorOutput {
  const child = childAt(node, 0);
  const calls = (node.expressions ?? []).flat();
  const whole = child ? walk.operator(child) : null;
  const input = whole && calls.length === 0 ? withoutDuplicates(walk, node, whole) : whole;
  if (!input)
    return freshOutput({ columns: [], rows: walk.terms.make('no input'), order: walk.terms.make('no input') });
  const { plain, groups, rows } = groupsOf(walk, node, input);
  // With several grouping sets, rows of a group agree in only some of the columns.
  const grouping: Grouping = { output: input, groups: plain ? termsOf(groups) : [], rows, tiny, below: child };
  const columns = aggregateColumns(walk, node, { groups, grouping });
  const output = freshOutput({
    columns,
    rows,
    order: walk.terms.make('aggregate order', rows, input.order),
    single: groups.length === 0 && plain,
    keys: plain ? [columns.slice(0, groups.length).map(column => column.term)] : [],
    rowDependencies: union(input.rowDependencies, dependenciesOfAll(groups)),
  });
  return bindParts(node, output, groups.length, calls.length);
}

/** The groups of an aggregation, and the term of its rows; `plain` means at most one grouping set. */
function groupsOf(walk: Walk, node: PlanOperator, input: OperatorOutput) {
  const calls = (node.expressions ?? []).flat();
  const plain = (node.grouping_sets ?? []).length <= 1;
  const given = (node.groups ?? []).map(group => walk.expression(group, input));
  const groups = plain ? given : toldApart(walk, given);
  const sets = (node.grouping_sets ?? []).map(set => set.flatMap(index => groups[index]?.term ?? []));
  const countsOnly = groups.length === 0 && calls.length > 0 && calls.every(isRowCount);
  const base = countsOnly && input.count !== undefined ? input.count : input.rows.term;
  const rows = groupedRows(walk, { base, order: input.order, groups, sets, below: childAt(node, 0) });
  return { plain, groups, rows };
}

function aggregateColumns(
  walk: Walk,
  node: PlanOperator,
  { groups, grouping }: { readonly groups: readonly Column[]; readonly grouping: Grouping },
): readonly Column[] {
  const { rows } = grouping;
  const grouped = (indexes: readonly number[]) => indexes.flatMap(index => groups[index] ?? []);
  return [
    ...groups.map(group => ({ ...group, term: groupTerm(walk, rows, group.term) })),
    ...(node.expressions ?? []).flat().map(call => aggregateCall(walk, call, grouping)),
    ...(node.grouping_functions ?? []).map(indexes => groupingFunction(walk, rows, grouped(indexes))),
  ];
}

/** Without aggregates, duplicates make no difference unless a group is volatile. */
function withoutDuplicates(walk: Walk, node: PlanOperator, whole: OperatorOutput): OperatorOutput {
  const volatile = (node.groups ?? []).some(group => walk.terms.isVolatile(walk.expression(group, whole).term));
  return volatile ? whole : (whole.support ?? whole);
}

/** Equal columns get terms of their own, because each may be NULL in another grouping set. */
function toldApart(walk: Walk, groups: readonly Column[]): readonly Column[] {
  return groups.map((group, index) => {
    const twins = groups.slice(0, index).filter(other => other.term === group.term).length;
    return twins === 0 ? group : { ...group, term: walk.terms.make('twin', twins, group.term) };
  });
}

const groupTerm = (walk: Walk, rows: Term, group: Term): Term => walk.terms.make('group', rows, group);

function bindParts(node: PlanOperator, output: OperatorOutput, groups: number, calls: number): OperatorOutput {
  return bind(bind(bind(output, node.group_index), node.aggregate_index, groups), node.groupings_index, groups + calls);
}

interface GroupedRows {
  readonly base: Term;
  readonly order: Term;
  readonly groups: readonly Column[];
  readonly sets: readonly (readonly Term[])[];
  /** The part of the plan that produces the rows. */
  readonly below: PlanOperator | undefined;
}

/** The rows of GROUP BY and DISTINCT. Row order may decide which of several equal values represents a group. */
export function groupedRows(walk: Walk, { base, order, groups, sets, below }: GroupedRows): Term {
  const keys = asSet(termsOf(groups));
  const [only] = sets;
  const plain = sets.length === 0 || (sets.length === 1 && only !== undefined && new Set(only).size === keys.length);
  const exact = groups.every(group => hasExactEquality(group.type));
  const inexact = exact ? null : [orderSeen(walk, order, 'GROUP BY'), arrivalOf(below)];
  return walk.terms.make('groups', base, keys, plain ? null : bagOfSets(sets), inexact);
}

const bagOfSets = (sets: readonly (readonly Term[])[]): readonly Part[] =>
  sets.map(asSet).sort((a, b) => compareTexts(a.join(), b.join()));

/** DISTINCT of all columns. */
export function distinctRows(walk: Walk, whole: OperatorOutput, below: PlanOperator | undefined): OperatorOutput {
  const input = whole.support ?? whole;
  const { order, columns: groups } = input;
  const rows = groupedRows(walk, { base: input.rows.term, order, groups, sets: [], below });
  const columns = input.columns.map(column => ({ ...column, term: groupTerm(walk, rows, column.term) }));
  return freshOutput({
    columns,
    bindings: input.bindings,
    rows,
    order: walk.terms.make('aggregate order', rows, input.order),
    keys: [columns.map(column => column.term)],
    rowDependencies: union(input.rowDependencies, dependenciesOfAll(input.columns)),
    support: input,
  });
}

function groupingFunction(walk: Walk, rows: Term, groups: readonly Column[]): Column {
  const term = walk.terms.make('grouping', rows, termsOf(groups));
  return {
    term,
    type: { id: 'BIGINT', type_info: null },
    value: NO_DEPENDENCIES,
    condition: dependenciesOfAll(groups),
  };
}
