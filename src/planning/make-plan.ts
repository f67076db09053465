import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { AnalysedGraph } from '../analysis/analyse-graph.ts';
import { checkDeclaredColumns } from '../core/definition/nodes/checks/check-declared-columns.ts';
import { definitionHash } from '../core/definition/nodes/definition-hash.ts';
import { definitionOf, type DesiredNode } from '../core/definition/nodes/desired-node.ts';
import { edgesOf } from '../core/definition/nodes/node-edges.ts';
import type { NodeId } from '../core/definition/nodes/node.ts';
import { descendantsOf } from '../core/graph/graph.ts';
import type { NodeParameters } from '../core/parameters/node-parameters.ts';
import { buildPlan, summarise } from '../core/plan/build-plan.ts';
import type { PinnedNode, PlanInput } from '../core/plan/plan-input.ts';
import { upToDateNodes } from '../core/plan/candidate-finder.ts';
import type { NodeVersion } from '../core/plan/changes/node-change.ts';
import type { BaseNode, Plan } from '../core/plan/plan.ts';
import type { Diagnostic } from '../diagnostics/diagnostic.ts';
import { framed } from '../project/framed.ts';
import { explainLost } from './sources/earlier-reading.ts';
import type { PlanningTools } from './planning-tools.ts';
import type { PlanRequest } from './plan-request.ts';
import { readBase } from './read-base.ts';
import type { Survey } from './sources/survey.ts';
import { refuseEmpty, surveySources, withFileColumns } from './sources/survey-sources.ts';

/** Compares desired definitions with a generation and decides what must run. Reads the store and the sources; writes nothing. */
export async function makePlan(request: PlanRequest, tools: PlanningTools): Promise<Plan> {
  const base = await readBase(request.base, tools);
  const survey = await surveySources(request, { base, tools });
  const graph = await analyseWanted(request, { survey, base, tools });
  const bound = withValues(graph, request.nodes);
  const versions = withFileColumns(bound, survey);
  const blocked = blockedBy(request.nodes, survey.unreadable);
  const desired = new Map(request.nodes.map(node => [node.resolved.node.id, node]));
  const shown = new Map((request.shown ?? request.base?.nodes ?? []).map(entry => [entry.id, entry]));
  const isUnknown = (id: NodeId): boolean => survey.unreadable.has(id) || blocked.has(id);
  const input = inputOf({ request, survey, root: tools.root }, { versions, base, shown, desired, isUnknown });
  const { actions, upToDate } = await tools.known.settle(known => {
    const upToDate = upToDateNodes(base, known);
    return { upToDate, actions: buildPlan({ ...input, upToDate, known }) };
  });
  const wanted = request.nodes.map(({ resolved }) => resolved.node);
  const found = [...survey.diagnostics, ...explainLost(graph.diagnostics, survey.readings, wanted)];
  return {
    actions,
    summary: summarise(actions),
    targets: [],
    desired,
    versions,
    base,
    shown,
    upToDate,
    pinned: new Set(pinnedNodes(request, base).keys()),
    readings: survey.readings,
    knownAfterReading: knownAfterReading(actions, versions),
    unreadable: survey.unreadable,
    blocked,
    diagnostics: framed(tools.root, [...found, ...declaredMistakes(bound)]),
  };
}

interface Wanted {
  readonly survey: Survey;
  readonly base: ReadonlyMap<NodeId, BaseNode>;
  readonly tools: PlanningTools;
}

async function analyseWanted(request: PlanRequest, { survey, base, tools }: Wanted): Promise<AnalysedGraph> {
  const pinned = new Map([...base].filter(([id]) => request.pinned?.has(id) === true));
  const analyse = () =>
    tools.analyser.analyse({
      nodes: request.nodes.map(node => node.resolved),
      sources: survey.contents,
      pinned: new Map([...pinned].map(([id, node]) => [id, node.analysis])),
    });
  const graph = await analyse();
  return refuseEmpty(request, survey, graph.diagnostics) ? analyse() : graph;
}

interface Compared extends Pick<Plan, 'versions' | 'base' | 'shown' | 'desired'> {
  /** Whether a node is not analysed because it is an unreadable source, or depends on one. */
  isUnknown(id: NodeId): boolean;
}

function inputOf(
  { request, survey, root }: { readonly request: PlanRequest; readonly survey: Survey; readonly root: string },
  { versions, base, shown, desired, isUnknown }: Compared,
): Omit<PlanInput, 'known' | 'upToDate'> {
  const files = new Set([...base.values()].map(({ node }) => node.file));
  return {
    desired: [...versions.values()],
    entries: new Map([...desired].map(([id, node]) => [id, entryOf(node)])),
    base: new Map([...base].filter(([id]) => !isUnknown(id))),
    shown: new Map([...shown].filter(([id]) => !isUnknown(id))),
    sources: survey.decisions,
    pinned: pinnedNodes(request, base),
    ...(request.remake ? { remake: request.remake } : {}),
    filledInAnew: new Map(
      [...desired].map(([id, node]) => [id, filledInAnew(base.get(id)?.entry.parameters, node.parameters)]),
    ),
    files: new Set([...files].filter(file => existsSync(join(root, file)))),
  };
}

const entryOf = (node: DesiredNode) => ({
  definition: definitionHash(definitionOf(node)),
  file: node.resolved.node.file,
});

function pinnedNodes({ pinned }: PlanRequest, base: ReadonlyMap<NodeId, BaseNode>): ReadonlyMap<NodeId, PinnedNode> {
  return new Map(
    [...base].flatMap(([id, { artefact, entry }]) => {
      const reason = pinned?.get(id);
      return reason === undefined ? [] : [[id, { artefact, fingerprint: entry.fingerprint, reason }]];
    }),
  );
}

/** Sources to read, and queries whose columns depend on data; see `Plan`. */
function knownAfterReading(
  actions: Plan['actions'],
  versions: ReadonlyMap<NodeId, NodeVersion>,
): Plan['knownAfterReading'] {
  const toRead = actions.filter(({ kind }) => kind === 'read-source').map(({ id }) => id);
  const late = [...versions.values()].flatMap(({ analysis }) => analysis.late ?? []);
  return new Set([...toRead, ...late]);
}

function blockedBy(nodes: readonly DesiredNode[], unreadable: Plan['unreadable']): Plan['blocked'] {
  const edges = edgesOf(nodes.map(({ resolved }) => resolved.node));
  const pairs = [...unreadable.keys()].toReversed().flatMap(source => {
    return descendantsOf(edges, [source]).map(id => [id, source] as const);
  });
  return new Map(pairs);
}

/** Names of date and environment parameters whose values differ from those that the base was built with. */
export function filledInAnew(before: NodeParameters | undefined, now: NodeParameters | undefined): readonly string[] {
  if (before === undefined || now === undefined) return [];
  const names = Object.keys({ ...before.variables, ...now.variables }).sort();
  const variables = names.filter(name => before.variables?.[name] !== now.variables?.[name]);
  return [...(before.date === now.date ? [] : ['today']), ...variables.map(name => `env:${name}`)];
}

function withValues(graph: AnalysedGraph, nodes: readonly DesiredNode[]): ReadonlyMap<NodeId, NodeVersion> {
  const values = new Map(nodes.map(node => [node.resolved.node.id, node.values]));
  return new Map([...graph.versions].map(([id, version]) => [id, { ...version, values: values.get(id) ?? {} }]));
}

const declaredMistakes = (versions: ReadonlyMap<NodeId, NodeVersion>): readonly Diagnostic[] =>
  [...versions.values()].flatMap(version => checkDeclaredColumns(version.node, version.analysis.columns));
