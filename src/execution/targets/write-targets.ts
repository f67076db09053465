import type { TargetConnector, TargetWrite } from '../../connectors/target-connector.ts';
import { type LocatedTarget, type RequestContext, targetRequest } from '../../connectors/target-request.ts';
import type { NodeId } from '../../core/definition/nodes/node.ts';
import type { TargetDefinition } from '../../core/definition/nodes/target-definition.ts';
import type { EnvironmentName } from '../../core/environment/environment-name.ts';
import type { PlannedTarget, TargetOutcome } from '../../core/plan/targets/target-action.ts';
import { isBehind, ownsTargets, recordOf, type TargetNode } from '../../core/plan/targets/wanted-target.ts';
import type { ArtefactRecord } from '../../core/state/artefact.ts';
import type { World } from '../../core/world.ts';
import { failureText } from '../../analysis/duckdb-errors/failure-text.ts';
import type { FailureText } from '../../diagnostics/failure-text.ts';
import type { StoreWriter } from '../../store/store-writer.ts';

/** A node of the generation that an environment now points to. */
export interface WritableNode {
  readonly id: NodeId;
  readonly artefact: ArtefactRecord;
  readonly targets: readonly TargetDefinition[];
  /** The node in production; undefined if production does not have it. */
  readonly base: TargetNode | undefined;
}

export interface TargetWriting {
  /** null is production. */
  readonly environment: EnvironmentName | null;
  /** In dependency order. */
  readonly nodes: readonly WritableNode[];
  readonly adopt: boolean;
}

export interface TargetWritingTools {
  readonly world: Pick<World, 'now' | 'emit'>;
  readonly writer: StoreWriter;
  target(target: Pick<TargetDefinition, 'type'>): TargetConnector;
}

/** How one target of a node ended. */
export interface WrittenTarget {
  readonly node: NodeId;
  readonly type: TargetDefinition['type'];
  /** As the definition names it, if it could not be located. */
  readonly physical: string;
  readonly rows: number | null;
  readonly warnings: readonly string[];
  /** null if it was written. */
  readonly failure: FailureText | null;
}

/**
 * Brings external targets up to the artefacts of a generation. Every target is tried, whether or not others fail; those
 * that share a connection change together. Records each written table, so that a retry writes only the others.
 */
export async function writeTargets(
  writing: TargetWriting,
  tools: TargetWritingTools,
): Promise<readonly WrittenTarget[]> {
  const attempts: Attempt[] = [];
  for (const node of writing.nodes)
    for (const target of node.targets) attempts.push(await prepare(node, target, { writing, tools }));
  const wanted = attempts.filter(attempt => attempt.kind !== 'up-to-date');
  for (const group of groups(wanted.filter(attempt => attempt.kind === 'ready')))
    await writeGroup(group, writing, tools);
  return wanted.map(finished);
}

interface Context {
  readonly writing: TargetWriting;
  readonly tools: TargetWritingTools;
}

/** A target on its way; `outcome` is set once it was written or failed. */
interface ReadyTarget {
  readonly kind: 'ready';
  readonly located: LocatedTarget;
  readonly write: TargetWrite;
  outcome: TargetOutcome | null;
}

type Attempt =
  | { readonly kind: 'up-to-date' }
  | {
      readonly kind: 'failed';
      readonly node: NodeId;
      readonly target: TargetDefinition;
      readonly physical: string;
      readonly failure: FailureText;
    }
  | ReadyTarget;

async function prepare(node: WritableNode, target: TargetDefinition, { writing, tools }: Context): Promise<Attempt> {
  const { environment, adopt } = writing;
  const { writer } = tools;
  const now: TargetNode = { id: node.id, artefact: node.artefact.id, targets: node.targets };
  if (!ownsTargets(environment, now, node.base)) return { kind: 'up-to-date' };
  const context: RequestContext = {
    mark: { lineage: writer.lineage, environment },
    adopt,
    records: writer.targetRecords(environment),
  };
  let physical = target.table;
  try {
    const connector = tools.target(target);
    const table = await connector.locate(target, context.mark);
    physical = table.name;
    if (!isBehind(recordOf(context.records, table), now)) return { kind: 'up-to-date' };
    const located = { node: node.id, target, table };
    const request = targetRequest(located, node.artefact.columns, context);
    const action = await connector.plan(request);
    if (action.kind === 'refuse-target')
      return failedAttempt(tools, { node: node.id, target, physical }, action.failure);
    return { kind: 'ready', located, outcome: null, write: writeOf(node, action, request) };
  } catch (error) {
    return failedAttempt(tools, { node: node.id, target, physical }, failureText(error));
  }
}

const writeOf = ({ artefact }: WritableNode, planned: PlannedTarget, request: TargetWrite['request']): TargetWrite => ({
  planned,
  request,
  artefact: artefact.id,
  columns: artefact.columns,
  rows: artefact.rows,
  place: artefact.place,
});

function failedAttempt(
  { world }: TargetWritingTools,
  { node, target, physical }: { readonly node: NodeId; readonly target: TargetDefinition; readonly physical: string },
  failure: FailureText,
): Attempt {
  const { message, hint } = failure;
  const label = `${target.type} ${physical}`;
  world.emit({
    kind: 'target-finished',
    id: node,
    target: label,
    status: 'failed',
    rows: null,
    seconds: null,
    message,
    hint,
  });
  return { kind: 'failed', node, target, physical, failure };
}

/** Targets that change together, in the order of their first. */
function groups(ready: readonly ReadyTarget[]): readonly (readonly ReadyTarget[])[] {
  const grouped = new Map<string, ReadyTarget[]>();
  for (const [index, attempt] of ready.entries()) {
    const key = attempt.write.planned.atomicWith ?? `alone-${index}`;
    grouped.set(key, [...(grouped.get(key) ?? []), attempt]);
  }
  return [...grouped.values()];
}

async function writeGroup(
  group: readonly ReadyTarget[],
  writing: TargetWriting,
  tools: TargetWritingTools,
): Promise<void> {
  const [first] = group;
  if (!first) return;
  const { world } = tools;
  const outcomes = await tools.target(first.located.target).write(
    group.map(({ write }) => write),
    {
      loaded: ({ planned }, rows) =>
        world.emit({ kind: 'target-progress', id: planned.node, physical: planned.table.name, rows }),
    },
  );
  for (const [index, outcome] of outcomes.entries()) {
    const attempt = group[index];
    if (!attempt) throw new Error('a connector returned more outcomes than writes');
    attempt.outcome = outcome;
    if (outcome.kind === 'written') await record(attempt, { writing, tools }, outcome);
    tell(attempt, outcome, tools);
  }
}

async function record(
  { located, write }: ReadyTarget,
  { writing, tools }: Context,
  { table, rows }: Extract<TargetOutcome, { kind: 'written' }>,
): Promise<void> {
  const { node, target } = located;
  await tools.writer.recordTarget({
    environment: writing.environment,
    node,
    type: target.type,
    connection: target.connection,
    table,
    artefact: write.artefact,
    rows,
    at: tools.world.now().toISOString(),
  });
}

function tell({ located }: ReadyTarget, outcome: TargetOutcome, { world }: TargetWritingTools): void {
  const { node: id, target, table } = located;
  const base = { kind: 'target-finished', id, target: `${target.type} ${table.name}` } as const;
  if (outcome.kind === 'behind') {
    const { message, hint } = outcome.failure;
    world.emit({ ...base, status: 'failed', rows: null, seconds: null, message, hint });
    return;
  }
  const { rows, seconds, warnings } = outcome;
  world.emit({ ...base, status: 'written', rows, seconds, message: null, hint: null });
  for (const text of warnings) world.emit({ kind: 'warning', text: `${id} → ${base.target}: ${text}` });
}

function finished(attempt: Exclude<Attempt, { kind: 'up-to-date' }>): WrittenTarget {
  if (attempt.kind === 'failed') {
    const { node, target, physical, failure } = attempt;
    return { node, type: target.type, physical, rows: null, warnings: [], failure };
  }
  const { located, outcome } = attempt;
  const base = { node: located.node, type: located.target.type, physical: located.table.name };
  if (outcome === null) throw new Error(`${base.physical} has no outcome`);
  if (outcome.kind === 'behind') return { ...base, rows: null, warnings: [], failure: outcome.failure };
  return { ...base, rows: outcome.rows, warnings: outcome.warnings, failure: null };
}
