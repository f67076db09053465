import { ancestorsOf, descendantsOf, type GraphNode } from '../core/graph/graph.ts';
import { mistakeOfWhole } from '../core/definition/nodes/checks/check-references.ts';
import { edgesOf } from '../core/definition/nodes/node-edges.ts';
import type { NodeId, ProjectNode } from '../core/definition/nodes/node.ts';
import { suggest } from '../diagnostics/suggest.ts';
import { ToolError } from '../diagnostics/tool-error.ts';
import type { DesiredNode } from '../core/definition/nodes/desired-node.ts';

/** Flags that narrow a run. */
export interface Selection {
  /** Node ids or bare names; their descendants are selected too. */
  readonly nodes?: readonly string[];
  /** `source` or `transform`; descendants are not selected. */
  readonly types?: readonly string[];
  /** Descendants are not selected. */
  readonly tags?: readonly string[];
  readonly excludeTags?: readonly string[];
}

/** Versions of the project's nodes in production. */
export interface Production {
  /** With the definitions that production was built from. */
  stored(): readonly DesiredNode[];
  /** Definitions on disk, with the parameters that production was built with. */
  withItsParameters(): readonly DesiredNode[];
}

export interface Selected {
  /** The selected nodes and their inputs from disk, all others from production. */
  readonly nodes: readonly DesiredNode[];
  /** The selected nodes, including selected descendants. */
  readonly chosen: ReadonlySet<NodeId>;
  /** Inputs of the selected nodes: from disk, but with the parameters that production was built with. */
  readonly needed: ReadonlySet<NodeId>;
  /** Nodes that keep production's artefact even if their inputs change, with the reason. */
  readonly pinned: ReadonlyMap<NodeId, string>;
  /** Nodes below the ones taken from disk that keep production's artefact; the next run may have to execute them. */
  readonly left: readonly NodeId[];
  readonly warnings: readonly string[];
}

/** Takes the selected part of the project from disk and the rest from production; never removes nodes. Throws `bad-selection` or `no-match`. */
export function selectNodes(disk: readonly DesiredNode[], production: Production, selection: Selection): Selected {
  if (!isNarrow(selection)) return everything(disk);
  const known = production.stored();
  const edges = edgesOf(disk.map(node => node.resolved.node));
  const reach = reachOf(disk, { selection, known, edges });
  const { chosen, taken, cut } = reach;
  const kept = known.filter(node => !isIn(taken, node));
  const asBuilt = new Map(production.withItsParameters().map(node => [node.resolved.node.id, node]));
  const fromDisk = disk.filter(node => isIn(taken, node));
  const parts = fromDisk.map(node => (isIn(chosen, node) ? node : (asBuilt.get(node.resolved.node.id) ?? node)));
  return {
    nodes: wholeOf([...parts, ...kept]),
    chosen: new Set([...taken].filter(id => chosen.has(id))),
    needed: new Set([...taken].filter(id => !chosen.has(id))),
    pinned: new Map(kept.map(node => [node.resolved.node.id, 'not selected'])),
    left: descendantsOf(edges, [...taken]).filter(id => !taken.has(id) && !cut.has(id)),
    warnings: warningsOf({ borrowed: reach.borrowed, lacking: reach.lacking, cut: [...cut] }),
  };
}

/** What a selection leads to, by node id. */
interface Reach extends Pick<LeftOut, 'borrowed' | 'lacking'> {
  readonly chosen: ReadonlySet<NodeId>;
  /** Chosen and needed nodes that are taken from disk. */
  readonly taken: ReadonlySet<NodeId>;
  /** Nodes that cannot be built, since something they need is excluded and not in production. */
  readonly cut: ReadonlySet<NodeId>;
}

interface Reaching {
  readonly selection: Selection;
  /** Production's nodes. */
  readonly known: readonly DesiredNode[];
  readonly edges: readonly GraphNode<NodeId>[];
}

function reachOf(disk: readonly DesiredNode[], { selection, known, edges }: Reaching): Reach {
  const nodes = disk.map(node => node.resolved.node);
  const chosen = matching(nodes, selection, edges);
  const needed = new Set<NodeId>([...chosen, ...ancestorsOf(edges, [...chosen])]);
  const excluded = new Set(nodes.filter(node => hasTag(node, selection.excludeTags)).map(node => node.id));
  const stored = new Set(known.map(node => node.resolved.node.id));
  const lacking = [...needed].filter(id => excluded.has(id) && !stored.has(id));
  const cut = new Set(descendantsOf(edges, lacking).filter(id => needed.has(id) && !excluded.has(id)));
  return {
    chosen,
    taken: new Set([...needed].filter(id => !excluded.has(id) && !cut.has(id))),
    cut,
    lacking,
    borrowed: [...needed].filter(id => excluded.has(id) && !chosen.has(id) && stored.has(id)),
  };
}

/** The nodes in the order of their ids. Throws `bad-selection` where together they are not a valid project. */
function wholeOf(nodes: readonly DesiredNode[]): readonly DesiredNode[] {
  const mistake = mistakeOfWhole(nodes.map(node => node.resolved.node));
  if (mistake === null) return nodes.toSorted((a, b) => (a.resolved.node.id < b.resolved.node.id ? -1 : 1));
  throw new ToolError('bad-selection', `The selection does not fit the nodes that production keeps: ${mistake}.`, {
    hint: "Run 'seeknal run' without a selection; a selection never removes nodes.",
  });
}

const everything = (disk: readonly DesiredNode[]): Selected => ({
  nodes: disk,
  chosen: new Set(disk.map(node => node.resolved.node.id)),
  needed: new Set(),
  pinned: new Map(),
  left: [],
  warnings: [],
});

const isIn = (ids: ReadonlySet<NodeId>, { resolved }: DesiredNode): boolean => ids.has(resolved.node.id);

/** Nodes that a selection excludes although others need them. */
interface LeftOut {
  /** Excluded and needed: production's artefact is used. */
  readonly borrowed: readonly NodeId[];
  /** Excluded and needed, but not in production. */
  readonly lacking: readonly NodeId[];
  /** Nodes that therefore cannot be built. */
  readonly cut: readonly NodeId[];
}

function warningsOf({ borrowed, lacking, cut }: LeftOut): readonly string[] {
  const listed = (ids: readonly NodeId[]): string => ids.toSorted().join(', ');
  const cutText = `left out: ${listed(cut)}; excluded and not in production yet: ${listed(lacking)}`;
  return [
    ...borrowed.map(id => `${id} is needed but excluded by tag: its production data is used`),
    ...(cut.length > 0 ? [cutText] : []),
  ];
}

const isNarrow = (selection: Selection): boolean =>
  [selection.nodes, selection.types, selection.tags, selection.excludeTags].some(
    list => list !== undefined && list.length > 0,
  );

function matching(
  nodes: readonly ProjectNode[],
  selection: Selection,
  edges: readonly { readonly id: NodeId; readonly inputs: readonly NodeId[] }[],
): ReadonlySet<NodeId> {
  const named = (selection.nodes ?? []).map(name => findNode(nodes, name));
  const withBelow = [...named, ...descendantsOf(edges, named)];
  const onlyExcludes = [selection.nodes, selection.types, selection.tags].every(list => !list || list.length === 0);
  const byMatch = nodes
    .filter(node => onlyExcludes || selection.types?.includes(node.kind) || hasTag(node, selection.tags))
    .filter(node => !hasTag(node, selection.excludeTags))
    .map(node => node.id);
  const chosen = new Set([...withBelow, ...byMatch]);
  if (chosen.size === 0)
    throw new ToolError('no-match', `No nodes match ${describe(selection)}.`, {
      hint: "Run 'seeknal list' to see kinds and tags.",
    });
  return chosen;
}

const hasTag = (node: ProjectNode, tags: readonly string[] | undefined): boolean =>
  tags !== undefined && node.tags.some(tag => tags.includes(tag));

/** Finds a node by its id, or by its name if that is unique. Throws `ambiguous-node` or `unknown-node`. */
export function findNode(nodes: readonly Pick<ProjectNode, 'id' | 'name'>[], name: string): NodeId {
  const exact = nodes.find(node => node.id === name);
  const key = name.normalize().toLowerCase();
  const byName = nodes.filter(
    node => node.name.normalize() === name.normalize() || node.id.normalize().toLowerCase() === key,
  );
  const found = exact ?? (byName.length === 1 ? byName[0] : undefined);
  if (found) return found.id;
  if (byName.length > 1)
    throw new ToolError('ambiguous-node', `'${name}' is ambiguous: ${byName.map(node => node.id).join(' or ')}.`, {
      hint: 'Use the full id (kind.name).',
    });
  const close = suggest(name, [...nodes.map(node => node.id), ...nodes.map(node => node.name)]);
  throw new ToolError('unknown-node', `Node '${name}' not found.`, {
    hint: close === null ? "Run 'seeknal list' to see all nodes." : `Did you mean '${close}'?`,
  });
}

const describe = (selection: Selection): string =>
  Object.entries(selection)
    .filter((entry): entry is [string, readonly string[]] => Array.isArray(entry[1]) && entry[1].length > 0)
    .map(([key, list]) => `${key} ${list.join(', ')}`)
    .join(' and ');
