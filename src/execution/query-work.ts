import type { NodeId, TransformNode } from '../core/definition/nodes/node.ts';
import type { ResolvedSql } from '../core/definition/sql/resolve-sql.ts';
import type { Execute, PlanAction, Reuse, VerifyThenReuse } from '../core/plan/action.ts';
import type { NodeAnalysis } from '../core/plan/analysis.ts';
import type { NodeVersion } from '../core/plan/changes/node-change.ts';
import type { Plan } from '../core/plan/plan.ts';

/** A query to run, verify or reuse once its inputs have results. */
export interface QueryWork {
  readonly action: Execute | VerifyThenReuse | Reuse;
  readonly node: TransformNode;
  readonly sql: ResolvedSql;
  readonly analysis: NodeAnalysis;
}

/** The queries to run, verify or reuse, with their current analysis; pinned ones need no input. */
export function queryWork(plan: Plan, versions: ReadonlyMap<NodeId, NodeVersion>): readonly QueryWork[] {
  return plan.actions.flatMap(action => {
    if (!isOpen(action)) return [];
    const resolved = plan.desired.get(action.id)?.resolved;
    const analysis = versions.get(action.id)?.analysis;
    if (!analysis || resolved?.kind !== 'query') return [];
    return [{ action, node: resolved.node, sql: resolved.sql, analysis }];
  });
}

const isOpen = (action: PlanAction): action is QueryWork['action'] =>
  action.kind === 'execute' || action.kind === 'verify-then-reuse' || (action.kind === 'reuse' && !action.pinned);
