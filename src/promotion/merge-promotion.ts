import { type Generations, type Merge, mergeGenerations } from '../core/environment/merge-generations.ts';
import { mistakeOfWhole } from '../core/definition/nodes/check-references.ts';
import type { NodeId } from '../core/definition/nodes/node.ts';
import { ToolError } from '../diagnostics/tool-error.ts';
import type { Generation, GenerationNode } from '../core/state/generation.ts';
import type { StoreReader } from '../store/store-reader.ts';
import type { StoreWriter } from '../store/store-writer.ts';
import { isSettled, type NodeResult } from '../execution/node-result.ts';
import { assertValid } from '../project/load-project.ts';
import { type KeptNode, makeKeepingPlan } from '../planning/variable-pinning.ts';
import type { MadePlan } from '../planning/make-plan.ts';
import { generationNodes, performPlan } from '../execution/perform-plan.ts';
import { isSameEntry } from './generation-difference.ts';
import type { Route } from './promotion-route.ts';
import { storedOutputNode, resolveEntry, storedNode } from '../planning/read-base.ts';
import type { DesiredNode } from '../core/definition/nodes/desired-node.ts';
import type { Workbench } from '../planning/workbench.ts';

const generations = (generation: Generation | null): Generations =>
  new Map((generation?.nodes ?? []).map(({ id, definition, artefact }) => [id, { definition, artefact }]));

/** The definitions that both sides together want, and the source data that go with them. Throws `conflict` or `moved-on`. */
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
  // What was edited here over data that changed there keeps the edit; whether its data still fit is for the plan to say.
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
      hint: `Bring the files up to what ${targetOf(route)} holds ('seeknal env diff ${from}${to === null ? '' : ` ${to}`}' shows it), then plan, apply and promote again.`,
    },
  );
}

/** The merged definitions; each side alone was a project, but both together may not be one. Throws `conflict`. */
export function resolveMerged({ store, world }: Workbench, route: Route, entries: readonly GenerationNode[]): Merged {
  const target = byId(route.target);
  const nodes: DesiredNode[] = [];
  const kept: KeptNode[] = [];
  for (const entry of entries) {
    const otherwise = (): DesiredNode => resolveEntry(store, entry, world);
    const node = isSameEntry(target.get(entry.id), entry) ? storedNode(store, entry, world) : otherwise();
    if (node) nodes.push(node);
    else kept.push({ id: entry.id, kept: storedOutputNode(store, entry), otherwise });
  }
  const mistake = mistakeOfWhole([...nodes, ...kept.map(node => node.kept)].map(({ resolved }) => resolved.node));
  if (mistake !== null) throw conflict(route, 'what changed', ` does not go together: ${mistake}`);
  return { nodes, kept };
}

export interface Merged {
  readonly nodes: readonly DesiredNode[];
  /** What neither side touched and was filled in with a variable that has another value here. */
  readonly kept: readonly KeptNode[];
}

function movedOn({ from, to, base, target }: Route, why: readonly string[]): ToolError {
  const since = `moved on from ${base === null ? 'nothing' : `generation ${base.serial}`}`;
  if (to !== null) {
    return new ToolError('moved-on', `'${to}' ${since} of production: ${why.join('; ')}.`, {
      hint: `Plan and apply '${to}' and '${from}' on top of today's production, then promote again.`,
    });
  }
  const now = target === null ? 'nothing' : String(target.serial);
  return new ToolError('moved-on', `Production ${since} to ${now}: ${why.join('; ')}.`, {
    hint: `'seeknal env promote ${from} --rebase' applies it on top of today's production first.`,
  });
}

/** The plan of the merged whole over the target, with the source data of both sides. */
export async function planMerged(
  bench: Workbench,
  route: Route,
  entries: readonly GenerationNode[],
): Promise<MadePlan> {
  const { nodes, kept } = resolveMerged(bench, route, entries);
  const sourceArtefacts = new Map(
    entries.filter(({ id }) => id.startsWith('source.')).map(({ id, artefact }) => [id, artefact]),
  );
  const request = { bench, base: route.target, nodes, pinSources: true, sourceArtefacts };
  const made = await makeKeepingPlan(request, kept);
  assertValid(made.diagnostics);
  return made;
}

/** The nodes that a merge gives, each with an artefact that fits the merged whole. Runs nothing. */
export async function mergeInto(
  bench: Workbench,
  writer: StoreWriter,
  route: Route,
): Promise<readonly GenerationNode[]> {
  const entries = mergeEntries(route, { rebasing: false });
  const made = await planMerged(bench, route, entries);
  const performed = await performPlan(bench, writer, {
    made,
    options: { continueOnError: true, retry: 0, workers: 1, onlyReuse: true },
  });
  const unfit = performed.results.filter(result => !isSettled(result));
  if (unfit.length > 0) throw movedOn(route, unfit.map(reasonOf));
  return withFiles(generationNodes(made, performed, writer, bench.world.now().toISOString()), entries);
}

const reasonOf = ({ id, status, reason }: NodeResult): string =>
  `${id}: ${status === 'failed' ? reason : reason.replace(/^depends on (.*), which failed$/, 'reads $1')}`;

/** Where the merged entries stand is what their own side says. */
function withFiles(nodes: readonly GenerationNode[], entries: readonly GenerationNode[]): readonly GenerationNode[] {
  const known = new Map(entries.map(entry => [entry.id, entry]));
  return nodes.map(node => {
    const entry = known.get(node.id);
    return entry?.artefact === node.artefact && entry.definition === node.definition ? entry : node;
  });
}

export interface MergePreview {
  readonly nodes: readonly GenerationNode[];
  /** Nodes that a rebase builds anew: what they will hold is not known yet. */
  readonly rebuilt: ReadonlySet<NodeId>;
}

/** The same as far as planning can tell: what would have to be compared counts as equal, and nothing is written. */
export async function previewMerge(bench: Workbench, route: Route, rebasing: boolean): Promise<MergePreview> {
  const entries = mergeEntries(route, { rebasing });
  const made = await planMerged(bench, route, entries);
  const unfit = made.decisions.filter(({ plan }) => plan.action === 'run');
  if (unfit.length > 0 && !rebasing)
    throw movedOn(
      route,
      unfit.map(({ id, plan }) => `${id}: ${plan.reason}`),
    );
  const rebuilt = new Set(unfit.map(({ id }) => id));
  return { nodes: withArtefacts(bench.store, made, entries), rebuilt };
}

function withArtefacts(
  store: StoreReader,
  made: MadePlan,
  entries: readonly GenerationNode[],
): readonly GenerationNode[] {
  const artefacts = new Map(made.decisions.map(({ id, artefact }) => [id, artefact]));
  return entries.map(entry => {
    const artefact = artefacts.get(entry.id);
    return artefact && store.artefact(artefact) ? { ...entry, artefact } : entry;
  });
}
