import type { TargetConnector, TargetWrite } from '../../connectors/target-connector.ts';
import { type LocatedTarget, type RequestContext, targetRequest } from '../../connectors/target-request.ts';
import type { NodeId } from '../../core/definition/nodes/node.ts';
import type { TargetDefinition } from '../../core/definition/nodes/target-definition.ts';
import type { EnvironmentName } from '../../core/environment/environment-name.ts';
import type { PlannedTarget } from '../../core/plan/targets/target-action.ts';
import {
  isBehind,
  type LocatedTable,
  ownsTargets,
  recordOf,
  type TargetNode,
} from '../../core/plan/targets/wanted-target.ts';
import type { ArtefactRecord } from '../../core/state/artefact.ts';
import type { StateSnapshot } from '../../core/state/state-snapshot.ts';
import { mayBeLifted, sameTable, tableKey } from '../../core/plan/targets/target-refusal.ts';
import { failureText } from '../../analysis/duckdb-errors/failure-text.ts';
import type { FailureText } from '../../diagnostics/failure-text.ts';

/** A node of the generation that an environment points to, or is about to. */
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

export interface PrepareTools {
  readonly state: Pick<StateSnapshot, 'lineage' | 'targetRecords'>;
  target(target: Pick<TargetDefinition, 'type'>): TargetConnector;
}

/** A target that is ready to be written. */
export interface ReadyTarget {
  readonly kind: 'ready';
  readonly located: LocatedTarget;
  readonly write: TargetWrite;
}

/** A target that cannot be written. */
export interface UnreadyTarget {
  readonly kind: 'failed';
  readonly node: NodeId;
  readonly target: TargetDefinition;
  /** null if it could not be located. */
  readonly table: LocatedTable | null;
  readonly failure: FailureText;
  /** Whether it needs another definition or another table, which stops a switch; else only this target fails. */
  readonly refused: boolean;
}

export type PreparedTarget = ReadyTarget | UnreadyTarget;

/** The targets that do not show their artefact yet, each with a plan or the reason why it cannot be written. */
export async function prepareTargets(writing: TargetWriting, tools: PrepareTools): Promise<readonly PreparedTarget[]> {
  const prepared: PreparedTarget[] = [];
  const taken = new Map<string, LocatedTarget>();
  for (const node of writing.nodes)
    for (const target of node.targets) {
      const one = await prepare(node, target, { writing, tools, taken });
      if (one !== null) prepared.push(one);
    }
  return prepared;
}

interface Context {
  readonly writing: TargetWriting;
  readonly tools: PrepareTools;
  /** The targets so far, by table: two changes that were promoted one after the other may mean the same one. */
  readonly taken: Map<string, LocatedTarget>;
}

/** null if the table is up to date, or if the environment does not write it. */
async function prepare(
  node: WritableNode,
  target: TargetDefinition,
  { writing, tools, taken }: Context,
): Promise<PreparedTarget | null> {
  const { environment, adopt } = writing;
  const now: TargetNode = { id: node.id, artefact: node.artefact.id, targets: node.targets };
  if (!ownsTargets(environment, now, node.base)) return null;
  const mark = { lineage: tools.state.lineage, environment };
  const context: RequestContext = { mark, adopt, records: tools.state.targetRecords(environment) };
  let table: LocatedTable | null = null;
  try {
    table = await tools.target(target).locate(target, mark);
    const located = { node: node.id, target, table };
    const other = taken.get(tableKey(table));
    if (other !== undefined) return { kind: 'failed', ...located, failure: sameTable(other), refused: true };
    taken.set(tableKey(table), located);
    if (!isBehind(recordOf(context.records, table), now, target)) return null;
    return await planWrite(node, { located, context, tools });
  } catch (error) {
    return { kind: 'failed', node: node.id, target, table, failure: failureText(error), refused: false };
  }
}

interface Planning {
  readonly located: LocatedTarget;
  readonly context: RequestContext;
  readonly tools: PrepareTools;
}

async function planWrite(node: WritableNode, { located, context, tools }: Planning): Promise<PreparedTarget> {
  const { target, table } = located;
  const request = targetRequest(located, node.artefact.columns, context);
  const action = await tools.target(target).plan(request);
  if (action.kind === 'write-target') return { kind: 'ready', located, write: writeOf(node, action, request) };
  const { failure } = action;
  return { kind: 'failed', node: node.id, target, table, failure, refused: !mayBeLifted(failure) };
}

const writeOf = ({ artefact }: WritableNode, planned: PlannedTarget, request: TargetWrite['request']): TargetWrite => ({
  planned,
  request,
  artefact: artefact.id,
  columns: artefact.columns,
  rows: artefact.rows,
  place: artefact.place,
});
