import type { Diagnostic } from '../../../../diagnostics/diagnostic.ts';
import { didYouMean } from '../../../../diagnostics/suggest.ts';
import { findCycles } from '../../../graph/graph.ts';
import type { Mistakes } from '../../yaml/mistakes.ts';
import type { NodeId, ProjectNode } from '../node.ts';
import { viewKeyOf } from '../node-name.ts';
import type { Span } from '../../yaml/yaml-tree.ts';

/** A node with the mistakes of its file, for checks that involve other nodes. */
export interface ParsedNode {
  readonly node: ProjectNode;
  readonly mistakes: Mistakes;
}

/** Refuses ids that are equal, ignoring case and Unicode form, or that share a view name; each later file refers to the first. */
export function checkUniqueIds(nodes: readonly ParsedNode[]): void {
  const first = new Map<string, ProjectNode>();
  for (const { node, mistakes } of nodes) {
    const key = viewKeyOf(node.kind, node.name);
    const before = first.get(key);
    if (!before) first.set(key, node);
    else mistakes.add({ ...clash(before, node), span: spanAt(node.at, node.name.length), node: node.id });
  }
}

function clash(
  before: ProjectNode,
  node: ProjectNode,
): { readonly code: string; readonly message: string; readonly hint: string } {
  const hint = 'Rename one of them.';
  if (before.id === node.id)
    return { code: 'duplicate-node', message: `${node.id} is already defined in ${before.file}.`, hint };
  const message = `${node.id} and ${before.id} (${before.file}) ${likeness(before, node)}.`;
  return { code: 'ambiguous-name', message, hint };
}

/** Why two names would share a view, as the end of a sentence. */
function likeness(one: Pick<ProjectNode, 'id'>, other: Pick<ProjectNode, 'id'>): string {
  const sameCase = one.id.toLowerCase() === other.id.toLowerCase();
  if (sameCase) return 'differ only in case';
  if (one.id.normalize() === other.id.normalize()) return 'look the same in different Unicode characters (NFC and NFD)';
  return one.id.normalize().toLowerCase() === other.id.normalize().toLowerCase()
    ? 'differ only in case and in Unicode form (NFC and NFD)'
    : 'would share the name of a view';
}

/** Why nodes from several places do not form one project; null if they do. */
export function mistakeOfWhole(nodes: readonly ProjectNode[]): string | null {
  const ids = new Set(nodes.map(node => node.id));
  const views = new Map<string, NodeId>();
  for (const { id, kind, name, inputs } of nodes) {
    const gone = inputs.find(input => !ids.has(input.id));
    if (gone) return `${id} reads ${gone.id}, which does not exist`;
    const before = views.get(viewKeyOf(kind, name));
    if (before) return `${id} and ${before} ${likeness({ id: before }, { id })}`;
    views.set(viewKeyOf(kind, name), id);
  }
  const [cycle] = findCycles<NodeId>(nodes.map(({ id, inputs }) => ({ id, inputs: inputs.map(input => input.id) })));
  return cycle ? `these nodes read each other: ${cycle.join(' → ')}` : null;
}

/** Refuses unknown inputs, and nodes that read themselves. Ids of nodes that could not be parsed count as known. */
export function checkInputs(nodes: readonly ParsedNode[], known: readonly string[]): void {
  const ids = new Set(known);
  for (const { node, mistakes } of nodes) {
    for (const input of node.inputs) {
      const span = spanAt(input.at, input.id.length);
      if (input.id === node.id)
        mistakes.add({
          code: 'cycle',
          message: `${node.id} reads itself: ${node.id} → ${node.id}.`,
          span,
          hint: 'Remove this input.',
          node: node.id,
        });
      else if (!ids.has(input.id)) {
        const hint = didYouMean(input.id, known, "Run 'seeknal list' to see all nodes.");
        mistakes.add({
          code: 'unknown-reference',
          message: `Node ${input.id} does not exist.`,
          span,
          hint,
          node: node.id,
        });
      }
    }
  }
}

/** Each cycle is one mistake, placed where its first node names the next one. */
export function checkCycles(nodes: readonly ParsedNode[]): void {
  const byId = new Map(nodes.map(entry => [entry.node.id, entry]));
  for (const cycle of cyclesOf(nodes.map(entry => entry.node))) {
    const entry = cycle[0] === undefined ? undefined : byId.get(cycle[0]);
    if (entry) addCycle(entry, cycle);
  }
}

/** Mistakes of one node in the context of a project; mistakes of the other nodes are ignored. */
export function checkBeside(entry: ParsedNode, others: readonly ProjectNode[]): void {
  const { id, kind, name, at: place } = entry.node;
  const same = others.find(other => viewKeyOf(other.kind, other.name) === viewKeyOf(kind, name));
  if (same) entry.mistakes.add({ ...clash(same, entry.node), span: spanAt(place, name.length), node: id });
  checkInputs([entry], [...others.map(other => other.id), id]);
  for (const cycle of cyclesOf([entry.node, ...others])) {
    const at = cycle.indexOf(id);
    if (at >= 0) addCycle(entry, [...cycle.slice(at, -1), ...cycle.slice(0, at), id]);
  }
}

/** The first node of a cycle is also its last; nodes that read themselves are reported separately. */
const cyclesOf = (nodes: readonly ProjectNode[]): readonly (readonly NodeId[])[] =>
  findCycles<NodeId>(
    nodes.map(({ id, inputs }) => ({ id, inputs: inputs.map(input => input.id).filter(input => input !== id) })),
  );

function addCycle({ node, mistakes }: ParsedNode, cycle: readonly NodeId[]): void {
  const input = node.inputs.find(candidate => candidate.id === cycle[1]);
  if (!input) return;
  mistakes.add({
    code: 'cycle',
    message: `These nodes read each other: ${cycle.join(' → ')}.`,
    span: spanAt(input.at, input.id.length),
    hint: 'Remove one of these inputs.',
    node: node.id,
  });
}

const spanAt = (at: Span['at'] | null, length: number): Span | null => (at ? { at, length } : null);

/** By file, line and column. */
export function byPlace(a: Diagnostic, b: Diagnostic): number {
  const files = compare(a.file ?? '', b.file ?? '');
  return files !== 0 ? files : (a.line ?? 0) - (b.line ?? 0) || (a.column ?? 0) - (b.column ?? 0);
}

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
