import type { PlanTarget } from '../core/documents/plan-document.ts';
import type { RunDocument, RunNode, RunTarget } from '../core/documents/run-document.ts';
import { type Diagnostic, diagnostic } from '../diagnostics/diagnostic.ts';
import { failedNode } from '../analysis/duckdb-errors/failed-node.ts';
import { isSettled, type NodeResult } from './node-result.ts';
import type { PlanAction } from '../core/plan/action.ts';
import type { Plan } from '../core/plan/plan.ts';
import type { Performed } from './perform-plan.ts';

export interface RunOutcome {
  readonly environment: string | null;
  /** The new generation of the environment; null if it did not move. */
  readonly serial: number | null;
  readonly performed: Performed;
  readonly plan: Plan;
  /** Nodes for which the environment now points to something else; omitted if it did not move. */
  readonly moved?: ReadonlySet<string>;
  /** There was nothing to do. */
  readonly nothing?: boolean;
}

/** The result of a run or an apply as a document. */
export function buildRunDocument(outcome: RunOutcome): RunDocument {
  const { performed, plan } = outcome;
  const removed = plan.actions.filter(({ kind }) => kind === 'remove');
  return {
    format: 'seeknal.run',
    version: 1,
    environment: outcome.environment,
    serial: outcome.serial,
    status: performed.failed ? 'failed' : outcome.nothing === true ? 'nothing_to_do' : 'done',
    nodes: [
      ...performed.results.map(resultNode),
      ...removed.map(({ id, line }) => entry(id, performed.failed ? 'skipped' : 'removed', line.reason)),
    ].map(node => ({ ...node, changed: outcome.moved?.has(node.id) === true })),
    diagnostics: [
      ...plan.diagnostics,
      ...performed.results.flatMap(warningsOf),
      ...performed.results.flatMap(result => failureOf(result, outcome)),
    ],
  };
}

/** Diagnostics for what a reading warned about. */
const warningsOf = (result: NodeResult): readonly Diagnostic[] =>
  (isSettled(result) ? (result.warnings ?? []) : []).map(text =>
    diagnostic({ code: 'source-warning', severity: 'warning', message: text, node: result.id }),
  );

/** Diagnostic for a failed node, with its position and a hint. */
function failureOf(result: NodeResult, { plan }: RunOutcome): readonly Diagnostic[] {
  const resolved = plan.desired.get(result.id)?.resolved;
  // The plan's diagnostics already list all unreadable sources.
  if (isSettled(result) || !result.failed || !resolved || plan.unreadable.has(result.id)) return [];
  const { node } = resolved;
  const hint = result.failed.hint ?? `Run 'seeknal dry-run ${node.file}' to see its rows.`;
  return [failedNode(resolved, { ...result.failed, hint })];
}

/** The status that each action leads to. */
const STATUS: Readonly<Record<PlanAction['kind'], RunNode['status']>> = {
  'read-source': 'executed',
  execute: 'executed',
  'verify-then-reuse': 'reused',
  reuse: 'reused',
  remove: 'removed',
};

/** The same document for a dry run, with the status that each node and each target would get. */
export function dryRunDocument(
  environment: string | null,
  { actions, diagnostics }: Plan,
  changed: boolean,
): RunDocument {
  const nodes = actions.map(({ kind, id, line }) => ({
    ...entry(id, STATUS[kind], line.reason),
    targets: line.targets.map(plannedTarget),
    changed: line.moves,
    ...(line.verify ? { verify: true as const } : {}),
  }));
  return {
    format: 'seeknal.run',
    version: 1,
    environment,
    serial: null,
    status: changed || nodes.some(({ targets }) => targets.length > 0) ? 'done' : 'nothing_to_do',
    nodes,
    diagnostics,
    dry_run: true,
  };
}

/** A target as it would become. */
const plannedTarget = ({ type, physical, steps = [] }: PlanTarget): RunTarget => ({
  type,
  physical,
  status: 'written',
  rows: null,
  seconds: null,
  error: null,
  ...(steps.length > 0 ? { steps } : {}),
});

const entry = (id: string, status: RunNode['status'], reason: string): RunNode => ({
  id,
  status,
  rows: null,
  seconds: null,
  changed: false,
  error: null,
  reason,
  targets: [],
});

function resultNode(result: NodeResult): RunNode {
  if (!isSettled(result)) return { ...entry(result.id, result.status, result.reason), error: result.error };
  const seconds = result.seconds === null ? null : Math.round(result.seconds * 1000) / 1000;
  return { ...entry(result.id, result.status, result.reason), rows: result.artefact.rows, seconds };
}
