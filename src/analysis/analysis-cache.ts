import { sha256Hex } from '../core/canonical-json.ts';
import type { NodeAnalysis, NodeRelation } from '../core/plan/analysis.ts';
import { orderHash, readHash } from '../core/plan/read-hash.ts';
import type { Column, NodeId } from '../core/definition/nodes/node.ts';

/** An analysis with the hashes that it depends on; it is valid while these stay the same. */
interface Entry {
  readonly analysis: NodeAnalysis;
  readonly trace: Trace;
}

/** For each input that a node reads: row set, columns read, and row order if the node depends on it. */
type Trace = Readonly<Record<string, string>>;

/**
 * Analyses of earlier plans, so that only changed queries and their consumers are analysed again (a verifying trace, as
 * in Mokhov et al., "Build Systems à la Carte"). Losing the cache costs only time.
 */
export class AnalysisCache {
  /** A query may have analyses for several states of its inputs: those of production and of environments. */
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

  /** The columns of a query before type mapping, which depend on no hash; null if the query is not cached. */
  computedColumns(key: string): readonly Column[] | null {
    const analysis = (this.#used.get(key) ?? this.#known.get(key))?.[0]?.analysis;
    const types = analysis?.computed;
    return types ? analysis.columns.map(({ name }, index) => ({ name, type: types[index] ?? '' })) : null;
  }

  add(key: string, analysis: NodeAnalysis, inputs: ReadonlyMap<NodeId, NodeRelation>): void {
    this.#keep(key, { analysis, trace: traceOf(analysis, inputs) });
    this.#added = true;
  }

  /** The text to store for the next command; null if nothing is new. */
  render(): string | null {
    return this.#added || this.#used.size < this.#known.size / 2 ? JSON.stringify([...this.#used]) : null;
  }

  #keep(key: string, entry: Entry): void {
    const entries = this.#used.get(key);
    if (entries) entries.push(entry);
    else this.#used.set(key, [entry]);
  }
}

/** The version of the stored entries; entries of another version are ignored. */
const RULES = 'analysis 4';

/** The cache key of a query: everything that its analysis depends on, except the hashes of its inputs. */
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

/** The row order may depend on more than the query reads, so its hash is computed again. */
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
    // Written by render: any other content is ignored.
    return Array.isArray(entries) ? (entries as [string, readonly Entry[]][]) : [];
  } catch {
    return [];
  }
}
