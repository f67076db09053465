import { assertOwnData, foreignNodes } from '../../promotion/endpoint-guard.ts';
import { pinProfile } from '../../connections/discover-profile.ts';
import type { GenerationNode } from '../../core/state/generation.ts';
import type { WithTools } from '../../promotion/promotion-tools.ts';
import { previewTargets, type PromotionAround, promoteTargets } from './promotion-targets.ts';
import { leaveTargets } from '../../execution/targets/leave-targets.ts';
import { withLeft } from '../../execution/targets/target-results.ts';
import type { RunDocument } from '../../core/documents/run-document.ts';
import { parseEnvironmentName } from '../../core/environment/environment-name.ts';
import type { NodeId } from '../../core/definition/nodes/node.ts';
import { ToolError } from '../../diagnostics/tool-error.ts';
import { openStore, type StoreReader } from '../../store/store-reader.ts';
import type { StoreWriter } from '../../store/store-writer.ts';
import { authorOf } from '../../project/git/author.ts';
import { baseOf } from '../../core/state/generation.ts';
import { loadSettings } from '../../project/load-project.ts';
import { mergeInto, type MergePreview, previewMerge } from '../../promotion/merge-promotion.ts';
import { findProjectRoot } from '../../project/files/project-root.ts';
import { promotionDocument } from '../../promotion/promotion-document.ts';
import {
  assertWhole,
  compareWithTarget,
  filesOf,
  isNothing,
  promotedNodes,
} from '../../promotion/promotion-changes.ts';
import { isUnmoved, openRoute, type Route, type RouteRequest } from '../../promotion/promotion-route.ts';
import { commitOfRoute, type Promoted, takenBackBy, tellDifference } from '../../promotion/promotion-guard.ts';
import { rebase } from '../../promotion/rebase.ts';
import { makeLike, planOfTarget, saveTargetPlan } from '../../promotion/target-plan.ts';
import { assertEnvironmentExists } from '../../planning/saved-plan.ts';
import { assertRevertAllowed, type RevertOptions } from '../revert-consent.ts';
import { revertedBy, type TakenBack } from '../../planning/revert/revert-guard.ts';
import { type Tools, withTools } from '../with-tools.ts';
import type { CommonOptions, World } from '../../core/world.ts';
import { writeStore } from '../../project/write-store.ts';

export interface PromoteOptions extends CommonOptions, RevertOptions {
  readonly environment: string;
  /** Another environment (default: production). */
  readonly to?: string;
  readonly profile?: string;
  /** Applies the environment's definitions on top of current production first. */
  readonly rebase?: boolean;
  /** Also writes the external targets that are then behind. */
  readonly rematerialize?: boolean;
  /** Allows taking over tables and schemas that this store did not make. */
  readonly adopt?: boolean;
}

export interface Promotion {
  readonly result: RunDocument;
  /** Files of the target's view that are added, changed or removed, from the project root. */
  readonly files: readonly string[];
}

interface Promoting extends RouteRequest {
  readonly options: PromoteOptions;
}

/** What a promotion would change. Writes nothing; throws what the promotion would throw. */
export async function previewPromotion(world: World, options: PromoteOptions): Promise<Promotion> {
  const promoting = start(world, options);
  const store = openStore(promoting.root);
  const route = openRoute(store, promoting);
  if (route === null) return previewNothing(promoting, store);
  const preview = isUnmoved(route)
    ? { nodes: route.applied.nodes, rebuilt: new Set<NodeId>() }
    : await inTools(promoting, store, tools => previewMerge(tools, route, options.rebase === true));
  return previewOf(store, promoting, route, preview);
}

/** Makes the applied generation of an environment the target's next generation, in one switch. */
export async function promote(world: World, options: PromoteOptions): Promise<Promotion> {
  const promoting = start(world, options);
  const { root, from } = promoting;
  assertEnvironmentExists(openStore(root), from);
  return writeStore({ ...promoting, command: `env promote ${from}` }, async writer => {
    let route = openRoute(writer, promoting);
    if (route !== null && options.rebase === true && (await needsRebase(promoting, writer, route))) {
      await rebaseFirst(promoting, writer, route);
      route = openRoute(writer, promoting);
    }
    return route === null ? settleNothing(promoting, writer) : carryOut(promoting, writer, route);
  });
}

function start(world: World, options: PromoteOptions): Promoting {
  const from = parseEnvironmentName(options.environment);
  const to = options.to === undefined ? null : parseEnvironmentName(options.to);
  if (from === to) throw new ToolError('bad-option', `'${from}' cannot be promoted to itself.`);
  if (to !== null && options.rebase === true) {
    throw new ToolError('bad-option', '--rebase works only for production; plan the environment again instead.');
  }
  return { world, root: findProjectRoot(world, options), options, from, to, profile: options.profile ?? null };
}

function inTools<T>(
  { world, root, to, profile: explicit }: Promoting,
  store: StoreReader,
  work: (tools: Tools) => Promise<T>,
): Promise<T> {
  const settings = loadSettings(root);
  const profile = () => pinProfile({ root, home: world.home, environment: to, explicit });
  return withTools({ world, root, store, settings, profile }, work);
}

/** Whether production moved, or data of another server must be read again. */
async function needsRebase(promoting: Promoting, store: StoreReader, route: Route): Promise<boolean> {
  const { changed } = compareWithTarget(route, route.applied.nodes);
  return !isUnmoved(route) || (await foreignNodes(route, changed, aroundOf(promoting, store))).length > 0;
}

async function rebaseFirst(promoting: Promoting, writer: StoreWriter, route: Route): Promise<void> {
  const { world, root } = promoting;
  const by = await authorOf(world, root);
  await inTools(promoting, writer, tools => rebase(tools, writer, { route, by }));
}

async function previewOf(
  store: StoreReader,
  promoting: Promoting,
  route: Route,
  { nodes, rebuilt }: MergePreview,
): Promise<Promotion> {
  const { to } = promoting;
  const around = aroundOf(promoting, store);
  const rebasing = promoting.options.rebase === true;
  const foreign = rebasing ? await foreignNodes(route, compareWithTarget(route, nodes).changed, around) : [];
  const compared = compareWithTarget(route, nodes, new Set([...rebuilt, ...foreign.map(({ id }) => id)]));
  if (isNothing(route, compared)) return previewNothing(promoting, store);
  await assertRevertAllowed(promoting.options, await takenBack(promoting, store, { route, nodes, compared }));
  await assertWhole(store, compared.changed, work => inTools(promoting, store, work));
  if (!rebasing) await assertOwnData(route, compared.changed, around);
  const document = { ...promotionDocument(store, to, { nodes, ...compared }), dry_run: true } as const;
  const promoted = { environment: to, entries: nodes, base: route.resultBase, options: promoting.options };
  return {
    result: await previewTargets(document, promoted, around),
    files: filesOf(route, compared),
  };
}

const takenBack = (promoting: Promoting, store: StoreReader, promoted: Promoted): Promise<readonly TakenBack[]> =>
  takenBackBy({ ...promoting, store, withTools: work => inTools(promoting, store, work) }, promoted);

async function carryOut(promoting: Promoting, writer: StoreWriter, route: Route): Promise<Promotion> {
  const { world } = promoting;
  const nodes = isUnmoved(route)
    ? route.applied.nodes
    : await inTools(promoting, writer, tools => mergeInto(tools, writer, route));
  const compared = compareWithTarget(route, nodes);
  if (isNothing(route, compared)) return settleNothing(promoting, writer);
  const reverted = await takenBack(promoting, writer, { route, nodes, compared });
  await assertRevertAllowed(promoting.options, reverted);
  await assertWhole(writer, compared.changed, work => inTools(promoting, writer, work));
  await assertOwnData(route, compared.changed, aroundOf(promoting, writer));
  tellDifference(promoting, route);
  const at = world.now().toISOString();
  const entries = promotedNodes(route, { nodes, changed: compared.changed, at });
  const switchTo = async () => {
    const document = await switchTarget(promoting, writer, { route, nodes, compared, entries, reverted, at });
    return withLeft(document, await leaveTargets(promoting.to, entries, { writer, world }));
  };
  const promoted = { environment: promoting.to, entries, base: route.resultBase, options: promoting.options };
  const result = await promoteTargets(promoted, writer, { ...aroundOf(promoting, writer), switchTo });
  return { result, files: filesOf(route, compared) };
}

interface Switching extends Promoted {
  readonly entries: readonly GenerationNode[];
  readonly reverted: readonly TakenBack[];
  readonly at: string;
}

async function switchTarget(promoting: Promoting, writer: StoreWriter, switching: Switching): Promise<RunDocument> {
  const { world, root, from, to } = promoting;
  const { route, nodes, compared, entries, reverted, at } = switching;
  const withTools: WithTools = work => inTools(promoting, writer, work);
  const plan = to === null ? route.plan : await planOfTarget(writer, to, { route, nodes, withTools });
  if (to !== null) await saveTargetPlan(writer, plan, { from, to, at });
  const serial = await writer.switchTo(to, {
    cause: 'promote',
    from,
    base: baseOf(writer.lineage, route.resultBase),
    by: await authorOf(world, root),
    at,
    plan: plan.fingerprint,
    // A generation that was merged into an environment comes from two checkouts.
    commit: to === null || route.target === null ? await commitOfRoute(promoting, route) : null,
    ...revertedBy(reverted),
    nodes: entries,
  });
  if (to === null) await writer.followProduction(from, world.now());
  return { ...promotionDocument(writer, to, { nodes, ...compared }), serial };
}

/** Handles an environment without changes: it follows production, or a new target is created. */
async function settleNothing(promoting: Promoting, writer: StoreWriter): Promise<Promotion> {
  const { world, from, to } = promoting;
  if (writer.environmentConfig(from)?.status === 'applied') {
    if (to === null) await writer.followProduction(from, world.now());
    else if (writer.environmentConfig(to) === null) await makeLike(writer, { from, to, now: world.now() });
  }
  const { promoted, document } = nothingToPromote(promoting, writer);
  const switchTo = (): Promise<RunDocument> => Promise.resolve(document);
  return withTargetsOnly(await promoteTargets(promoted, writer, { ...aroundOf(promoting, writer), switchTo }));
}

/** Only targets can be left to write. */
async function previewNothing(promoting: Promoting, store: StoreReader): Promise<Promotion> {
  const { promoted, document } = nothingToPromote(promoting, store);
  const preview = { ...document, dry_run: true } as const;
  return withTargetsOnly(await previewTargets(preview, promoted, aroundOf(promoting, store)));
}

const withTargetsOnly = (result: RunDocument): Promotion => ({
  result: { ...result, nodes: result.nodes.filter(({ targets }) => targets.length > 0) },
  files: [],
});

/** The target of the promotion as it is. */
function nothingToPromote({ to, options }: Promoting, store: StoreReader) {
  const entries = store.current(to)?.nodes ?? [];
  const unchanged = promotionDocument(store, to, { nodes: entries, changed: [], removed: [] });
  const base = to === null ? null : store.current(null);
  const document: RunDocument = { ...unchanged, status: 'nothing_to_do' };
  return { promoted: { environment: to, entries, base, options }, document };
}

const aroundOf = (promoting: Promoting, store: StoreReader): PromotionAround & { readonly store: StoreReader } => ({
  store,
  world: promoting.world,
  withTools: work => inTools(promoting, store, work),
});
