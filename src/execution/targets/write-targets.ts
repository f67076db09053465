import type { TargetDefinition } from '../../core/definition/nodes/target-definition.ts';
import type { NodeId } from '../../core/definition/nodes/node.ts';
import type { LocatedTarget } from '../../connectors/target-request.ts';
import type { EnvironmentName } from '../../core/environment/environment-name.ts';
import type { TargetOutcome } from '../../core/plan/targets/target-action.ts';
import { recordOf } from '../../core/plan/targets/wanted-target.ts';
import type { TargetRecord } from '../../core/state/target-record.ts';
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
  readonly seconds: number | null;
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
  for (const target of prepared)
    if (target.kind === 'failed') written.set(target, await fail(target, { environment, tools }));
  for (const group of groups(prepared.filter(target => target.kind === 'ready'))) {
    const shown = tools.writer.targetRecords(environment);
    for (const target of group) await begin(target, { environment, tools });
    const outcomes = await writeGroup(group, tools);
    for (const [index, target] of group.entries()) {
      const outcome = outcomes[index];
      if (!outcome) throw new Error(`${target.located.table.name} has no outcome`);
      written.set(target, await settle(target, outcome, { environment, tools, shown }));
    }
  }
  return prepared.flatMap(target => written.get(target) ?? []);
}

/** Records that a write begins: if nobody records how it ended, the table may show either version. */
async function begin({ located: { node, target, table } }: ReadyTarget, settling: Settling): Promise<void> {
  const error = { code: 'interrupted', message: 'The last attempt to write it did not end.' };
  await recordFailure({ node, target, table }, error, settling);
}

type Failed = Pick<Exclude<PreparedTarget, ReadyTarget>, 'node' | 'target' | 'table' | 'failure'>;

/** Records why a target could not be written; what its table shows stays recorded, if that is known. */
async function fail({ node, target, table, failure }: Failed, settling: Settling): Promise<WrittenTarget> {
  const { tools, environment } = settling;
  const shown = settling.shown ?? tools.writer.targetRecords(environment);
  const known = failure.code === 'outcome-unknown' ? {} : { shown };
  if (table !== null) await recordFailure({ node, target, table }, failure, { environment, tools, ...known });
  const physical = table?.name ?? target.table;
  return tell({ node, type: target.type, physical, rows: null, seconds: null, failure }, tools);
}

/** The table stays known as ours; without `shown` it is not known what it shows. */
async function recordFailure(
  { node, target, table }: LocatedTarget,
  { code, message }: Pick<FailureText, 'code' | 'message'>,
  { environment, tools: { writer, world }, shown }: Settling,
): Promise<void> {
  const found = recordOf(shown ?? writer.targetRecords(environment), table);
  const earlier = found?.dropped === true ? null : found;
  const { type, connection, table: defined } = target;
  const { artefact = null, mode = null } = shown === undefined || earlier === null ? {} : earlier;
  await writer.recordTarget({
    ...{ environment, node, type, connection, defined, at: world.now().toISOString() },
    ...(mode === null ? {} : { mode }),
    table: earlier?.table ?? { ...table, id: null },
    artefact,
    rows: earlier?.rows ?? 0,
    error: { code, message },
  });
}

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
  /** The records before the write; omitted if what the table shows is not known. */
  readonly shown?: readonly TargetRecord[];
}

async function settle(target: ReadyTarget, outcome: TargetOutcome, settling: Settling): Promise<WrittenTarget> {
  const { tools } = settling;
  const { node, target: definition, table } = target.located;
  if (outcome.kind === 'behind') return fail({ node, target: definition, table, failure: outcome.failure }, settling);
  await record(target, outcome, settling);
  const base = { node, type: definition.type, physical: table.name };
  const { rows, seconds, warnings } = outcome;
  for (const text of warnings) tools.world.emit({ kind: 'warning', text: `${labelOf(base)}: ${text}` });
  return tell({ ...base, rows, seconds, failure: null }, tools);
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
  const mode = target.mode.kind;
  await tools.writer.recordTarget({ environment, node, type, connection, defined, mode, table, artefact, rows, at });
}

/** As messages name a target: `transform.m → postgresql dev_analytics.orders`. */
const labelOf = ({ node, type, physical }: Pick<WrittenTarget, 'node' | 'type' | 'physical'>): string =>
  `${node} → ${type} ${physical}`;

function tell(written: WrittenTarget, { world }: TargetWritingTools): WrittenTarget {
  const { node: id, type, physical, rows, seconds, failure } = written;
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
