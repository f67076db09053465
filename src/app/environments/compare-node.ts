import { compareSchemas } from '../../core/plan/changes/compare-schemas.ts';
import type { DiffNode } from '../../core/documents/diff-document.ts';
import type { Column, NodeId } from '../../core/definition/nodes/node.ts';
import { ToolError } from '../../diagnostics/tool-error.ts';
import type { TableComparison } from '../../engine/comparison/compare-tables.ts';
import { scan } from '../../engine/scan.ts';
import type { ArtefactRecord } from '../../core/state/artefact.ts';
import type { GenerationNode } from '../../core/state/generation.ts';
import { type StoreReader } from '../../store/store-reader.ts';
import { type Tools } from '../with-tools.ts';
import type { World } from '../../core/world.ts';

/** The tools of a comparison. */
export type CompareTools = Pick<Tools, 'artefacts' | 'execution'> & {
  readonly world: World;
  readonly store: StoreReader;
};

/** A node on both sides; undefined if a side lacks it. */
export interface NodePair {
  readonly id: NodeId;
  readonly left: GenerationNode | undefined;
  readonly right: GenerationNode | undefined;
}

/** The same with artefacts; null if a side lacks the node. */
export interface RecordPair extends NodePair {
  readonly before: ArtefactRecord | null;
  readonly after: ArtefactRecord | null;
}

/** How the entries of a node differ. */
export function changeOf({ left, right }: NodePair): DiffNode['change'] {
  if (!left) return 'new';
  if (!right) return 'removed';
  return left.artefact === right.artefact && left.definition === right.definition ? 'none' : 'modified';
}

const NO_COLUMNS: DiffNode['columns'] = { added: [], removed: [], retyped: [] };

/** How nodes are compared; `alone` if only one was requested. */
export interface Comparing {
  /** Key columns (default: detected). */
  readonly key?: readonly string[];
  /** Number of sample rows per side (default: none). */
  readonly limit?: number;
  readonly alone: boolean;
}

/** Compares the data of a node on both sides. */
export async function compareNode(tools: CompareTools, pair: RecordPair, options: Comparing): Promise<DiffNode> {
  const { id, before, after } = pair;
  const change = changeOf(pair);
  if (before && after && (before.id === after.id || before.identity === after.identity)) {
    const rows = { left: after.rows, right: after.rows, only_left: 0, only_right: 0, both: after.rows };
    return { id, change, columns: NO_COLUMNS, rows, key: null, changed_columns: [] };
  }
  for (const record of [before, after]) if (record) await assertWhole(tools, id, record);
  if (before && after) return compareBoth(tools, { id, before, after }, options);
  const record = before ?? after;
  if (!record) throw new Error(`${id} is on neither side`);
  return {
    id,
    change,
    ...(await describeOneSide(tools, record, { isLeft: before !== null, limit: options.limit ?? 0 })),
  };
}

/** Describes a node that only one side has. */
async function describeOneSide(
  tools: CompareTools,
  { place, columns, rows: count }: ArtefactRecord,
  { isLeft, limit }: { readonly isLeft: boolean; readonly limit: number },
): Promise<Omit<DiffNode, 'id' | 'change'>> {
  const names = columns.map(column => column.name);
  const [left, right] = isLeft ? [count, 0] : [0, count];
  const query = `FROM ${scan(place)}`;
  const { signal } = tools.world;
  const sample = limit > 0 ? (await (await tools.execution()).sample({ prepare: [], query, limit, signal })).rows : [];
  return {
    columns: { ...NO_COLUMNS, ...(isLeft ? { removed: names } : { added: names }) },
    rows: { left, right, only_left: left, only_right: right, both: 0 },
    key: null,
    changed_columns: null,
    ...(limit > 0 ? { samples: { columns, only_left: isLeft ? sample : [], only_right: isLeft ? [] : sample } } : {}),
  };
}

async function compareBoth(
  tools: CompareTools,
  { id, before, after }: { readonly id: NodeId; readonly before: ArtefactRecord; readonly after: ArtefactRecord },
  options: Comparing,
): Promise<DiffNode> {
  const key = keyOf({ before, after }, options.key);
  const session = await tools.execution();
  const limit = options.limit ?? 0;
  const compared = await session.compare({ left: before, right: after, key, limit, signal: tools.world.signal });
  if (key !== null && compared.key === null) refuseKey(tools.world, id, { key, alone: options.alone });
  return { id, change: 'modified', ...describeBoth(compared, { left: before.rows, right: after.rows }) };
}

function describeBoth(
  { schema, onlyLeft, onlyRight, key, changed, samples }: TableComparison,
  { left, right }: { readonly left: number; readonly right: number },
): Omit<DiffNode, 'id' | 'change'> {
  const { added, removed, retyped } = schema;
  return {
    columns: { added, removed, retyped },
    rows: { left, right, only_left: onlyLeft, only_right: onlyRight, both: left - onlyLeft },
    key,
    changed_columns: changed,
    ...(samples && {
      samples: { columns: samples.columns, only_left: samples.onlyLeft, only_right: samples.onlyRight },
    }),
  };
}

/** The key columns with their type; null if a side lacks one or has it with another type. */
export function keyOf(
  { before, after }: Pick<RecordPair, 'before' | 'after'>,
  names: readonly string[] | undefined,
): readonly Column[] | null {
  if (names === undefined || !before || !after) return null;
  const { common } = compareSchemas(before.columns, after.columns);
  const found = names.flatMap(name => common.find(column => column.name.toLowerCase() === name.toLowerCase()) ?? []);
  return found.length === names.length ? found : null;
}

function refuseKey(
  world: World,
  id: NodeId,
  { key, alone }: { readonly key: readonly Column[]; readonly alone: boolean },
): void {
  const text = `${key.map(column => column.name).join(', ')} is not a key of ${id}: several rows have equal values in it`;
  if (alone) throw new ToolError('not-a-key', `${text}.`, { hint: 'Name more columns with --key, or leave it out.' });
  world.emit({ kind: 'warning', text: `${text}, so its columns are not compared` });
}

async function assertWhole(tools: CompareTools, id: NodeId, record: ArtefactRecord): Promise<void> {
  if (await tools.artefacts.isWhole(record.id)) return;
  throw new ToolError('artefact-missing', `The output of ${id} in the store is missing or damaged.`, {
    hint: "Build it again, or run 'seeknal doctor' for details.",
  });
}
