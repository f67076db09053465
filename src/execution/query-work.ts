import type { Execute, VerifyThenReuse } from '../core/plan/action.ts';
import type { NodeAnalysis } from '../core/plan/analysis.ts';
import type { NodeId, TransformNode } from '../core/definition/nodes/node.ts';
import type { ResolvedSql } from '../core/definition/sql/resolve-sql.ts';
import type { NodeVersion } from '../core/plan/changes/node-change.ts';
import type { Plan } from '../core/plan/plan.ts';

/** A query to run, unless an artefact turns out to be usable. */
export interface QueryWork {
  readonly action: Execute | VerifyThenReuse;
  readonly node: TransformNode;
  readonly sql: ResolvedSql;
  readonly analysis: NodeAnalysis;
}

/** The queries to run or verify, with their current analysis. */
export function queryWork(plan: Plan, versions: ReadonlyMap<NodeId, NodeVersion>): readonly QueryWork[] {
  return plan.actions.flatMap(action => {
    if (action.kind !== 'execute' && action.kind !== 'verify-then-reuse') return [];
    const resolved = plan.desired.get(action.id)?.resolved;
    const analysis = versions.get(action.id)?.analysis;
    if (!analysis || !resolved || resolved.kind !== 'query') return [];
    return [{ action, node: resolved.node, sql: resolved.sql, analysis }];
  });
}
