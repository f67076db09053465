import { compareSchemas } from '../../core/plan/changes/compare-schemas.ts';
import type { DiffDocument, DiffNode } from '../../core/documents/diff-document.ts';
import { didYouMean } from '../../diagnostics/suggest.ts';
import { ToolError } from '../../diagnostics/tool-error.ts';
import type { ArtefactRecord } from '../../core/state/artefact.ts';
import type { GenerationNode } from '../../core/state/generation.ts';
import { openStore, type StoreReader } from '../../store/store-reader.ts';
import { damaged } from '../../store/ledger/stored-json.ts';
import { type DiffSides, type DiffWords, readSides } from './diff-sides.ts';
import { loadProject } from '../../project/load-project.ts';
import { findProjectRoot } from '../../project/files/project-root.ts';
import { withTools } from '../with-tools.ts';
import type { CommonOptions, World } from '../../core/world.ts';

import { changeOf, compareNode, keyOf, type NodePair, type RecordPair } from './compare-node.ts';

export interface CompareOptions extends CommonOptions, DiffWords {
  /** Key columns (default: detected). */
  readonly key?: readonly string[];
  /** Number of sample rows per side (default: none). */
  readonly limit?: number;
}

/** Compares the data of two environments, node by node; the left side is production unless another is named. Writes nothing. */
export async function compareEnvironments(world: World, options: CompareOptions): Promise<DiffDocument> {
  const root = findProjectRoot(world, options);
  const store = openStore(root);
  const sides = readSides(world, store, options);
  const { settings } = loadProject(root).project;
  const nodes = await withTools({ world, root, store, settings }, async ({ artefacts, execution }) => {
    const tools = { artefacts, execution, world, store };
    const pairs = pairsOf(sides).map(pair => ({ ...pair, ...recordsOf(store, pair) }));
    assertKeyKnown(pairs, sides, options);
    const compared: DiffNode[] = [];
    for (const [index, pair] of pairs.entries()) {
      world.emit({ kind: 'phase', text: `comparing ${pair.id} (${index + 1} of ${pairs.length})` });
      compared.push(await compareNode(tools, pair, { ...options, alone: sides.node !== null }));
    }
    return compared;
  });
  return { format: 'seeknal.diff', version: 1, left: sides.left.name, right: sides.right.name, nodes };
}

/** Nodes that differ, or the requested one; removed nodes last. */
function pairsOf({ left, right, node }: DiffSides): readonly NodePair[] {
  const ids = [...new Set([...right.nodes.keys(), ...left.nodes.keys()])];
  const pairs = ids.map(id => ({ id, left: left.nodes.get(id), right: right.nodes.get(id) }));
  return pairs.filter(pair => (node === null ? changeOf(pair) !== 'none' : pair.id === node));
}

function recordsOf(store: StoreReader, pair: NodePair): Pick<RecordPair, 'before' | 'after'> {
  const recordOf = (entry: GenerationNode | undefined): ArtefactRecord | null => {
    if (!entry) return null;
    const record = store.artefact(entry.artefact);
    if (record) return record;
    throw damaged(`target/store/ledger.jsonl, without the output of ${pair.id},`);
  };
  return { before: recordOf(pair.left), after: recordOf(pair.right) };
}

/** Throws `unknown-column` unless some compared node has all key columns. */
function assertKeyKnown(pairs: readonly RecordPair[], { node }: DiffSides, { key }: CompareOptions): void {
  const both = pairs.filter(pair => pair.before && pair.after);
  if (key === undefined || both.length === 0 || both.some(pair => keyOf(pair, key) !== null)) return;
  const names = new Set(
    both.flatMap(pair =>
      compareSchemas(pair.before?.columns ?? [], pair.after?.columns ?? []).common.map(column => column.name),
    ),
  );
  const missing =
    key.find(name => ![...names].some(known => known.toLowerCase() === name.toLowerCase())) ?? key.join(', ');
  const where = node ?? 'No node that differs';
  const message =
    node === null
      ? `${where} has the key '${missing}' on both sides.`
      : `${where} has no column '${missing}' with the same type on both sides.`;
  throw new ToolError('unknown-column', message, {
    hint: didYouMean(missing, [...names], `Columns on both sides: ${[...names].join(', ')}.`) ?? '',
  });
}
