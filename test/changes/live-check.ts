import { cpSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ToolError } from '../../src/diagnostics/tool-error.ts';
import { type Graph, queriesOf, renderGraph } from './graph.ts';
import { LiveProject } from './live-project.ts';
import { graphsOf, type Story } from './model-check.ts';
import { Oracle, plainSql, quoteText, sameMultiset, type TableData } from './oracle.ts';
import type { Pool } from './random-graph.ts';
import { fillPool, type SourceTable } from './source-pool.ts';

/** Plays stories in whole projects on disk: run, then plan, apply and promote in each round. */
export class LiveCheck {
  applied = 0;
  reused = 0;
  readonly #oracle: Oracle;
  readonly #folder: string;
  readonly #tables: readonly SourceTable[];
  readonly #pool: Pool;

  private constructor(
    oracle: Oracle,
    folder: string,
    filled: { readonly tables: readonly SourceTable[]; readonly pool: Pool },
  ) {
    this.#oracle = oracle;
    this.#folder = folder;
    this.#tables = filled.tables;
    this.#pool = filled.pool;
  }

  static async open(seed: number): Promise<LiveCheck> {
    const oracle = await Oracle.open();
    const filled = await fillPool(oracle, seed);
    const folder = mkdtempSync(join(tmpdir(), 'seeknal-pool-'));
    for (const { id, name } of filled.tables)
      await oracle.run(`COPY ${id} TO ${quoteText(join(folder, `${name}.parquet`))} (FORMAT parquet)`);
    return new LiveCheck(oracle, folder, filled);
  }

  close(): void {
    rmSync(this.#folder, { recursive: true, force: true });
    this.#oracle.close();
  }

  async check(story: Story): Promise<void> {
    const graphs = graphsOf(story, this.#pool);
    const project = this.#projectOf(graphs[0]);
    try {
      await this.#follow(project, graphs);
    } catch (error) {
      const message = error instanceof Error ? (error.stack ?? error.message) : String(error);
      throw new Error(`${message}\n${graphs.map(renderGraph).join('\n--\n')}`, { cause: error });
    } finally {
      await this.#oracle.forgetTransforms();
      project.remove();
    }
  }

  #projectOf(graph: Graph | undefined): LiveProject {
    const project = new LiveProject();
    mkdirSync(join(project.root, 'data'));
    for (const { id, name } of this.#tables) {
      if (graph?.sources.includes(id) !== true) continue;
      cpSync(join(this.#folder, `${name}.parquet`), join(project.root, `data/${name}.parquet`));
      project.addSource(name, `data/${name}.parquet`);
    }
    return project;
  }

  async #follow(project: LiveProject, graphs: readonly Graph[]): Promise<void> {
    const [first, ...rounds] = graphs;
    if (!first || !(await this.#accepted(project, first, () => project.run()))) return;
    if (project.held(null).size === 0) return;
    for (const graph of rounds) {
      if (!(await this.#accepted(project, graph, () => project.plan('dev')))) continue;
      const result = await project.apply('dev');
      if (result.status === 'failed') return;
      this.applied++;
      this.reused += result.nodes.filter(node => node.status === 'reused').length;
      await this.#assertFresh(project, graph);
      await project.promote('dev', { allowRevert: true });
      const run = await project.run();
      if (run.status !== 'nothing_to_do') throw new Error(`run after promote: ${JSON.stringify(run.nodes)}`);
    }
  }

  /** False if the project is refused; then DuckDB must refuse one of its queries too. */
  async #accepted(project: LiveProject, graph: Graph, work: () => Promise<unknown>): Promise<boolean> {
    project.setTransforms(queriesOf(graph));
    try {
      await work();
      return true;
    } catch (error) {
      if (!(error instanceof ToolError) || error.code !== 'invalid-project') throw error;
      if (await this.#binds(graph)) throw new Error('a project whose queries all bind is refused', { cause: error });
      return false;
    }
  }

  async #binds(graph: Graph): Promise<boolean> {
    try {
      for (const [name, sql] of Object.entries(queriesOf(graph))) await this.#oracle.build(name, plainSql(sql));
      return true;
    } catch {
      return false;
    } finally {
      await this.#oracle.forgetTransforms();
    }
  }

  /**
   * Checks that every node holds the result of its query over the environment's inputs, or as many rows with the same
   * columns if DuckDB may answer the query in several ways. Also compares with a fresh project if nothing depends on the
   * row order.
   */
  async #assertFresh(project: LiveProject, graph: Graph): Promise<void> {
    const held = project.held('dev');
    const loose = new Set<string>();
    for (const [name, sql] of Object.entries(queriesOf(graph))) {
      const id = `transform.${name}`;
      const found = await this.#oracle.file(held.get(id)?.path ?? '');
      if (isLoose(sql) || [...loose].some(other => sql.includes(`${other} `))) loose.add(id);
      else if (!sameMultiset(found, await this.#oracle.build(name, plainSql(sql))))
        throw new Error(`${id} is not as in a fresh project`);
    }
    await this.#oracle.forgetTransforms();
    for (const [id, { path }] of held) if (id.startsWith('transform.')) await this.#oracle.show(id, path);
    for (const [name, sql] of Object.entries(queriesOf(graph))) {
      const id = `transform.${name}`;
      const rebuilt = await this.#oracle.query(plainSql(sql));
      const found = await this.#oracle.file(held.get(id)?.path ?? '');
      if (!(isOpen(sql) ? sameSize(found, rebuilt) : sameMultiset(found, rebuilt)))
        throw new Error(`${id} is not what its query gives`);
    }
    await this.#oracle.forgetTransforms();
  }
}

/** Whether the result of a query depends on the order of its input. */
const isLoose = (sql: string): boolean =>
  /string_agg|\bfirst\(|row_number\(\) OVER \(ORDER|(?<!ORDER BY ALL) LIMIT/.test(sql);

/** Whether the result of a query depends on the timing of threads, so that every run may differ. */
const isOpen = (sql: string): boolean =>
  isLoose(sql) && (/UNION|EXCEPT|INTERSECT|JOIN/.test(sql) || /(GROUP BY|DISTINCT).* LIMIT/.test(sql));

const sameSize = (a: TableData, b: TableData): boolean =>
  a.rows.length === b.rows.length && a.columns.join() === b.columns.join();
