import { arrivalOf, orderSeen } from '../expressions/aggregates.ts';
import { bind, type Column, type Frame, freshFrame, namesOfAll } from './frame.ts';
import { NO_NAMES, union } from '../plan-json/names.ts';
import type { PlanOperator } from '../plan-json/plan-tree.ts';
import { compareTexts, type Term } from '../terms/terms.ts';
import { hasExactEquality } from '../plan-json/types.ts';
import type { Walk } from '../walk.ts';

interface Arm {
  readonly frame: Frame;
  /** Names rows and columns together. */
  readonly term: Term;
}

function armsOf(walk: Walk, frames: readonly Frame[]): readonly Arm[] {
  return frames.map(frame => {
    const columns = frame.columns.map(column => column.term);
    return { frame, term: walk.terms.make('arm', frame.rows.term, columns, frame.unknown?.term) };
  });
}

/**
 * LOGICAL_UNION: the rows of all arms, in any order of arms. DISTINCT stands above it as an operator of its own;
 * `distinctAbove` says that it does.
 */
export function unionOf(walk: Walk, node: PlanOperator, distinctAbove = false): Frame {
  const frames = (node.children ?? []).map(child => walk.operator(child));
  const frame = unionFrame(walk, frames, node.setop_all === true || distinctAbove);
  const simpler = frames.some(each => each.support)
    ? unionFrame(
        walk,
        frames.map(each => each.support ?? each),
        true,
      )
    : null;
  const bound = bind(frame, node.table_index);
  return simpler ? { ...bound, support: bind(simpler, node.table_index) } : bound;
}

function unionFrame(walk: Walk, frames: readonly Frame[], all: boolean): Frame {
  const given = armsOf(walk, frames);
  const arms = [...given].sort(
    (a, b) => compareTexts(a.frame.rows.term, b.frame.rows.term) || compareTexts(a.term, b.term),
  );
  const rows = walk.terms.make(
    'union',
    all,
    arms.map(arm => arm.frame.rows.term),
  );
  const columns = (frames[0]?.columns ?? []).map((first, index): Column => {
    const cells = arms.map(arm => arm.frame.columns[index]);
    return {
      term: walk.terms.make(
        'union column',
        rows,
        cells.map((cell, at) => cell?.term ?? arms[at]?.term),
      ),
      type: first.type,
      value: union(...cells.map(cell => cell?.value ?? NO_NAMES)),
      condition: union(...cells.map(cell => cell?.condition ?? NO_NAMES)),
    };
  });
  return freshFrame({
    columns,
    rows,
    order: walk.terms.make(
      'union order',
      rows,
      given.map(arm => [arm.term, arm.frame.order]),
    ),
    rowNames: union(...frames.map(frame => frame.rowNames)),
    orderNames: union(...frames.map(frame => frame.orderNames)),
    ...unknownOf(frames),
  });
}

function unknownOf(frames: readonly Frame[]): Pick<Frame, 'unknown'> {
  const unknown = frames.find(frame => frame.unknown)?.unknown;
  return unknown ? { unknown } : {};
}

/** LOGICAL_EXCEPT and LOGICAL_INTERSECT: whole rows are compared, so that every column decides about every row. */
export function exceptOrIntersect(walk: Walk, node: PlanOperator): Frame {
  const frames = (node.children ?? []).map(child => walk.operator(child));
  const arms = armsOf(walk, frames).map(arm => arm.term);
  const all = node.setop_all === true;
  const inexact = frames.some(frame => frame.unknown || frame.columns.some(column => !hasExactEquality(column.type)));
  const orders = () => frames.map(frame => orderSeen(walk, frame.order, node.type.replace('LOGICAL_', '')));
  const seen = inexact ? [orders(), arrivalOf(node.children)] : null;
  const operands = node.type === 'LOGICAL_INTERSECT' && !inexact ? [...arms].sort() : arms;
  const rows = walk.terms.make(node.type, all, operands, seen);
  const columns = (frames[0]?.columns ?? []).map((first, index): Column => {
    const others = namesOfAll(frames.slice(1).flatMap(frame => frame.columns[index] ?? []));
    const term = walk.terms.make('set column', rows, index);
    return { term, type: first.type, value: first.value, condition: union(first.condition, others) };
  });
  const frame = freshFrame({
    columns,
    rows,
    order: walk.terms.make(
      'set order',
      rows,
      frames.map(each => each.order),
    ),
    keys: all ? [] : [columns.map(column => column.term)],
    rowNames: union(...frames.map(each => union(each.rowNames, namesOfAll(each.columns)))),
    ...unknownOf(frames),
  });
  return bind(frame, node.table_index);
}
