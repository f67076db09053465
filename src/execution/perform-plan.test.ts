import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { deserialize, serialize } from 'node:v8';
import { afterEach, expect, it } from 'vitest';
import { runProduction } from '../app/production/run-production.ts';
import { type Tools, withTools } from '../app/with-tools.ts';
import type { Plan } from '../core/plan/plan.ts';
import type { World } from '../core/world.ts';
import { makePlan } from '../planning/make-plan.ts';
import { freshParameters } from '../project/parameters/given-parameters.ts';
import { readValidProject } from '../project/resolved-project.ts';
import { writeStore } from '../project/write-store.ts';
import type { StoreWriter } from '../store/store-writer.ts';
import { performPlan } from './perform-plan.ts';

const folders: string[] = [];
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

function emptyFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'seeknal-plan-'));
  folders.push(folder);
  return folder;
}

const worldOf = (root: string): World => ({
  cwd: root,
  home: join(root, 'no-home'),
  variables: { SEEKNAL_AUTHOR: 'ana' },
  now: () => new Date('2026-03-01T10:00:00Z'),
  signal: new AbortController().signal,
  emit: () => undefined,
});

function write(root: string, files: Readonly<Record<string, string>>): void {
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  }
}

const transform = (input: string, name: string, sql: string) => ({
  [`seeknal/${name}.yml`]: `kind: transform\nname: ${name}\ninputs: [{ ref: ${input} }]\ntransform: ${sql}\n`,
});

const BEFORE = {
  'seeknal_project.yml': 'name: plan\n',
  'seeknal/kept.yml': 'kind: source\nname: kept\nsource: csv\ntable: data/kept.csv\n',
  'seeknal/grown.yml': 'kind: source\nname: grown\nsource: csv\ntable: data/grown.csv\n',
  'data/kept.csv': 'id,name\n1,a\n2,b\n',
  'data/grown.csv': 'id,kind,n\n1,x,5\n2,y,7\n',
  ...transform('source.kept', 'names', 'SELECT id, name FROM source.kept'),
  ...transform('transform.names', 'count', 'SELECT count(*) AS n FROM transform.names'),
  ...transform('source.grown', 'totals', 'SELECT sum(n) AS n FROM source.grown'),
  ...transform('source.grown', 'wide', 'PIVOT source.grown ON kind USING sum(n) GROUP BY id'),
  ...transform('transform.wide', 'copy', 'SELECT * FROM transform.wide'),
  ...transform('source.kept', 'gone', 'SELECT id FROM source.kept'),
};

/** Covers a source to read, a query to run, one to verify, one whose columns depend on data, and a removed one. */
const EDIT = {
  'data/grown.csv': 'id,kind,n\n1,x,5\n2,y,7\n3,z,9\n',
  ...transform('source.kept', 'names', 'SELECT id, name, 1 AS one FROM source.kept'),
};

async function editedProject(): Promise<string> {
  const root = emptyFolder();
  write(root, BEFORE);
  await runProduction(worldOf(root), {});
  write(root, EDIT);
  rmSync(join(root, 'seeknal/gone.yml'));
  return root;
}

function inTools<T>(root: string, work: (tools: Tools & { readonly writer: StoreWriter }) => Promise<T>): Promise<T> {
  const world = worldOf(root);
  const { project } = readValidProject(root, () => freshParameters(world, {}), world);
  return writeStore({ world, root, options: {}, command: 'test' }, writer =>
    withTools({ world, root, store: writer, settings: project.settings }, tools => work({ ...tools, writer })),
  );
}

const planOf = (root: string): Promise<Plan> =>
  inTools(root, tools => {
    const { nodes } = readValidProject(root, () => freshParameters(worldOf(root), {}), worldOf(root));
    return makePlan({ base: tools.state.current(null), nodes, pinSources: false }, tools);
  });

/** The result of each node; artefacts by content, because new artefacts have random ids. */
const resultsOf = (root: string, plan: Plan) =>
  inTools(root, async tools => {
    const options = { continueOnError: false, retry: 0, workers: 1 };
    const { results, failed } = await performPlan(plan, options, tools);
    expect(failed).toBe(false);
    return results.map(result => {
      if (!('artefact' in result)) return result;
      const { artefact, seconds: _, ...said } = result;
      return { ...said, columns: artefact.columns, rows: artefact.rows, identity: artefact.identity };
    });
  });

it('a serialised plan gives the same results as the original', async () => {
  const root = await editedProject();
  const plan = await planOf(root);
  expect(plan.actions.map(({ kind, id }) => `${kind} ${id}`)).toEqual([
    'read-source source.grown',
    'reuse source.kept',
    'execute transform.names',
    'execute transform.totals',
    'execute transform.wide',
    'execute transform.copy',
    'verify-then-reuse transform.count',
    'remove transform.gone',
  ]);
  // The copy has the type of the serialised value.
  const copy = deserialize(serialize(plan)) as Plan;
  const twin = emptyFolder();
  cpSync(root, twin, { recursive: true, preserveTimestamps: true });
  const results = await resultsOf(root, plan);
  expect(results.map(({ id, status }) => `${status} ${id}`)).toEqual([
    'executed source.grown',
    'reused source.kept',
    'executed transform.names',
    'executed transform.totals',
    'executed transform.wide',
    'executed transform.copy',
    'reused transform.count',
  ]);
  expect(await resultsOf(twin, copy)).toEqual(results);
});

it('a plan holds plain data only', async () => {
  const plan = await planOf(await editedProject());
  expect(notData(plan)).toEqual([]);
  expect(deserialize(serialize(plan))).toEqual(plan);
});

it('a plan with unreadable and refused sources holds plain data only', async () => {
  const root = await editedProject();
  rmSync(join(root, 'data/kept.csv'));
  write(root, { 'data/grown.csv': 'id,kind,m\n1,x,5\n' });
  const plan = await planOf(root);
  expect([...plan.unreadable.keys()]).toEqual(['source.kept']);
  expect([...plan.readings.values()].map(({ refusal }) => refusal?.code)).toEqual(['schema-changed']);
  expect(notData(plan)).toEqual([]);
  expect(deserialize(serialize(plan))).toEqual(plan);
});

it('the check finds values that are not plain data', () => {
  const wrong = { a: [() => 1], b: new Map([['c', new Date(0)]]), d: { e: 1, f: null, g: undefined } };
  expect(notData(wrong)).toEqual(['a.0: function', 'b.c: Date']);
});

/** Paths of all functions, and of all class instances other than maps and sets. */
function notData(value: unknown, path: readonly string[] = []): readonly string[] {
  if (typeof value === 'function' || typeof value === 'symbol') return [`${path.join('.')}: ${typeof value}`];
  if (typeof value !== 'object' || value === null) return [];
  const inside = (entries: Iterable<readonly [unknown, unknown]>) =>
    [...entries].flatMap(([key, item]) => notData(item, [...path, String(key)]));
  if (value instanceof Map || value instanceof Set) return inside(value.entries());
  if (Array.isArray(value) || Object.getPrototypeOf(value) === Object.prototype) return inside(Object.entries(value));
  return [`${path.join('.')}: ${value.constructor.name}`];
}
