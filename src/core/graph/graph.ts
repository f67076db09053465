/** A vertex with its inputs; inputs outside the graph are ignored. */
export interface GraphNode<Id extends string = string> {
  readonly id: Id;
  readonly inputs: readonly Id[];
}

/** Layers in dependency order, each sorted by id; a vertex is in the layer after its deepest input. Leaves out vertices on or below a cycle. */
export function layersOf<Id extends string>(nodes: readonly GraphNode<Id>[]): readonly (readonly Id[])[] {
  const consumers = consumersOf(nodes);
  const waiting = new Map(nodes.map(node => [node.id, knownInputs(node, consumers).length]));
  const layers: Id[][] = [];
  let layer = nodes.filter(node => waiting.get(node.id) === 0).map(node => node.id);
  while (layer.length > 0) {
    layer.sort(byCodeUnits);
    layers.push(layer);
    layer = layer.flatMap(id => consumers.get(id) ?? []).filter(id => countDown(waiting, id) === 0);
  }
  return layers;
}

/** All vertices in dependency order, by layer and then by id. */
export const topologicalOrder = <Id extends string>(nodes: readonly GraphNode<Id>[]): readonly Id[] =>
  layersOf(nodes).flat();

/** Vertices that depend on the given ones, directly or not, sorted. Includes a given one only if it depends on another. */
export function descendantsOf<Id extends string>(nodes: readonly GraphNode<Id>[], from: readonly Id[]): readonly Id[] {
  return reach(consumersOf(nodes), from);
}

/** Vertices that the given ones depend on, directly or not, sorted. Includes a given one only if another depends on it. */
export function ancestorsOf<Id extends string>(nodes: readonly GraphNode<Id>[], from: readonly Id[]): readonly Id[] {
  const consumers = consumersOf(nodes);
  return reach(new Map(nodes.map(node => [node.id, knownInputs(node, consumers)])), from);
}

/** One cycle per group of vertices that depend on each other, starting at the least id; `[a, b, a]` means that a reads b. */
export function findCycles<Id extends string>(nodes: readonly GraphNode<Id>[]): readonly (readonly Id[])[] {
  const settled = new Set<Id>(topologicalOrder(nodes));
  const stuck = nodes.filter(node => !settled.has(node.id));
  const known = new Set(stuck.map(node => node.id));
  const inputs = new Map(
    stuck.map(node => [node.id, [...new Set(node.inputs)].filter(id => known.has(id)).sort(byCodeUnits)]),
  );
  const cycles: (readonly Id[])[] = [];
  const seen = new Set<Id>();
  for (const start of [...known].sort(byCodeUnits)) {
    if (seen.has(start)) continue;
    const path = shortestWayBack(inputs, start);
    if (!path) continue;
    cycles.push(path);
    for (const id of groupOf(inputs, start)) seen.add(id);
  }
  return cycles;
}

const byCodeUnits = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

/** Has an entry for every vertex, including those without consumers. */
function consumersOf<Id extends string>(nodes: readonly GraphNode<Id>[]): ReadonlyMap<Id, Id[]> {
  const consumers = new Map<Id, Id[]>(nodes.map(node => [node.id, []]));
  for (const node of nodes) for (const input of new Set(node.inputs)) consumers.get(input)?.push(node.id);
  return consumers;
}

const knownInputs = <Id extends string>(node: GraphNode<Id>, known: ReadonlyMap<Id, unknown>): readonly Id[] =>
  [...new Set(node.inputs)].filter(input => known.has(input));

function countDown<Id extends string>(waiting: Map<Id, number>, id: Id): number {
  const left = (waiting.get(id) ?? 0) - 1;
  waiting.set(id, left);
  return left;
}

function reach<Id extends string>(edges: ReadonlyMap<Id, readonly Id[]>, from: readonly Id[]): readonly Id[] {
  const found = new Set<Id>();
  const open = [...from];
  for (let id = open.pop(); id !== undefined; id = open.pop()) {
    for (const next of edges.get(id) ?? []) {
      if (found.has(next)) continue;
      found.add(next);
      open.push(next);
    }
  }
  return [...found].sort(byCodeUnits);
}

function shortestWayBack<Id extends string>(inputs: ReadonlyMap<Id, readonly Id[]>, start: Id): readonly Id[] | null {
  const cameFrom = new Map<Id, Id>();
  const queue: Id[] = [start];
  // The queue grows during the loop: for…of also visits appended items.
  for (const id of queue) {
    for (const next of inputs.get(id) ?? []) {
      if (next === start) return [...pathTo(cameFrom, start, id), start];
      if (cameFrom.has(next)) continue;
      cameFrom.set(next, id);
      queue.push(next);
    }
  }
  return null;
}

function pathTo<Id extends string>(cameFrom: ReadonlyMap<Id, Id>, start: Id, end: Id): readonly Id[] {
  const path = [end];
  for (let id = end; id !== start;) {
    const before = cameFrom.get(id);
    if (before === undefined) break;
    path.push(before);
    id = before;
  }
  return path.reverse();
}

/** All vertices on a cycle through `start`. */
function groupOf<Id extends string>(inputs: ReadonlyMap<Id, readonly Id[]>, start: Id): readonly Id[] {
  const nodes = [...inputs].map(([id, ids]) => ({ id, inputs: ids }));
  const below = new Set(reach(inputs, [start]));
  return reach(consumersOf(nodes), [start]).filter(id => below.has(id));
}
