import { AnalysisCache } from '../../src/analysis/analysis-cache.ts';
import { artefactOf, type PlanAction } from '../../src/core/plan/action.ts';
import { buildPlan } from '../../src/core/plan/build-plan.ts';
import { candidateFinder } from '../../src/core/plan/candidate-finder.ts';
import { type ArtefactKnowledge, fitOf } from '../../src/core/plan/usable.ts';
import type { InputRead, NodeAnalysis } from '../../src/core/plan/analysis.ts';
import type { NodeVersion } from '../../src/core/plan/changes/node-change.ts';
import { definitionHash } from '../../src/core/definition/nodes/definition-hash.ts';
import type { NodeId } from '../../src/core/definition/nodes/node.ts';
import { type Graph, queriesOf } from './graph.ts';
import { type Analysed, analyseModel, type ModelTools } from './model-project.ts';
import { type Oracle, plainSql, sameMultiset, sameSequence, type TableData } from './oracle.ts';

interface Artefact {
  readonly id: string;
  readonly node: string;
  readonly inputs: Readonly<Record<string, string>>;
  readonly data: TableData;
}

/** What an environment shows: an artefact for each node. */
export type State = ReadonlyMap<string, string>;

export interface Base {
  readonly versions: ReadonlyMap<NodeId, NodeVersion>;
  readonly state: State;
}

export interface Carried extends Base {
  readonly run: number;
  readonly reused: number;
  /** Nodes that ran although their data equals the base's. */
  readonly needless: number;
}

/** Store and execution in one DuckDB: carries out plans as apply does, and compares every reuse with a rebuild. */
export class ModelWorld {
  readonly #oracle: Oracle;
  readonly #tools: ModelTools;
  readonly #artefacts = new Map<string, Artefact>();
  readonly #names = new Map<string, string[]>();
  readonly #compared = new Map<string, boolean>();
  readonly #cache = new AnalysisCache(null);

  constructor(oracle: Oracle, tools: ModelTools) {
    this.#oracle = oracle;
    this.#tools = tools;
  }

  /** The analysis; with `twice`, checks that the cache makes no difference. */
  async analyse(graph: Graph, twice: boolean): Promise<Analysed> {
    const model = { sources: graph.sources, queries: queriesOf(graph) };
    const cached = await analyseModel(this.#tools, model, this.#cache);
    if (!twice) return cached;
    const anew = await analyseModel(this.#tools, model, new AnalysisCache(null));
    if (cached.refused.length === 0 && JSON.stringify([...cached.versions]) !== JSON.stringify([...anew.versions]))
      throw new Error('the cache remembers another analysis');
    return anew;
  }

  /** Plans a graph over a base and carries out the plan. Throws if a reused node differs from its rebuild. */
  async carryOut(graph: Graph, versions: ReadonlyMap<NodeId, NodeVersion>, base: Base | null): Promise<Carried> {
    const actions = this.plan(graph, versions, base);
    const state = new Map<string, string>(graph.sources.map(id => [id, id]));
    const tally = { run: 0, reused: 0, needless: 0 };
    const queries = queriesOf(graph);
    for (const action of actions) {
      const version = versions.get(action.id);
      const sql = queries[version?.node.name ?? ''];
      if (action.kind === 'remove' || !version || sql === undefined) continue;
      const served = await this.#serve(action, version, { state, base });
      if (served === null) {
        const made = await this.#build(version, plainSql(sql), state);
        tally.run++;
        const before = this.#artefacts.get(base?.state.get(action.id) ?? '');
        if (before && sameMultiset(before.data, made.data)) tally.needless++;
        state.set(action.id, made.id);
      } else {
        await this.#assertSame(served, version, plainSql(sql));
        tally.reused++;
        state.set(action.id, served.id);
      }
      await this.#show(action.id, state);
    }
    return { versions, state, ...tally };
  }

  plan(graph: Graph, versions: ReadonlyMap<NodeId, NodeVersion>, base: Base | null): readonly PlanAction[] {
    const pointed = pointedTo(base);
    return buildPlan({
      desired: [...versions.values()],
      entries: new Map([...versions].map(([id, { node }]) => [id, entryOf(node)])),
      base: pointed,
      upToDate: new Set(),
      sources: new Map(
        graph.sources.map(id => [id as NodeId, { kind: 'keep', artefact: id, identity: id, reason: 'kept' }]),
      ),
      shown: new Map([...pointed].map(([id, { node, artefact }]) => [id, { ...entryOf(node), artefact }])),
      known: this.#knowing((a, b, read) => this.#compared.get(comparison(a, b, read)) ?? null),
    });
  }

  async clear(): Promise<void> {
    await this.#oracle.run('DROP SCHEMA IF EXISTS art CASCADE; CREATE SCHEMA art');
  }

  #knowing(equal: ArtefactKnowledge['equal']): ArtefactKnowledge {
    return {
      named: fingerprint => [...new Set(this.#names.get(fingerprint) ?? [])],
      inputsOf: artefact => this.#artefacts.get(artefact)?.inputs ?? null,
      isWhole: () => true,
      equal,
    };
  }

  /** The rule of execution: an artefact is usable with the inputs that it was built from, or with equal ones. */
  async #serve(
    action: PlanAction,
    version: NodeVersion,
    { state, base }: { readonly state: State; readonly base: Base | null },
  ): Promise<Artefact | null> {
    if (action.kind === 'reuse') return this.#known(artefactOf(action) ?? '');
    const known = this.#knowing((a, b, read) => this.#isEqual(a, b, read));
    const around = { stateOf: (id: NodeId) => settled(state.get(id)), known };
    const find = candidateFinder({ base: pointedTo(base), upToDate: new Set(), shown: new Map() }, known);
    for (const candidate of find(action.id, version.analysis)) {
      if (fitOf(candidate, version.analysis.reads, around) !== 'unusable') return this.#known(candidate.artefact);
    }
    return null;
  }

  #isEqual(a: string, b: string, read: Omit<InputRead, 'input'>): boolean {
    const [before, now] = [this.#projected(a, read), this.#projected(b, read)];
    const same =
      before !== null && now !== null && (read.order ? sameSequence(before, now) : sameMultiset(before, now));
    this.#compared.set(comparison(a, b, read), same);
    return same;
  }

  /** The data of an artefact in the columns that are read; null if it lacks one. */
  #projected(id: string, read: Omit<InputRead, 'input'>): TableData | null {
    const { data } = this.#known(id);
    const names = data.columns.map(column => column.split(' ')[0] ?? '');
    const at = read.columns.map(name => names.indexOf(name));
    if (at.includes(-1)) return null;
    const pick = (cells: readonly unknown[]) => JSON.stringify(at.map(index => cells[index]));
    const rows = data.rows.map(row => pick(JSON.parse(row) as readonly unknown[]));
    return { columns: at.map(index => data.columns[index] ?? ''), rows };
  }

  #known(id: string): Artefact {
    const artefact = this.#artefacts.get(id);
    if (!artefact) throw new Error(`there is no artefact ${id}`);
    return artefact;
  }

  async #build({ node, analysis }: NodeVersion, sql: string, state: State): Promise<Artefact> {
    const id = `a${this.#artefacts.size}`;
    await this.#oracle.run(`CREATE TABLE art.${id} AS ${stored(analysis, sql)}`);
    const artefact: Artefact = {
      id,
      node: node.id,
      inputs: Object.fromEntries(analysis.reads.map(read => [read.input, state.get(read.input) ?? ''])),
      data: await this.#oracle.data(`art.${id}`),
    };
    this.#artefacts.set(id, artefact);
    this.#names.set(analysis.fingerprint, [...(this.#names.get(analysis.fingerprint) ?? []), id]);
    return artefact;
  }

  async #assertSame(served: Artefact, { node, analysis }: NodeVersion, sql: string): Promise<void> {
    const names = this.#names.get(analysis.fingerprint) ?? [];
    if (!names.includes(served.id)) this.#names.set(analysis.fingerprint, [...names, served.id]);
    const rebuilt = await this.#oracle.data(`(${stored(analysis, sql)})`);
    if (sameMultiset(served.data, rebuilt)) return;
    throw new Error(
      `${node.id} is reused, but would now be\n${JSON.stringify(rebuilt)}\nrather than\n${JSON.stringify(served.data)}`,
    );
  }

  async #show(id: string, state: State): Promise<void> {
    await this.#oracle.run(`CREATE OR REPLACE VIEW ${id} AS FROM art.${state.get(id)}`);
  }
}

const comparison = (a: string, b: string, read: Pick<InputRead, 'columns' | 'order'>): string =>
  JSON.stringify([...[a, b].sort(), read.columns, read.order]);

const settled = (artefact: string | undefined) =>
  artefact === undefined ? null : ({ kind: 'settled', artefact } as const);

const entryOf = ({ definition, file }: NodeVersion['node']) => ({ definition: definitionHash(definition), file });

const pointedTo = (base: Base | null): ReadonlyMap<NodeId, NodeVersion & { readonly artefact: string }> =>
  new Map(
    [...(base?.versions ?? [])].map(([id, version]) => [id, { ...version, artefact: base?.state.get(id) ?? '' }]),
  );

/** The query with its columns as they are stored. */
function stored(analysis: NodeAnalysis, sql: string): string {
  const columns = analysis.columns.map(({ name, type }) => `CAST("${name}" AS ${type}) AS "${name}"`);
  return `SELECT ${columns.join(', ')} FROM (${sql}\n)`;
}
