import type { RunDocument, RunNode } from '../core/documents.ts';
import { type EnvironmentName, parseEnvironmentName } from '../core/environment/environment-name.ts';
import type { NodeId } from '../core/project/node.ts';
import { ToolError } from '../diagnostics/tool-error.ts';
import { pinProfile } from '../profiles/discover-profile.ts';
import type { Generation, GenerationNode } from '../store/records.ts';
import { openStore, type StoreReader } from '../store/store-reader.ts';
import { type StoreWriter, withWriter } from '../store/store-writer.ts';
import { authorOf } from './author.ts';
import { announce } from './plan-environment.ts';
import { inputsOf, parsePlanFile, renderPlan, rewritePlan, type SavedPlan } from './plan-record.ts';
import { findProjectRoot } from './project-root.ts';
import { assertEnvironmentExists } from './saved-plan.ts';
import type { CommonOptions, World } from './world.ts';

export interface PromoteOptions extends CommonOptions {
  readonly environment: string;
  /** Another environment; production unless given. */
  readonly to?: string;
  readonly profile?: string;
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
  const decided = await decide(store, promoting);
  return { result: { ...decided.result, dry_run: true }, files: decided.files };
}

/** Makes what was applied in an environment the target's next generation: whole, in one switch. */
export async function promote(world: World, options: PromoteOptions): Promise<Promotion> {
  const promoting = start(world, options);
  const { root, from, to } = promoting;
  const lock = { command: `env promote ${from}`, timeoutSeconds: options.lockTimeout ?? 30, signal: world.signal };
  assertEnvironmentExists(openStore(root), from);
  return withWriter(root, lock, async writer => {
    const decided = await decide(writer, promoting);
    if (decided.generation === null) {
      if (to === null && decided.applied) await writer.followProduction(from, world.now());
      return decided;
    }
    const serial = await writer.switchTo(to, {
      cause: 'promote',
      from,
      base: decided.generation.base,
      by: await authorOf(world, root),
      at: world.now().toISOString(),
      plan: decided.plan?.fingerprint ?? null,
      parameters: decided.generation.parameters,
      nodes: decided.nodes,
    });
    if (to === null) await writer.followProduction(from, world.now());
    else await adoptPlan(writer, promoting, decided.plan);
    return { result: { ...decided.result, serial }, files: decided.files };
  });
}

function start(world: World, options: PromoteOptions): Promoting {
  const from = parseEnvironmentName(options.environment);
  const to = options.to === undefined || options.to === 'production' || options.to === 'prod' ? null : parseEnvironmentName(options.to);
  if (from === to) throw new ToolError('bad-option', `'${from}' cannot be promoted to itself.`);
  return { world, root: findProjectRoot(world, options), options, from, to };
}

interface Decided extends Promotion {
  /** What becomes the target's; null where there is nothing to promote. */
  readonly generation: Generation | null;
  readonly nodes: readonly GenerationNode[];
  readonly plan: SavedPlan | null;
  readonly applied: boolean;
}

async function decide(store: StoreReader, promoting: Promoting): Promise<Decided> {
  const { from, to, world, root, options } = promoting;
  assertEnvironmentExists(store, from);
  if (to === null) announce(world, pinProfile({ root, home: world.home, environment: null, explicit: options.profile ?? null }));
  else store.assertNameFree(to);
  const applied = appliedGeneration(store, from);
  const target = store.current(to);
  const nothing = { generation: null, nodes: [], plan: null, applied: applied !== null, files: [] };
  if (applied === null) return { ...nothing, result: document(to, 'nothing_to_do', []) };
  if (target === null || (to !== null && !ownsGeneration(store, to))) assertBase(store, applied, from);
  else assertTargetUnmoved({ store, applied, target, promoting });
  const before = new Map((target?.nodes ?? []).map(node => [node.id, node]));
  const changed = applied.nodes.filter(node => differs(before.get(node.id), node));
  const removed = [...before.keys()].filter(id => !applied.nodes.some(node => node.id === id));
  await assertWhole(store, changed);
  if (changed.length + removed.length === 0 && target !== null) return { ...nothing, result: document(to, 'nothing_to_do', []) };
  const at = world.now().toISOString();
  const taken = new Set(changed.map(node => node.id));
  return {
    generation: applied,
    nodes: applied.nodes.map(node => (taken.has(node.id) ? { ...node, status: 'promoted', at } : (before.get(node.id) ?? node))),
    plan: parsePlanFile(store.planText(from)),
    applied: true,
    result: document(to, 'done', [...applied.nodes.map(node => entryOf(store, node, taken)), ...removed.map(removedEntry)]),
    files: [...changed.filter(node => before.get(node.id)?.artefact !== node.artefact).map(node => node.id), ...removed].map(id => store.viewPath(to, id)),
  };
}

const ownsGeneration = (store: StoreReader, environment: EnvironmentName): boolean =>
  store.environmentConfig(environment)?.status === 'applied';

/** The generation that may be promoted; null where there is nothing of its own. Throws where it was never applied. */
function appliedGeneration(store: StoreReader, environment: EnvironmentName): Generation | null {
  const status = store.environmentConfig(environment)?.status;
  if (status === 'promoted') return null;
  const generation = store.current(environment);
  const plan = parsePlanFile(store.planText(environment));
  if (status === 'applied' && generation && plan && generation.plan === plan.fingerprint) return generation;
  const why = status === 'failed' ? 'Its last apply failed' : generation ? 'Its plan changed since it was applied' : 'It was only planned';
  throw new ToolError('not-applied', `Environment '${environment}' has not been applied.`, {
    hint: `${why}. Run 'seeknal env apply ${environment}' first.`,
  });
}

function assertBase(store: StoreReader, applied: Generation, from: EnvironmentName): void {
  if (applied.base === null || applied.base.lineage === store.lineage) return;
  throw new ToolError('moved-on', `The base of '${from}' is of another store: production moved on.`, {
    hint: `Run 'seeknal env plan ${from}' and apply it again.`,
  });
}

interface Meeting {
  readonly store: StoreReader;
  readonly applied: Generation;
  readonly target: Generation;
  readonly promoting: Promoting;
}

/** What was applied stands on one generation of the target; on any other it was never seen. */
function assertTargetUnmoved({ store, applied, target, promoting }: Meeting): void {
  const { from, to } = promoting;
  if (to === null) {
    if (applied.base?.lineage === store.lineage && applied.base.serial === target.serial) return;
    const moved = movedNodes(store, applied, target);
    const names = moved.length > 0 ? `: ${moved.join(', ')} changed since` : '';
    throw new ToolError('moved-on', `Production moved on from generation ${applied.base?.serial ?? 'nothing'} to ${target.serial}${names}.`, {
      hint: `Run 'seeknal env plan ${from}' and 'seeknal env apply ${from}' again, then promote.`,
    });
  }
  if (target.from === from || target.plan === applied.plan) return;
  throw new ToolError('conflict', `Environment '${to}' has changes of its own.`, {
    hint: `Promote or delete '${to}' first, or promote '${from}' to another name.`,
  });
}

function movedNodes(store: StoreReader, applied: Generation, target: Generation): readonly NodeId[] {
  const base = applied.base ? store.generation(null, applied.base.serial) : null;
  const before = new Map((base?.nodes ?? []).map(node => [node.id, node]));
  return target.nodes.filter(node => differs(before.get(node.id), node)).map(node => node.id);
}

const differs = (a: GenerationNode | undefined, b: GenerationNode): boolean =>
  a?.artefact !== b.artefact || a.definition !== b.definition;

async function assertWhole(store: StoreReader, nodes: readonly GenerationNode[]): Promise<void> {
  const states = await Promise.all(nodes.map(async node => ({ id: node.id, state: await store.checkArtefact(node.artefact) })));
  const missing = states.filter(entry => entry.state === 'missing').map(entry => entry.id);
  if (missing.length === 0) return;
  throw new ToolError('artefact-missing', `The outputs of ${missing.join(', ')} are no longer in the store.`, {
    hint: 'Apply the environment again: it rebuilds what is missing.',
  });
}

/** The target takes the plan for its own, so that it can be promoted in turn. */
async function adoptPlan(writer: StoreWriter, promoting: Promoting, plan: SavedPlan | null): Promise<void> {
  const { from, to, world } = promoting;
  if (to === null || plan === null) return;
  const adopted = rewritePlan(plan, to);
  await writer.writePlan(to, renderPlan(adopted), writer.planManifestText(from));
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

const document = (to: string | null, status: RunDocument['status'], nodes: readonly RunNode[]): RunDocument => ({
  format: 'seeknal.run',
  version: 1,
  environment: to,
  serial: null,
  status,
  nodes,
  diagnostics: [],
});

function entryOf(store: StoreReader, node: GenerationNode, taken: ReadonlySet<NodeId>): RunNode {
  const rows = store.artefact(node.artefact)?.rows ?? null;
  const promoted = taken.has(node.id);
  const reason = promoted ? 'changed in the environment' : 'unchanged';
  return { id: node.id, status: promoted ? 'promoted' : 'reused', rows, seconds: null, error: null, reason, targets: [] };
}

const removedEntry = (id: string): RunNode => ({
  id,
  status: 'removed',
  rows: null,
  seconds: null,
  error: null,
  reason: 'removed in the environment',
  targets: [],
});
