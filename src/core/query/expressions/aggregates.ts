import { type Column, bind, type Frame, freshFrame, isTotal, namesOf, namesOfAll } from '../operators/frame.ts';
import { functionParts, orderKeys, termsOf } from './expression.ts';
import { truthValue, wholeNumber } from '../terms/constants.ts';
import { functionName } from '../terms/function-names.ts';
import { NO_NAMES, union } from '../plan-json/names.ts';
import { strangeExpression } from '../plan-json/plan-fields.ts';
import { opaqueExpression } from './expression.ts';
import { childAt, type PlanExpression, type PlanOperator } from '../plan-json/plan-tree.ts';
import { asSet, compareTexts, type Part, type Term } from '../terms/terms.ts';
import { seesOrder } from '../terms/sees-order.ts';
import { hasExactEquality, hasSignedZero, typeOf, typeText } from '../plan-json/types.ts';
import { plainText, type Walk } from '../walk.ts';

interface Grouping {
  readonly frame: Frame;
  readonly groups: readonly Term[];
  /** Of the groups: their rows. */
  readonly rows: Term;
  /** Whether it is proven that no group has more than one row. */
  readonly tiny: boolean;
  /** The part of the plan that gives the rows. */
  readonly below: PlanOperator | undefined;
}

/** LOGICAL_AGGREGATE_AND_GROUP_BY; `tiny` where the query fails if a group has more than one row. */
export function aggregate(walk: Walk, node: PlanOperator, tiny = false): Frame {
  const child = childAt(node, 0);
  const calls = (node.expressions ?? []).flat();
  const whole = child ? walk.operator(child) : null;
  const input = whole && calls.length === 0 ? withoutDuplicates(walk, node, whole) : whole;
  if (!input) return freshFrame({ columns: [], rows: walk.terms.make('no input'), order: walk.terms.make('no input') });
  const plain = (node.grouping_sets ?? []).length <= 1;
  const given = (node.groups ?? []).map(group => walk.expression(group, input));
  const groups = plain ? given : toldApart(walk, given);
  const sets = (node.grouping_sets ?? []).map(set => set.flatMap(index => groups[index]?.term ?? []));
  const countsOnly = groups.length === 0 && calls.length > 0 && calls.every(isRowCount);
  const base = countsOnly && input.count !== undefined ? input.count : input.rows.term;
  const rows = groupedRows(walk, { base, order: input.order, groups, sets, below: child });
  // With several sets a group is made of all rows that agree in fewer columns.
  const grouping: Grouping = { frame: input, groups: plain ? termsOf(groups) : [], rows, tiny, below: child };
  const columns = [
    ...groups.map(group => ({ ...group, term: groupTerm(walk, rows, group.term) })),
    ...calls.map(call => aggregateCall(walk, call, grouping)),
    ...(node.grouping_functions ?? []).map(indexes =>
      groupingFunction(
        walk,
        rows,
        indexes.flatMap(index => groups[index] ?? []),
      ),
    ),
  ];
  const frame = freshFrame({
    columns,
    rows,
    order: walk.terms.make('aggregate order', rows, input.order),
    single: groups.length === 0 && plain,
    keys: plain ? [columns.slice(0, groups.length).map(column => column.term)] : [],
    rowNames: union(input.rowNames, namesOfAll(groups)),
  });
  return bindParts(node, frame, groups.length, calls.length);
}

/** Without aggregates nobody sees duplicates, but for a volatile group. */
function withoutDuplicates(walk: Walk, node: PlanOperator, whole: Frame): Frame {
  const volatile = (node.groups ?? []).some(group => walk.terms.isVolatile(walk.expression(group, whole).term));
  return volatile ? whole : (whole.support ?? whole);
}

/** Of columns that are the same function, each may be NULL under another of several grouping sets. */
function toldApart(walk: Walk, groups: readonly Column[]): readonly Column[] {
  return groups.map((group, index) => {
    const twins = groups.slice(0, index).filter(other => other.term === group.term).length;
    return twins === 0 ? group : { ...group, term: walk.terms.make('twin', twins, group.term) };
  });
}

const groupTerm = (walk: Walk, rows: Term, group: Term): Term => walk.terms.make('group', rows, group);

function bindParts(node: PlanOperator, frame: Frame, groups: number, calls: number): Frame {
  return bind(bind(bind(frame, node.group_index), node.aggregate_index, groups), node.groupings_index, groups + calls);
}

interface GroupedRows {
  readonly base: Term;
  readonly order: Term;
  readonly groups: readonly Column[];
  readonly sets: readonly (readonly Term[])[];
  /** The part of the plan that gives the rows. */
  readonly below: PlanOperator | undefined;
}

/** The rows of GROUP BY, and of DISTINCT, which is the same. Which of several equal values stands for a group may depend on order. */
export function groupedRows(walk: Walk, { base, order, groups, sets, below }: GroupedRows): Term {
  const keys = asSet(termsOf(groups));
  const [only] = sets;
  const plain = sets.length === 0 || (sets.length === 1 && only !== undefined && new Set(only).size === keys.length);
  const exact = groups.every(group => hasExactEquality(group.type));
  const inexact = exact ? null : [orderSeen(walk, order, 'GROUP BY'), arrivalOf(below)];
  return walk.terms.make('groups', base, keys, plain ? null : bagOfSets(sets), inexact);
}

/** Which of several equal values comes first, where DuckDB runs parts of a plan in an order of its own. */
export const arrivalOf = (plan: unknown): string => plainText(plan);

const bagOfSets = (sets: readonly (readonly Term[])[]): readonly Part[] =>
  sets.map(asSet).sort((a, b) => compareTexts(a.join(), b.join()));

/** Marks that row order is seen, and by what. */
export function orderSeen(walk: Walk, order: Term, by: string): Term {
  return walk.terms.remark(walk.terms.make('seen order', order), 'order', `reads row order (${by})`);
}

/** DISTINCT of all columns. */
export function distinctRows(walk: Walk, whole: Frame, below: PlanOperator | undefined): Frame {
  const input = whole.support ?? whole;
  const { order, columns: groups } = input;
  const rows = groupedRows(walk, { base: input.rows.term, order, groups, sets: [], below });
  const columns = input.columns.map(column => ({ ...column, term: groupTerm(walk, rows, column.term) }));
  return freshFrame({
    columns,
    bindings: input.bindings,
    rows,
    order: walk.terms.make('aggregate order', rows, input.order),
    keys: [columns.map(column => column.term)],
    rowNames: union(input.rowNames, namesOfAll(input.columns)),
    support: input,
  });
}

/** `count(*)` and `count(1)`. */
function isRowCount(call: PlanExpression): boolean {
  const { name, children = [], aggregate_type: kind } = call;
  if ((name !== 'count' && name !== 'count_star') || kind === 'DISTINCT' || isFiltered(call) || strangeExpression(call))
    return false;
  return children.length <= 1 && children.every(isCertainLiteral);
}

/** A literal that is not NULL and cannot fail. */
const isCertainLiteral = (value: PlanExpression): boolean =>
  value.expression_class === 'BOUND_CONSTANT'
    ? value.value?.is_null === false
    : wholeNumber(value) !== null || truthValue(value) !== null;

const isFiltered = ({ filter }: PlanExpression): boolean => Boolean(filter) && (!filter || truthValue(filter) !== true);

function aggregateCall(walk: Walk, call: PlanExpression, grouping: Grouping): Column {
  const { terms } = walk;
  const { frame, rows } = grouping;
  const strange = call.expression_class === 'BOUND_AGGREGATE' ? strangeExpression(call) : call.expression_class;
  if (strange) {
    const opaque = opaqueExpression(walk, call, frame, strange);
    return { ...opaque, term: terms.make('aggregate', rows, opaque.term, orderSeen(walk, frame.order, strange)) };
  }
  const type = typeOf(call);
  if (isRowCount(call))
    return { term: terms.make('aggregate', rows, 'count'), type, value: NO_NAMES, condition: NO_NAMES };
  const children = (call.children ?? []).map(child => walk.expression(child, frame));
  const filter = isFiltered(call) && call.filter ? walk.expression(call.filter, frame) : null;
  const keys = orderKeys(walk, call.order_bys?.orders ?? [], frame);
  const order = callSeesOrder(call, grouping, children, keys.columns)
    ? orderSeen(walk, frame.order, call.name ?? '')
    : null;
  const parts = [
    functionName(call.name ?? ''),
    typeText(type),
    call.aggregate_type,
    functionParts(walk, call),
    termsOf(children),
    filter?.term,
  ];
  const signed = order !== null && children.some(child => hasSignedZero(child.type));
  const arrival = signed ? arrivalOf(grouping.below) : null;
  const term = terms.make('aggregate', rows, parts, keys.parts, order, arrival);
  const seen = order === null ? NO_NAMES : frame.orderNames;
  return {
    term,
    type,
    value: union(...children.map(child => child.value)),
    condition: union(...children.map(child => child.condition), filter ? namesOf(filter) : NO_NAMES, keys.names, seen),
  };
}

function callSeesOrder(
  call: PlanExpression,
  grouping: Grouping,
  children: readonly Column[],
  keys: readonly Column[],
): boolean {
  if (grouping.tiny || !seesOrder(call.name ?? '', call.children ?? [])) return false;
  const sorted = new Set(termsOf(keys));
  // Rows that tie hold the same arguments, where all of these are sorted by.
  if (sorted.size > 0 && children.every(child => sorted.has(child.term) && hasExactEquality(child.type))) return false;
  return !isTotal(grouping.frame, new Set([...grouping.groups, ...sorted]));
}

function groupingFunction(walk: Walk, rows: Term, groups: readonly Column[]): Column {
  const term = walk.terms.make('grouping', rows, termsOf(groups));
  return { term, type: { id: 'BIGINT', type_info: null }, value: NO_NAMES, condition: namesOfAll(groups) };
}
