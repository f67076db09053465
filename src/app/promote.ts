import type { RunDocument } from '../core/documents.ts';
import { type EnvironmentName, parseEnvironmentName } from '../core/environment/environment-name.ts';
import type { NodeId } from '../core/project/node.ts';
import { ToolError } from '../diagnostics/tool-error.ts';
import { pinProfile } from '../profiles/discover-profile.ts';
import type { Generation, GenerationNode } from '../store/records.ts';
import { openStore, type StoreReader } from '../store/store-reader.ts';
import type { StoreWriter } from '../store/store-writer.ts';
import { authorOf } from './author.ts';
import { loadProject } from './load-project.ts';
import { mergeInto, previewMerge } from './merge-promotion.ts';
import { announce } from './plan-environment.ts';
import { adoptPlan, parsePlanFile, renderPlan, type SavedPlan } from './plan-record.ts';
import { findProjectRoot } from './project-root.ts';
import { promotionDocument } from './promotion-document.ts';
import type { Route } from './promotion-route.ts';
import { rebase } from './rebase.ts';
import { assertEnvironmentExists, plannedDefinitions } from './saved-plan.ts';
import { describeTakenBack, findTakenBack, takesBack } from './taken-back.ts';
import { type Workbench, withWorkbench } from './workbench.ts';
import type { CommonOptions, World } from './world.ts';
import { writeStore } from './write-store.ts';

export interface PromoteOptions extends CommonOptions {
  readonly environment: string;
  /** Another environment; production unless given. */
  readonly to?: string;
  readonly profile?: string;
  /** Applies the environment's definitions on top of today's production first. */
  readonly rebase?: boolean;
  /** Lets the promotion undo what a promotion or rollback brought. */
  readonly allowRevert?: boolean;
  /** Asked before anything is taken back, where somebody can be asked; false refuses. */
  confirmRevert?(what: string): Promise<boolean>;
}

export interface Promotion {
  readonly result: RunDocument;
  /** Files of the target's view that come, change or go, from the project root. */
  readonly files: readonly string[];
}

interface Promoting {
  readonly world: World;
  readonly root: string;
  readonly options: PromoteOptions;
  readonly from: EnvironmentName;
  readonly to: EnvironmentName | null;
}

/** What a promotion would change; writes nothing, and refuses what the promotion would refuse. */
export async function previewPromotion(world: World, options: PromoteOptions): Promise<Promotion> {
  const promoting = start(world, options);
  const store = openStore(promoting.root);
  const route = openRoute(store, promoting);
  if (route === null) return { result: { ...nothingToPromote(promoting.to), dry_run: true }, files: [] };
  const nodes = isUnmoved(route)
    ? route.applied.nodes
    : await inBench(promoting, store, bench => previewMerge(bench, route, options.rebase === true));
  return previewOf(store, promoting, route, nodes);
}

/** Makes what was applied in an environment the target's next generation: whole, in one switch. */
export async function promote(world: World, options: PromoteOptions): Promise<Promotion> {
  const promoting = start(world, options);
  const { root, from } = promoting;
  assertEnvironmentExists(openStore(root), from);
  return writeStore({ ...promoting, command: `env promote ${from}` }, async writer => {
    let route = openRoute(writer, promoting);
    if (route !== null && options.rebase === true && !isUnmoved(route)) {
      await rebaseFirst(promoting, writer, route);
      route = openRoute(writer, promoting);
    }
    return route === null ? settleNothing(promoting, writer) : carryOut(promoting, writer, route);
  });
}

function start(world: World, options: PromoteOptions): Promoting {
  const from = parseEnvironmentName(options.environment);
  const to =
    options.to === undefined || options.to === 'production' || options.to === 'prod'
      ? null
      : parseEnvironmentName(options.to);
  if (from === to) throw new ToolError('bad-option', `'${from}' cannot be promoted to itself.`);
  if (to !== null && options.rebase === true) {
    throw new ToolError('bad-option', '--rebase is for production: an environment is planned again instead.');
  }
  return { world, root: findProjectRoot(world, options), options, from, to };
}

/** Throws what refuses a promotion before anything is compared; null where there is nothing of its own. */
function openRoute(store: StoreReader, promoting: Promoting): Route | null {
  const { from, to, world, root, options } = promoting;
  assertEnvironmentExists(store, from);
  if (to === null)
    announce(world, pinProfile({ root, home: world.home, environment: null, explicit: options.profile ?? null }));
  else store.assertNameFree(to);
  const own = appliedGeneration(store, from);
  if (own === null) return null;
  const target = to === null || ownsGeneration(store, to) ? store.current(to) : null;
  return { from, to, ...own, target, base: baseGeneration(store, own.applied, from) };
}

/** The target is still what the environment was planned from: what was applied is whole as it is. */
const isUnmoved = ({ to, target, base }: Route): boolean =>
  target === null || (to === null && target.serial === base?.serial);

const ownsGeneration = (store: StoreReader, environment: EnvironmentName): boolean =>
  store.environmentConfig(environment)?.status === 'applied';

/** The generation that may be promoted; null where there is nothing of its own. Throws where it was never applied. */
function appliedGeneration(store: StoreReader, environment: EnvironmentName): Pick<Route, 'applied' | 'plan'> | null {
  const status = store.environmentConfig(environment)?.status;
  if (status === 'promoted') return null;
  const applied = store.current(environment);
  const plan = parsePlanFile(store.planText(environment));
  if (status === 'applied' && applied && plan && applied.plan === plan.fingerprint) return { applied, plan };
  const why =
    status === 'failed'
      ? 'Its last apply failed'
      : applied
        ? 'Its plan changed since it was applied'
        : 'It was only planned';
  throw new ToolError('not-applied', `Environment '${environment}' has not been applied.`, {
    hint: `${why}. Run 'seeknal env apply ${environment}' first.`,
  });
}

function baseGeneration(store: StoreReader, applied: Generation, from: EnvironmentName): Generation | null {
  if (applied.base === null) return null;
  const base = applied.base.lineage === store.lineage ? store.generation(null, applied.base.serial) : null;
  if (base) return base;
  throw new ToolError('moved-on', `The base of '${from}' is not in this store: production moved on.`, {
    hint: `Run 'seeknal env plan ${from}' and apply it again.`,
  });
}

async function inBench<T>(
  { world, root }: Promoting,
  store: StoreReader,
  work: (bench: Workbench) => Promise<T>,
): Promise<T> {
  const { settings } = loadProject(root).project;
  return withWorkbench({ world, root, store, settings }, work);
}

async function rebaseFirst(promoting: Promoting, writer: StoreWriter, route: Route): Promise<void> {
  const { world, root } = promoting;
  const by = await authorOf(world, root);
  await inBench(promoting, writer, bench => rebase(bench, writer, { route, by }));
}

async function previewOf(
  store: StoreReader,
  promoting: Promoting,
  route: Route,
  nodes: readonly GenerationNode[],
): Promise<Promotion> {
  const { to } = promoting;
  const compared = compareWithTarget(route, nodes);
  if (isNothing(route, compared)) return { result: { ...nothingToPromote(to), dry_run: true }, files: [] };
  if (to === null) await assertRevertAllowed(promoting, store, nodes);
  await assertWhole(promoting, store, compared.changed);
  return {
    result: { ...promotionDocument(store, to, { nodes, ...compared }), dry_run: true },
    files: filesOf(store, route, compared),
  };
}

async function carryOut(promoting: Promoting, writer: StoreWriter, route: Route): Promise<Promotion> {
  const { world, root, from, to } = promoting;
  const nodes = isUnmoved(route)
    ? route.applied.nodes
    : await inBench(promoting, writer, bench => mergeInto(bench, writer, route));
  const compared = compareWithTarget(route, nodes);
  if (isNothing(route, compared)) return settleNothing(promoting, writer);
  if (to === null) await assertRevertAllowed(promoting, writer, nodes);
  await assertWhole(promoting, writer, compared.changed);
  const at = world.now().toISOString();
  const plan = to === null ? route.plan : adoptPlan(route.plan, to, plannedDefinitions(writer, route.plan));
  const serial = await writer.switchTo(to, {
    cause: 'promote',
    from,
    base: to === null && route.base ? { lineage: writer.lineage ?? '', serial: route.base.serial } : route.applied.base,
    by: await authorOf(world, root),
    at,
    plan: plan.fingerprint,
    parameters: route.applied.parameters,
    nodes: promotedNodes(route, { nodes, changed: compared.changed, at }),
  });
  if (to === null) await writer.followProduction(from, world.now());
  else await writePlanOf(promoting, writer, plan);
  const result = promotionDocument(writer, to, { nodes, ...compared });
  return { result: { ...result, serial }, files: filesOf(writer, route, compared) };
}

async function assertRevertAllowed(
  { options }: Promoting,
  store: StoreReader,
  nodes: readonly GenerationNode[],
): Promise<void> {
  const found = findTakenBack(store, definitionsOf(nodes));
  if (found.length === 0 || options.allowRevert === true) return;
  const what = describeTakenBack(found);
  if ((await options.confirmRevert?.(what)) !== true) throw takesBack(what);
}

/** Nothing of its own, or nothing that production has not: the environment follows production all the same. */
async function settleNothing({ world, from, to }: Promoting, writer: StoreWriter): Promise<Promotion> {
  if (to === null && writer.environmentConfig(from)?.status === 'applied')
    await writer.followProduction(from, world.now());
  return { result: nothingToPromote(to), files: [] };
}

const nothingToPromote = (to: string | null): RunDocument => ({
  format: 'seeknal.run',
  version: 1,
  environment: to,
  serial: null,
  status: 'nothing_to_do',
  nodes: [],
  diagnostics: [],
});

const definitionsOf = (nodes: readonly GenerationNode[]): ReadonlyMap<NodeId, string> =>
  new Map(nodes.map(node => [node.id, node.definition]));

export interface Compared {
  /** Entries that are not the target's. */
  readonly changed: readonly GenerationNode[];
  readonly removed: readonly NodeId[];
}

function compareWithTarget({ target }: Route, nodes: readonly GenerationNode[]): Compared {
  const before = new Map((target?.nodes ?? []).map(node => [node.id, node]));
  const now = new Set(nodes.map(node => node.id));
  const differs = (a: GenerationNode | undefined, b: GenerationNode): boolean =>
    a?.artefact !== b.artefact || a.definition !== b.definition || a.file !== b.file;
  return {
    changed: nodes.filter(node => differs(before.get(node.id), node)),
    removed: [...before.keys()].filter(id => !now.has(id)),
  };
}

const isNothing = ({ target }: Route, { changed, removed }: Compared): boolean =>
  changed.length + removed.length === 0 && target !== null;

function promotedNodes(
  { target }: Route,
  {
    nodes,
    changed,
    at,
  }: { readonly nodes: readonly GenerationNode[]; readonly changed: readonly GenerationNode[]; readonly at: string },
): readonly GenerationNode[] {
  const before = new Map((target?.nodes ?? []).map(node => [node.id, node]));
  const taken = new Set(changed.map(node => node.id));
  return nodes.map(node => (taken.has(node.id) ? { ...node, status: 'promoted', at } : (before.get(node.id) ?? node)));
}

function filesOf(store: StoreReader, { to, target }: Route, { changed, removed }: Compared): readonly string[] {
  const before = new Map((target?.nodes ?? []).map(node => [node.id, node.artefact]));
  const moved = changed.filter(node => before.get(node.id) !== node.artefact).map(node => node.id);
  return [...moved, ...removed].map(id => store.viewPath(to, id));
}

/** What is missing or was tampered with never reaches anybody. Contents are read only where size or time tell to. */
async function assertWhole(promoting: Promoting, store: StoreReader, nodes: readonly GenerationNode[]): Promise<void> {
  const states = nodes.map(node => ({
    id: node.id,
    artefact: node.artefact,
    state: store.checkArtefact(node.artefact),
  }));
  const missing = states.filter(entry => entry.state === 'missing').map(entry => entry.id);
  const doubtful = states.filter(entry => entry.state === 'look-closer');
  const tampered = doubtful.length === 0 ? [] : await inBench(promoting, store, bench => changedSince(bench, doubtful));
  const gone = [...missing, ...tampered];
  if (gone.length === 0) return;
  throw new ToolError(
    'artefact-missing',
    `The outputs of ${gone.join(', ')} are no longer what was written to the store.`,
    {
      hint: 'Apply the environment again: it rebuilds what is missing.',
    },
  );
}

async function changedSince(
  bench: Workbench,
  artefacts: readonly { readonly id: NodeId; readonly artefact: string }[],
): Promise<readonly NodeId[]> {
  const found: NodeId[] = [];
  for (const { id, artefact } of artefacts) if (!(await bench.checks.isWhole(artefact))) found.push(id);
  return found;
}

/** The target takes the plan for its own, so that it can be promoted in turn. */
async function writePlanOf({ from, to, world }: Promoting, writer: StoreWriter, plan: SavedPlan): Promise<void> {
  if (to === null) return;
  await writer.writePlan(to, renderPlan(plan), null);
  const now = world.now().toISOString();
  const known = writer.environmentConfig(to);
  const source = writer.environmentConfig(from);
  await writer.writeEnvironmentConfig(to, {
    name: to,
    created_at: known?.created_at ?? now,
    last_used_at: now,
    ttl_ms: known?.ttl_ms ?? source?.ttl_ms ?? 0,
    status: 'applied',
  });
}
