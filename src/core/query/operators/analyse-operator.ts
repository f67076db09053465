import { aggregate } from './aggregate.ts';
import type { OperatorOutput } from './operator-output.ts';
import { crossProduct, join, outerValues } from './joins/join.ts';
import { opaqueOperator } from '../opaque.ts';
import { positionalJoin } from './joins/padding-joins.ts';
import { unsupportedInOperator } from '../plan-json/unsupported.ts';
import type { PlanOperator } from '../plan-json/plan-tree.ts';
import { dummyScan, emptyResult, scan, values } from './scans.ts';
import { limit, sample } from './limits.ts';
import { exceptOrIntersect, unionOf } from './set-operations.ts';
import { recursiveQuery, sharedQuery, sharedReference } from './shared-queries.ts';
import type { Walk } from '../walk.ts';
import { window } from './window.ts';
import { inputOf, projection, filter, dropsOnlyLast, unnest } from './row-operators.ts';
import { orderBy, distinct } from './sorting.ts';

/** The output of an operator of a plan; an operator without a rule is opaque. */
export function analyseOperator(walk: Walk, node: PlanOperator): OperatorOutput {
  const unsupported = unsupportedInOperator(node);
  if (unsupported) return opaqueOperator(walk, node, unsupported);
  return (
    scanOperator(walk, node) ??
    rowOperator(walk, node) ??
    joinOperator(walk, node) ??
    opaqueOperator(walk, node, node.type)
  );
}

function scanOperator(walk: Walk, node: PlanOperator): OperatorOutput | null {
  switch (node.type) {
    case 'LOGICAL_GET':
      return scan(walk, node);
    case 'LOGICAL_EXPRESSION_GET':
      return values(walk, node);
    case 'LOGICAL_DUMMY_SCAN':
      return dummyScan(walk, node);
    case 'LOGICAL_EMPTY_RESULT':
      return emptyResult(walk, node);
    case 'LOGICAL_DELIM_GET':
      return outerValues(walk, node);
    case 'LOGICAL_CTE_REF':
      return sharedReference(walk, node);
    default:
      return null;
  }
}

function rowOperator(walk: Walk, node: PlanOperator): OperatorOutput | null {
  const input = () => inputOf(walk, node);
  switch (node.type) {
    case 'LOGICAL_PROJECTION':
      return projection(walk, node);
    case 'LOGICAL_FILTER':
      if (!dropsOnlyLast(node)) return opaqueOperator(walk, node, 'LOGICAL_FILTER.projection_map');
      return filter(walk, node, input());
    case 'LOGICAL_WINDOW':
      return window(walk, node, input());
    case 'LOGICAL_UNNEST':
      return unnest(walk, node, input());
    case 'LOGICAL_AGGREGATE_AND_GROUP_BY':
      return aggregate(walk, node);
    case 'LOGICAL_ORDER_BY':
      return orderBy(walk, node, input());
    case 'LOGICAL_LIMIT':
      return limit(walk, node, input());
    case 'LOGICAL_SAMPLE':
      return sample(walk, node, input());
    case 'LOGICAL_DISTINCT':
      return distinct(walk, node);
    default:
      return null;
  }
}

function joinOperator(walk: Walk, node: PlanOperator): OperatorOutput | null {
  switch (node.type) {
    case 'LOGICAL_COMPARISON_JOIN':
    case 'LOGICAL_DELIM_JOIN':
    case 'LOGICAL_ANY_JOIN':
    case 'LOGICAL_ASOF_JOIN':
      return join(walk, node);
    case 'LOGICAL_CROSS_PRODUCT':
      return crossProduct(walk, inputOf(walk, node), inputOf(walk, node, 1));
    case 'LOGICAL_POSITIONAL_JOIN':
      return positionalJoin(walk, inputOf(walk, node), inputOf(walk, node, 1));
    case 'LOGICAL_UNION':
      return unionOf(walk, node);
    case 'LOGICAL_EXCEPT':
    case 'LOGICAL_INTERSECT':
      return exceptOrIntersect(walk, node);
    case 'LOGICAL_MATERIALIZED_CTE':
      return sharedQuery(walk, node);
    case 'LOGICAL_RECURSIVE_CTE':
      return recursiveQuery(walk, node);
    default:
      return null;
  }
}
