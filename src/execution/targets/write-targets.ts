import type { TargetDefinition } from '../../core/definition/nodes/target-definition.ts';
import type { NodeId } from '../../core/definition/nodes/node.ts';
import type { EnvironmentName } from '../../core/environment/environment-name.ts';
import type { TargetOutcome } from '../../core/plan/targets/target-action.ts';
import type { World } from '../../core/world.ts';
import type { FailureText } from '../../diagnostics/failure-text.ts';
import type { StoreWriter } from '../../store/store-writer.ts';
import type { PreparedTarget, PrepareTools, ReadyTarget } from './prepare-targets.ts';

export interface TargetWritingTools extends Pick<PrepareTools, 'target'> {
  readonly world: Pick<World, 'now' | 'emit'>;
  readonly writer: StoreWriter;
}

/** How one target of a node ended. */
export interface WrittenTarget {
  readonly node: NodeId;
  readonly type: TargetDefinition['type'];
  /** As the definition names it, if it could not be located. */
  readonly physical: string;
  readonly rows: number | null;
  /** null if it was written. */
  readonly failure: FailureText | null;
}

/**
 * Writes prepared targets. Every target is tried, whether or not others fail; those that share a connection change
 * together. Records each written table, so that a retry writes only the others.
 */
export async function writeTargets(
  prepared: readonly PreparedTarget[],
  environment: EnvironmentName | null,
  tools: TargetWritingTools,
): Promise<readonly WrittenTarget[]> {
  const written = new Map<PreparedTarget, WrittenTarget>();
  for (const target of prepared) if (target.kind === 'failed') written.set(target, tell(failedTarget(target), tools));
  for (const group of groups(prepared.filter(target => target.kind === 'ready'))) {
    const outcomes = await writeGroup(group, tools);
    for (const [index, target] of group.entries()) {
      const outcome = outcomes[index];
      if (!outcome) throw new Error(`${target.located.table.name} has no outcome`);
      written.set(target, await settle(target, outcome, { environment, tools }));
    }
  }
  return prepared.flatMap(target => written.get(target) ?? []);
}

const failedTarget = ({ node, target, physical, failure }: Exclude<PreparedTarget, ReadyTarget>): WrittenTarget => ({
  node,
  type: target.type,
  physical,
  rows: null,
  failure,
});

/** Targets that change together, in the order of their first. */
function groups(ready: readonly ReadyTarget[]): readonly (readonly ReadyTarget[])[] {
  const grouped = new Map<string, ReadyTarget[]>();
  for (const [index, target] of ready.entries()) {
    const key = target.write.planned.atomicWith ?? `alone-${index}`;
    grouped.set(key, [...(grouped.get(key) ?? []), target]);
  }
  return [...grouped.values()];
}

async function writeGroup(
  group: readonly ReadyTarget[],
  { world, target: connectorOf }: TargetWritingTools,
): Promise<readonly TargetOutcome[]> {
  const [first] = group;
  if (!first) return [];
  return connectorOf(first.located.target).write(
    group.map(({ write }) => write),
    {
      loaded: ({ planned }, rows) =>
        world.emit({ kind: 'target-progress', id: planned.node, physical: planned.table.name, rows }),
    },
  );
}

interface Settling {
  readonly environment: EnvironmentName | null;
  readonly tools: TargetWritingTools;
}

async function settle(target: ReadyTarget, outcome: TargetOutcome, settling: Settling): Promise<WrittenTarget> {
  const { tools } = settling;
  const { node, target: definition, table } = target.located;
  const base = { node, type: definition.type, physical: table.name };
  if (outcome.kind === 'behind') return tell({ ...base, rows: null, failure: outcome.failure }, tools);
  await record(target, outcome, settling);
  const { rows, seconds, warnings } = outcome;
  for (const text of warnings) tools.world.emit({ kind: 'warning', text: `${labelOf(base)}: ${text}` });
  return tell({ ...base, rows, failure: null }, tools, seconds);
}

async function record(
  { located, write }: ReadyTarget,
  { table, rows }: Extract<TargetOutcome, { kind: 'written' }>,
  { environment, tools }: Settling,
): Promise<void> {
  const { node, target } = located;
  const at = tools.world.now().toISOString();
  const { type, connection, table: defined } = target;
  const { artefact } = write;
  await tools.writer.recordTarget({ environment, node, type, connection, defined, table, artefact, rows, at });
}

/** As messages name a target: `transform.m → postgresql dev_analytics.orders`. */
const labelOf = ({ node, type, physical }: Pick<WrittenTarget, 'node' | 'type' | 'physical'>): string =>
  `${node} → ${type} ${physical}`;

function tell(written: WrittenTarget, { world }: TargetWritingTools, seconds: number | null = null): WrittenTarget {
  const { node: id, type, physical, rows, failure } = written;
  world.emit({
    kind: 'target-finished',
    id,
    target: `${type} ${physical}`,
    status: failure === null ? 'written' : 'failed',
    rows,
    seconds,
    message: failure?.message ?? null,
  });
  return written;
}
