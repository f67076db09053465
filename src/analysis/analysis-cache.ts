import { sha256Hex } from '../core/canonical-json.ts';
import type { NodeAnalysis, NodeRelation } from '../core/plan/analysis.ts';
import { orderHash, readHash } from '../core/plan/read-hash.ts';
import type { Column, NodeId } from '../core/definition/nodes/node.ts';

/** An analysis, and the hashes of what it read: it holds as long as these are the same. */
interface Entry {
  readonly analysis: NodeAnalysis;
  readonly trace: Trace;
}

/** Per input that a node reads: row set, the columns read, and the order where it is seen. */
type Trace = Readonly<Record<string, string>>;

/**
 * What the last plans found out about queries, so that only what a change reaches is analysed again (a verifying trace,
 * as in Mokhov et al., "Build Systems à la Carte"). A cache: without it only speed is lost.
 */
export class AnalysisCache {
  /** One query may be known over several states of its inputs: production's and an environment's. */
  readonly #known: ReadonlyMap<string, readonly Entry[]>;
  readonly #used = new Map<string, Entry[]>();
  #added = false;

  constructor(text: string | null) {
    this.#known = new Map(text === null ? [] : parseEntries(text));
  }

  find(key: string, inputs: ReadonlyMap<NodeId, NodeRelation>): NodeAnalysis | null {
    const fits = (entry: Entry) => sameTrace(entry.trace, traceOf(entry.analysis, inputs));
    const used = this.#used.get(key)?.find(fits);
    if (used) return withOrder(used.analysis, inputs);
    const known = this.#known.get(key)?.find(fits);
    if (known) this.#keep(key, known);
    return known ? withOrder(known.analysis, inputs) : null;
  }

  /** What a query gives before it is stored: that depends on no hash. null where nothing is known of it. */
  computedColumns(key: string): readonly Column[] | null {
    const analysis = (this.#used.get(key) ?? this.#known.get(key))?.[0]?.analysis;
    const types = analysis?.computed;
    return types ? analysis.columns.map(({ name }, index) => ({ name, type: types[index] ?? '' })) : null;
  }

  add(key: string, analysis: NodeAnalysis, inputs: ReadonlyMap<NodeId, NodeRelation>): void {
    this.#keep(key, { analysis, trace: traceOf(analysis, inputs) });
    this.#added = true;
  }

  /** What to keep for the next command; null where nothing is new. */
  render(): string | null {
    return this.#added || this.#used.size < this.#known.size / 2 ? JSON.stringify([...this.#used]) : null;
  }

  #keep(key: string, entry: Entry): void {
    const entries = this.#used.get(key);
    if (entries) entries.push(entry);
    else this.#used.set(key, [entry]);
  }
}

/** The version of what is kept: entries of another are not found. */
const RULES = 'analysis 4';

/** Names a query in its surroundings: everything that its analysis depends on but for the hashes of its inputs. */
export function analysisKey(parts: {
  readonly engine: string;
  readonly text: string;
  /** `like` is the position of the first input that has the same rows as this one. */
  readonly inputs: readonly { readonly id: NodeId; readonly columns: readonly Column[]; readonly like: number }[];
}): string {
  const inputs = parts.inputs.map(({ id, columns, like }) => [
    id,
    columns.map(column => [column.name, column.type]),
    like,
  ]);
  return sha256Hex(JSON.stringify([RULES, parts.engine, parts.text, inputs]));
}

/** The order of the rows may depend on more than what the query reads: it is told anew. */
function withOrder(analysis: NodeAnalysis, inputs: ReadonlyMap<NodeId, NodeRelation>): NodeAnalysis {
  const order = orderHash(analysis.local.order, analysis.orderReads, inputs);
  return { ...analysis, relation: { ...analysis.relation, order } };
}

function traceOf(analysis: NodeAnalysis, inputs: ReadonlyMap<NodeId, NodeRelation>): Trace {
  return Object.fromEntries(analysis.reads.map(read => [read.input, readHash(read, inputs.get(read.input))]));
}

const sameTrace = (a: Trace, b: Trace): boolean => Object.keys(a).every(key => a[key] === b[key] && b[key] !== '');

function parseEntries(text: string): readonly [string, readonly Entry[]][] {
  try {
    const entries: unknown = JSON.parse(text);
    // Written by render: whatever else stands there is no cache of ours.
    return Array.isArray(entries) ? (entries as [string, readonly Entry[]][]) : [];
  } catch {
    return [];
  }
}
