import { withWriter } from '../execution/execution-tools.ts';
import { type Generations, type Merge, mergeGenerations } from '../core/environment/merge-generations.ts';
import { mistakeOfWhole } from '../core/definition/nodes/checks/check-references.ts';
import type { NodeId } from '../core/definition/nodes/node.ts';
import { ToolError } from '../diagnostics/tool-error.ts';
import type { Generation, GenerationNode } from '../core/state/generation.ts';
import type { StoreWriter } from '../store/store-writer.ts';
import { isSettled, type NodeResult } from '../execution/node-result.ts';
import { assertValid } from '../project/load-project.ts';
import { makePinningPlan, type PinnableNode } from '../planning/variable-pinning.ts';
import { artefactOf } from '../core/plan/action.ts';
import type { Plan } from '../core/plan/plan.ts';
import type { StateSnapshot } from '../core/state/state-snapshot.ts';
import { generationNodes } from '../execution/generation-nodes.ts';
import { performPlan } from '../execution/perform-plan.ts';
import { isSameEntry } from './generation-difference.ts';
import type { Route } from './promotion-route.ts';
import { storedOutputNode, resolveEntry, storedNode } from '../planning/read-base.ts';
import type { DesiredNode } from '../core/definition/nodes/desired-node.ts';
import type { PromotionTools } from './promotion-tools.ts';

const generations = (generation: Generation | null): Generations =>
  new Map((generation?.nodes ?? []).map(({ id, definition, artefact }) => [id, { definition, artefact }]));

/** The merged entries of both sides, including the artefacts of sources. Throws `conflict` or `moved-on`. */
export function mergeEntries(route: Route, { rebasing }: { readonly rebasing: boolean }): readonly GenerationNode[] {
  const merge = mergeGenerations(generations(route.base), generations(route.target), generations(route.applied));
  assertNoConflict(route, merge);
  if (merge.moved.length > 0 && !rebasing)
    throw movedOn(
      route,
      merge.moved.map(id => `${id} has newer data in ${targetOf(route)}`),
    );
  const here = byId(route.applied);
  const there = byId(route.target);
  // A rebase keeps an edit although the data changed in the target; the plan decides whether its artefact still fits.
  const choices = [...merge.take, ...merge.moved.map(id => [id, 'here'] as const)];
  const entries = choices.map(([id, side]) => (side === 'here' ? here.get(id) : there.get(id)));
  return entries.filter(entry => entry !== undefined).sort((a, b) => (a.id < b.id ? -1 : 1));
}

const byId = (generation: Generation | null): ReadonlyMap<NodeId, GenerationNode> =>
  new Map((generation?.nodes ?? []).map(node => [node.id, node]));

const targetOf = ({ to }: Route): string => (to === null ? 'production' : `'${to}'`);

function assertNoConflict(route: Route, { conflicts }: Merge): void {
  if (conflicts.length > 0) throw conflict(route, `${conflicts.join(', ')} changed`, '');
}

function conflict(route: Route, what: string, why: string): ToolError {
  const { target, from, to, base } = route;
  const who = target
    ? `${targetOf(route)} (generation ${target.serial}, ${target.cause}${target.from === null ? '' : ` of '${target.from}'`}, ${target.by})`
    : targetOf(route);
  return new ToolError(
    'conflict',
    `conflict: ${what} in '${from}' and in ${who} since generation ${base?.serial ?? 'none'}${why}.`,
    {
      hint: `Update the files to match ${targetOf(route)} ('seeknal env diff ${from}${to === null ? '' : ` ${to}`}' shows the difference), then plan, apply and promote again.`,
    },
  );
}

/** The merged nodes. Each side was valid alone, but the merge may not be. Throws `conflict`. */
export function resolveMerged(
  { state, world }: Pick<PromotionTools, 'state' | 'world'>,
  route: Route,
  entries: readonly GenerationNode[],
): Merged {
  const target = byId(route.target);
  const nodes: DesiredNode[] = [];
  const pinnable: PinnableNode[] = [];
  for (const entry of entries) {
    const otherwise = (): DesiredNode => resolveEntry(state, entry, world);
    const node = isSameEntry(target.get(entry.id), entry) ? storedNode(state, entry, world) : otherwise();
    if (node) nodes.push(node);
    else pinnable.push({ id: entry.id, pinned: storedOutputNode(state, entry), otherwise });
  }
  const mistake = mistakeOfWhole([...nodes, ...pinnable.map(node => node.pinned)].map(({ resolved }) => resolved.node));
  if (mistake !== null) throw conflict(route, 'the changes', ` do not fit together: ${mistake}`);
  return { nodes, pinnable };
}

export interface Merged {
  readonly nodes: readonly DesiredNode[];
  /** Nodes that neither side changed, and that were built with another value of an environment variable. */
  readonly pinnable: readonly PinnableNode[];
}

function movedOn({ from, to, base, target }: Route, why: readonly string[]): ToolError {
  const since = `moved on from ${base === null ? 'nothing' : `generation ${base.serial}`}`;
  if (to !== null) {
    return new ToolError('moved-on', `'${to}' ${since} of production: ${why.join('; ')}.`, {
      hint: `Plan and apply '${to}' and '${from}' on top of current production, then promote again.`,
    });
  }
  const now = target === null ? 'nothing' : String(target.serial);
  return new ToolError('moved-on', `Production ${since} to ${now}: ${why.join('; ')}.`, {
    hint: `Run 'seeknal env promote ${from} --rebase' to apply it on top of current production first.`,
  });
}

/** Plans the merged nodes over the target, with the source data of both sides. */
export async function planMerged(
  tools: PromotionTools,
  route: Route,
  entries: readonly GenerationNode[],
): Promise<Plan> {
  const { nodes, pinnable } = resolveMerged(tools, route, entries);
  const sourceArtefacts = new Map(
    entries.filter(({ id }) => id.startsWith('source.')).map(({ id, artefact }) => [id, artefact]),
  );
  const request = { base: route.target, nodes, pinSources: true, sourceArtefacts };
  const { plan } = await makePinningPlan(request, pinnable, tools);
  assertValid(plan.diagnostics);
  return plan;
}

/** The merged nodes, each with an artefact that fits its merged inputs. Runs nothing; throws `moved-on` if one must run. */
export async function mergeInto(
  tools: PromotionTools,
  writer: StoreWriter,
  route: Route,
): Promise<readonly GenerationNode[]> {
  const entries = mergeEntries(route, { rebasing: false });
  const made = await planMerged(tools, route, entries);
  const performed = await performPlan(
    made,
    { continueOnError: true, retry: 0, workers: 1, onlyReuse: true },
    withWriter(tools, writer),
  );
  const unfit = performed.results.filter(result => !isSettled(result));
  if (unfit.length > 0) throw movedOn(route, unfit.map(reasonOf));
  return withFiles(generationNodes(made, performed, { writer, at: tools.world.now().toISOString() }), entries);
}

const reasonOf = ({ id, status, reason }: NodeResult): string =>
  `${id}: ${status === 'failed' ? reason : reason.replace(/^depends on (.*), which failed$/, 'reads $1')}`;

/** Takes entries that the plan did not change from their own side, with file and time. */
function withFiles(nodes: readonly GenerationNode[], entries: readonly GenerationNode[]): readonly GenerationNode[] {
  const known = new Map(entries.map(entry => [entry.id, entry]));
  return nodes.map(node => {
    const entry = known.get(node.id);
    return entry?.artefact === node.artefact && entry.definition === node.definition ? entry : node;
  });
}

export interface MergePreview {
  readonly nodes: readonly GenerationNode[];
  /** Nodes that a rebase rebuilds; their data is not known yet. */
  readonly rebuilt: ReadonlySet<NodeId>;
}

/** Previews a merge by planning alone: data that would have to be compared counts as equal. Writes nothing. */
export async function previewMerge(tools: PromotionTools, route: Route, rebasing: boolean): Promise<MergePreview> {
  const entries = mergeEntries(route, { rebasing });
  const made = await planMerged(tools, route, entries);
  const unfit = made.actions.filter(({ line }) => line.action === 'run');
  if (unfit.length > 0 && !rebasing)
    throw movedOn(
      route,
      unfit.map(({ id, line }) => `${id}: ${line.reason}`),
    );
  const rebuilt = new Set(unfit.map(({ id }) => id));
  return { nodes: withArtefacts(tools.state, made, entries), rebuilt };
}

function withArtefacts(
  state: Pick<StateSnapshot, 'artefact'>,
  made: Plan,
  entries: readonly GenerationNode[],
): readonly GenerationNode[] {
  const artefacts = new Map(made.actions.map(action => [action.id, artefactOf(action)]));
  return entries.map(entry => {
    const artefact = artefacts.get(entry.id);
    return artefact && state.artefact(artefact) ? { ...entry, artefact } : entry;
  });
}
