import fc from 'fast-check';
import { applyEnvironment } from '../../src/app/environments/apply-environment.ts';
import { planEnvironment } from '../../src/app/environments/plan-environment.ts';
import { previewPromotion, promote } from '../../src/app/environments/promote.ts';
import { rollBack } from '../../src/app/environments/rollback.ts';
import { planProduction, runProduction, type RunProductionOptions } from '../../src/app/production/run-production.ts';
import { parseEnvironmentName } from '../../src/core/environment/environment-name.ts';
import type { PlanDocument } from '../../src/core/documents/plan-document.ts';
import type { RunDocument } from '../../src/core/documents/run-document.ts';
import { ToolError } from '../../src/diagnostics/tool-error.ts';
import type { Generation } from '../../src/core/state/generation.ts';
import { openStore } from '../../src/store/store-reader.ts';
import { LiveProject } from './live-project.ts';

/** Versions of each file; a story starts with the first. */
const DATA: Readonly<Record<string, readonly string[]>> = {
  orders: [
    'id,v,w\n1,5,1\n2,7,2\n',
    'id,v,w\n1,5,1\n2,7,2\n3,100,3\n',
    'id,v,w\n1,6,1\n2,6,2\n',
    'id,v,w\n2,7,2\n1,5,1\n',
    'id,v,w\n1,5,9\n2,7,9\n',
  ],
  rates: ['id,r\n1,2\n2,3\n', 'id,r\n1,2\n2,4\n', 'id,r\n"1","2"\n"2","3"\n'],
};

const QUERIES: Readonly<Record<string, readonly string[]>> = {
  clean: [
    "SELECT id, v FROM ref('source.orders') WHERE id > 0",
    "SELECT id, v FROM ref('source.orders') WHERE id > 1",
    "SELECT id, v * 2 AS v FROM ref('source.orders') WHERE id > 0",
    "SELECT o.id, o.v AS v FROM ref('source.orders') AS o WHERE o.id > 0",
    "SELECT id, v, w FROM ref('source.orders') WHERE id > 0",
  ],
  rated: [
    "SELECT c.id, c.v * r.r AS x FROM ref('transform.clean') c JOIN ref('source.rates') r USING (id)",
    "SELECT c.id, c.v + r.r AS x FROM ref('transform.clean') c JOIN ref('source.rates') r USING (id)",
  ],
  total: [
    "SELECT sum(x) AS x FROM ref('transform.rated')",
    "SELECT sum(x) AS x, '{{ today }}' AS d FROM ref('transform.rated')",
    "SELECT sum(x) + {{ extra }} AS x FROM ref('transform.rated')",
  ],
  keys: ["SELECT id FROM ref('transform.clean')", "SELECT DISTINCT id FROM ref('transform.clean')"],
  limited: ["SELECT id, '{{ env:SPOT|here }}' AS spot FROM ref('transform.keys') WHERE id < {{ extra }}"],
  copy: ["SELECT * FROM ref('transform.total')"],
};

const TAGGED = new Set(['clean', 'keys']);
const DATES = ['2024-01-01', '2024-01-02'];

/** One step: an action, and numbers that choose its details. */
type Step = readonly [kind: number, a: number, b: number];
export type MovesStory = readonly Step[];

export const movesStory = ({ steps }: { readonly steps: number }): fc.Arbitrary<MovesStory> =>
  fc.array(fc.tuple(fc.nat(99), fc.nat(999), fc.nat(999)), { minLength: 3, maxLength: steps, size: 'max' });

/**
 * Compares what plans say with what applying does, over random sequences of edits, data, selections, rollbacks and
 * environments. The rule: with `changed: false`, applying creates no generation. With `changed: true`, it creates one,
 * unless a node to verify or a source to read turns out unchanged. A plan with neither is exact: the nodes that it moves
 * are those that change, and the nodes that it runs are those that execute, except for nodes that are cut off because a
 * rebuilt input turned out equal.
 */
export class MovesCheck {
  plans = 0;
  changed = 0;
  exact = 0;
  /** Plans in which a node moves although nothing runs. */
  idle = 0;

  async check(story: MovesStory): Promise<void> {
    const scene = new Scene();
    try {
      // One story in five starts without production.
      if ((story[0]?.[1] ?? 0) % 5 !== 4) await this.#run(scene, 0, 0);
      for (const step of story) await this.#take(scene, step);
    } catch (error) {
      const message = error instanceof Error ? (error.stack ?? error.message) : String(error);
      throw new Error(`${message}\n${scene.log.join('\n')}`, { cause: error });
    } finally {
      scene.project.remove();
    }
  }

  async #take(scene: Scene, [kind, a, b]: Step): Promise<void> {
    if (kind < 45) return scene.edit(kind, a, b);
    if (kind < 75) return this.#run(scene, a, b);
    if (kind < 88) return this.#environment(scene, a, b);
    if (kind < 94) return this.#promote(scene, a);
    await scene.rollBack(a % 2 === 0 ? null : 'dev', b);
  }

  async #run({ project, log }: Scene, a: number, b: number): Promise<void> {
    const selections = [{}, {}, {}, { types: ['source'] }, { nodes: ['rated'] }, { tags: ['core'] }, { full: true }];
    const options: RunProductionOptions = {
      date: DATES[a % 2] ?? '',
      params: [`extra=${1 + (a % 3)}`],
      allowRevert: true,
      ...selections[b % selections.length],
    };
    log.push(`run ${JSON.stringify(options)}`);
    await allowing(['bad-selection', 'invalid-project', 'no-match'], async () => {
      const before = openStore(project.root).current(null);
      const plan = await planProduction(project.world, options);
      const { result: dry } = await runProduction(project.world, { ...options, dryRun: true });
      const { result } = await runProduction(project.world, options);
      const after = openStore(project.root).current(null);
      this.#compare(plan, { dry, result, before, after });
      if (Object.keys(selections[b % selections.length] ?? {}).length > 0) return;
      const again = await planProduction(project.world, options);
      if (again.changed) throw new Error(`changes after a run: ${describe(again)}`);
    });
  }

  async #environment({ project, log }: Scene, a: number, b: number): Promise<void> {
    const environment = parseEnvironmentName(a % 5 === 0 ? 'other' : 'dev');
    const flags = [{}, {}, { refresh: true }, { date: DATES[a % 2] ?? '' }][b % 4];
    const options = { environment, params: a % 7 === 0 ? ['extra=2'] : [], ...flags };
    log.push(`env plan and apply ${JSON.stringify(options)}`);
    await allowing(['invalid-project'], async () => {
      const before = shownBy(project, environment);
      const { document } = await planEnvironment(project.world, options);
      if (a % 3 === 0) return;
      const dry = await applyEnvironment(project.world, { environment, dryRun: true });
      const result = await applyEnvironment(project.world, { environment });
      this.#compare(document, { dry, result, before, after: shownBy(project, environment) });
      const { document: again } = await planEnvironment(project.world, options);
      if (again.changed) throw new Error(`changes after an apply: ${describe(again)}`);
    });
  }

  async #promote({ project, log }: Scene, a: number): Promise<void> {
    const options = { environment: a % 5 === 0 ? 'other' : 'dev', allowRevert: true, rebase: a % 2 === 0 };
    log.push(`promote ${JSON.stringify(options)}`);
    await allowing(['not-applied', 'conflict', 'moved-on', 'environment-not-found', 'rebase-failed'], async () => {
      const before = openStore(project.root).current(null);
      const { result: dry } = await previewPromotion(project.world, options);
      const { result } = await promote(project.world, options);
      const after = openStore(project.root).current(null);
      assertTold(result, { before, after });
      // A node that a rebase rebuilds may turn out equal to production's.
      if (!options.rebase && JSON.stringify(told(dry)) !== JSON.stringify(told(result)))
        throw new Error(`promoted otherwise than previewed: ${JSON.stringify([told(dry), told(result)])}`);
    });
  }

  #compare(plan: PlanDocument, { dry, result, before, after }: Outcome): void {
    this.plans++;
    if (plan.changed) this.changed++;
    assertTold(result, { before, after });
    assertDry(plan, dry);
    const open = plan.nodes.some(node => node.verify || (node.action === 'run' && node.id.startsWith('source.')));
    const made = result.serial !== null;
    if (made ? !plan.changed : plan.changed && !open) throw new Error(`${describe(plan)} but serial ${result.serial}`);
    if (open) return;
    this.exact++;
    const moving = plan.nodes.filter(node => node.moves).map(node => node.id);
    const running = plan.nodes.filter(node => node.action === 'run').map(node => node.id);
    if (moving.length > 0 && running.length === 0) this.idle++;
    const changed = result.nodes.filter(node => node.changed).map(node => node.id);
    const executed = result.nodes.filter(node => node.status === 'executed').map(node => node.id);
    const cut = result.nodes.filter(node => node.status === 'cut_off').map(node => node.id);
    if (cut.length > 0 && executed.length === 0) throw new Error(`cut off without any run: ${cut.join(', ')}`);
    assertSame(
      'moves',
      moving.filter(id => changed.includes(id) || !cut.includes(id)),
      changed,
    );
    assertSame(
      'runs',
      running.filter(id => !cut.includes(id)),
      executed,
    );
  }
}

interface Outcome {
  readonly dry: RunDocument;
  readonly result: RunDocument;
  readonly before: Generation | null;
  readonly after: Generation | null;
}

/** Checks that a result names exactly the nodes that differ between two generations. */
function assertTold(result: RunDocument, { before, after }: Pick<Outcome, 'before' | 'after'>): void {
  if (result.status === 'failed') throw new Error(`failed: ${JSON.stringify(result.nodes)}`);
  const [old, now] = [entriesOf(before), entriesOf(after)];
  const differing = [...new Set([...old.keys(), ...now.keys()])].filter(id => old.get(id) !== now.get(id));
  assertSame(
    'changed',
    differing,
    result.nodes.filter(node => node.changed).map(node => node.id),
  );
  const quiet = result.nodes.every(node => !node.changed && node.status !== 'executed' && node.status !== 'promoted');
  if (result.status === 'nothing_to_do' && (!quiet || result.serial !== null))
    throw new Error(`nothing to do, but ${JSON.stringify(result)}`);
}

const entriesOf = (generation: Generation | null): ReadonlyMap<string, string> =>
  new Map((generation?.nodes ?? []).map(node => [node.id, `${node.artefact} ${node.definition} ${node.file}`]));

function assertDry(plan: PlanDocument, dry: RunDocument): void {
  const status = { run: 'executed', reuse: 'reused', remove: 'removed' } as const;
  const expected = plan.nodes.map(node => [node.id, status[node.action], node.moves]);
  const found = dry.nodes.map(node => [node.id, node.status, node.changed]);
  if (JSON.stringify(expected) !== JSON.stringify(found))
    throw new Error(`dry run: ${JSON.stringify([expected, found])}`);
  if (dry.dry_run !== true || dry.serial !== null || (dry.status === 'nothing_to_do') === plan.changed)
    throw new Error(`dry run of ${plan.changed}: ${dry.status}`);
}

const told = ({ status, nodes }: RunDocument) => [status, nodes.map(node => [node.id, node.changed]).sort()];

function assertSame(what: string, expected: readonly string[], found: readonly string[]): void {
  const [a, b] = [[...expected].sort().join(', '), [...found].sort().join(', ')];
  if (a !== b) throw new Error(`${what}: expected '${a}', found '${b}'`);
}

const describe = (plan: PlanDocument): string =>
  JSON.stringify({
    changed: plan.changed,
    nodes: plan.nodes.map(({ id, change, action, verify, moves, reason }) => [
      id,
      change,
      action,
      verify,
      moves,
      reason,
    ]),
  });

function shownBy(project: LiveProject, environment: string): Generation | null {
  const store = openStore(project.root);
  return store.current(parseEnvironmentName(environment)) ?? store.current(null);
}

/** A refusal by a use case ends the step, and changes nothing that is checked here. */
async function allowing(codes: readonly string[], work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (!(error instanceof ToolError) || !codes.includes(error.code)) throw error;
  }
}

/** A project on disk that random steps change. */
class Scene {
  readonly project = new LiveProject();
  readonly log: string[] = [];
  readonly #chosen = new Map<string, number>();
  readonly #described = new Set<string>();
  readonly #gone = new Set<string>();
  readonly #folders = new Map<string, string>();

  constructor() {
    for (const name of Object.keys(DATA)) this.#setData(name, 0);
    for (const name of Object.keys(QUERIES)) this.#writeQuery(name);
  }

  edit(kind: number, a: number, b: number): void {
    const names = Object.keys(QUERIES);
    const name = names[a % names.length] ?? '';
    if (kind < 18) {
      const sources = Object.keys(DATA);
      return this.#setData(sources[a % sources.length] ?? '', b);
    }
    if (kind < 34) this.#chosen.set(name, b);
    else if (kind < 37) toggle(this.#described, name);
    else if (kind < 40) toggle(this.#gone, b % 2 === 0 ? 'copy' : 'limited');
    else if (kind < 42) this.#move(name, b % 2 === 0 ? 'seeknal' : 'seeknal/moved');
    else this.project.variables['SPOT'] = `spot${b % 2}`;
    this.log.push(`${name}: query ${b}, described ${[...this.#described].join()}, gone ${[...this.#gone].join()}`);
    for (const each of names) this.#writeQuery(each);
  }

  async rollBack(environment: string | null, b: number): Promise<void> {
    const store = openStore(this.project.root);
    const serials = store.serials(environment === null ? null : parseEnvironmentName(environment));
    const to = b % 2 === 0 ? undefined : serials[b % Math.max(1, serials.length)];
    this.log.push(`rollback of ${environment} to ${to}`);
    await allowing(['no-earlier-generation', 'environment-not-found'], async () => {
      await rollBack(this.project.world, {
        ...(environment === null ? {} : { environment }),
        ...(to === undefined ? {} : { to }),
      });
    });
  }

  #setData(name: string, choice: number): void {
    const versions = DATA[name] ?? [];
    this.log.push(`${name}: data ${choice % versions.length}`);
    this.project.write(`data/${name}.csv`, versions[choice % versions.length] ?? '');
    this.project.write(`seeknal/${name}.yml`, `kind: source\nname: ${name}\nsource: csv\ntable: data/${name}.csv\n`);
  }

  #move(name: string, folder: string): void {
    this.project.delete(this.#pathOf(name));
    this.#folders.set(name, folder);
  }

  #pathOf(name: string): string {
    return `${this.#folders.get(name) ?? 'seeknal'}/${name}.yml`;
  }

  #writeQuery(name: string): void {
    if (this.#gone.has(name)) return this.project.delete(this.#pathOf(name));
    const versions = QUERIES[name] ?? [];
    const sql = versions[(this.#chosen.get(name) ?? 0) % versions.length] ?? '';
    const inputs = [...new Set([...sql.matchAll(/ref\('([^']+)'\)/g)].map(match => match[1]))];
    this.project.write(
      this.#pathOf(name),
      [
        'kind: transform',
        `name: ${name}`,
        ...(this.#described.has(name) ? ['description: words'] : []),
        ...(TAGGED.has(name) ? ['tags: [core]'] : []),
        'params: { extra: 3 }',
        'inputs:',
        ...inputs.map(id => `  - ref: ${id}`),
        `transform: ${JSON.stringify(sql)}`,
        '',
      ].join('\n'),
    );
  }
}

function toggle(set: Set<string>, name: string): void {
  if (!set.delete(name)) set.add(name);
}
