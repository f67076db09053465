import { definitionHash } from '../../core/definition/nodes/definition-hash.ts';
import type { NodeAnalysis } from '../../core/plan/analysis.ts';
import type { GuardedVersion } from '../../core/plan/revert/guarded-version.ts';
import { lostParts } from '../../core/plan/revert/lost-parts.ts';
import type { NodeId } from '../../core/definition/nodes/node.ts';
import type { DefinitionsCommit, Generation } from '../../core/state/generation.ts';
import type { StateSnapshot } from '../../core/state/state-snapshot.ts';
import { definitionOf } from '../../core/definition/nodes/desired-node.ts';
import { type Checkout, type Standing, standingOf } from '../../project/git/git-commit.ts';
import { versionsIn } from './guarded-versions.ts';
import { artefactOf } from '../../core/plan/action.ts';
import type { Plan } from '../../core/plan/plan.ts';
import type { PlanningTools } from '../planning-tools.ts';

/** A promotion or rollback whose change to a node would be undone. */
export interface TakenBack {
  readonly node: NodeId;
  readonly serial: number;
  readonly cause: Generation['cause'];
  readonly by: string;
  /** What would be lost, as short phrases. */
  readonly lost: readonly string[];
}

type VersionTools = Pick<PlanningTools, 'state' | 'world' | 'analyser'>;

/** The production that a command would lead to. */
export interface Wanted {
  /** Hashes of the definitions. */
  readonly definitions: ReadonlyMap<NodeId, string>;
  /** Nodes whose definition or artefact in production would change. */
  readonly moving: readonly NodeId[];
  versionsOf(tools: VersionTools, ids: ReadonlySet<NodeId>): Promise<ReadonlyMap<NodeId, GuardedVersion>>;
  /** Who wrote the definitions, and from which commit; called only if it matters. */
  author(): Promise<string>;
  commit(): Promise<DefinitionsCommit | null>;
}

export interface RevertSearch {
  readonly state: StateSnapshot;
  readonly checkout: Checkout;
  readonly wanted: Wanted;
  /** Opens the tools only if a definition must be analysed. */
  withTools<T>(work: (tools: VersionTools) => Promise<T>): Promise<T>;
}

/**
 * Finds what a change of production would undo: changes to definitions that a promotion or rollback brought, including
 * added and removed nodes, and a rollback that production still shows.
 */
export async function findTakenBack(search: RevertSearch): Promise<readonly TakenBack[]> {
  const production = search.state.current(null);
  if (production === null) return [];
  const found = await lostDefinitions(search, production);
  const told = new Set(found.filter(({ serial }) => serial === production.serial).map(({ node }) => node));
  const moving = production.cause === 'rollback' ? search.wanted.moving.filter(id => !told.has(id)) : [];
  const { serial, cause, by } = production;
  const rest = moving.map(node => ({ node, serial, cause, by, lost: movedParts(production, search.wanted, node) }));
  return [...found, ...rest].sort((a, b) => a.serial - b.serial || (a.node < b.node ? -1 : 1));
}

function movedParts(production: Generation, { definitions }: Wanted, id: NodeId): readonly string[] {
  const now = production.nodes.find(node => node.id === id);
  if (now === undefined) return [];
  return [definitions.get(id) === now.definition ? 'its data' : 'its definition'];
}

/** A promotion or rollback that changed nodes whose definition in production would change. */
interface Candidate {
  readonly ids: readonly NodeId[];
  readonly generation: Generation;
  readonly parent: Generation;
}

async function lostDefinitions(search: RevertSearch, production: Generation): Promise<readonly TakenBack[]> {
  const candidates = findCandidates(search, production);
  if (candidates.length === 0) return [];
  const standings = await standingsOf(search, candidates);
  // A rollback restores an older version, so its commit cannot tell whether the wanted version builds on it.
  const open = candidates.filter(
    ({ generation }) => !(generation.cause === 'promote' && standings.get(generation.serial) === 'on-top'),
  );
  if (open.length === 0) return [];
  const author = await search.wanted.author();
  return search.withTools(async tools => {
    const ids = new Set(open.flatMap(candidate => candidate.ids));
    const [now, wanted] = [await versionsIn(tools, production.nodes, ids), await search.wanted.versionsOf(tools, ids)];
    const found: TakenBack[] = [];
    for (const { ids: changed, generation, parent } of open) {
      const { serial, cause, by } = generation;
      const before = await versionsIn(tools, parent.nodes, new Set(changed));
      const after = await versionsIn(tools, generation.nodes, new Set(changed));
      const origin = { older: standings.get(serial) === 'older', sameAuthor: by === author };
      for (const node of changed) {
        const brought = { before: before.get(node) ?? null, after: after.get(node) ?? null };
        const lost = lostParts(brought, { now: now.get(node) ?? null, wanted: wanted.get(node) ?? null }, origin);
        if (lost.length > 0) found.push({ node, serial, cause, by, lost });
      }
    }
    return found;
  });
}

/** Walks back through the kept history; skips changes that a later generation deliberately undid. */
function findCandidates({ state, wanted }: RevertSearch, production: Generation): readonly Candidate[] {
  const now = definitionsOf(production);
  const ids = [...new Set([...now.keys(), ...wanted.definitions.keys()])];
  const differing = ids.filter(id => now.get(id) !== wanted.definitions.get(id));
  const undone = new Set<string>();
  const candidates: Candidate[] = [];
  for (let generation: Generation | null = production; generation !== null && differing.length > 0;) {
    const parent: Generation | null = generation.parent === null ? null : state.readable(null, generation.parent);
    if (isGuarded(generation) && parent !== null) {
      const [before, after] = [definitionsOf(parent), definitionsOf(generation)];
      const { serial } = generation;
      const changed = differing.filter(id => before.get(id) !== after.get(id) && !undone.has(`${serial} ${id}`));
      if (changed.length > 0) candidates.push({ ids: changed, generation, parent });
    }
    for (const { serial, node } of generation.reverted ?? []) undone.add(`${serial} ${node}`);
    generation = parent;
  }
  return candidates;
}

const isGuarded = ({ cause }: Generation): boolean => cause === 'promote' || cause === 'rollback';

const definitionsOf = ({ nodes }: Pick<Generation, 'nodes'>): ReadonlyMap<NodeId, string> =>
  new Map(nodes.map(node => [node.id, node.definition]));

type Relation = 'on-top' | 'older' | 'unknown';

/** How the wanted definitions relate to each generation, by git; calls git only if a generation has a commit. */
async function standingsOf(
  { checkout, wanted }: RevertSearch,
  candidates: readonly Candidate[],
): Promise<ReadonlyMap<number, Relation>> {
  const standings = new Map<number, Relation>();
  const known = candidates.filter(({ generation }) => generation.commit);
  const here = known.length === 0 ? null : await wanted.commit();
  if (here === null) return standings;
  for (const { generation } of known) {
    const { commit, serial } = generation;
    if (!commit || standings.has(serial)) continue;
    standings.set(serial, relationOf(await standingOf(checkout, here.hash, commit.hash), commit));
  }
  return standings;
}

/** A promotion from a working tree with edits is in no commit: a descendant of its commit may lack it. */
function relationOf(standing: Standing, { clean }: DefinitionsCommit): Relation {
  if (standing === 'before') return 'older';
  return standing === 'at-or-after' && clean ? 'on-top' : 'unknown';
}

/** The record in the new generation, so that later commands do not ask again. */
export function revertedBy(found: readonly TakenBack[]): Pick<Generation, 'reverted'> {
  return found.length === 0 ? {} : { reverted: found.map(({ serial, node }) => ({ serial, node })) };
}

type Origin = Pick<Wanted, 'author' | 'commit'>;

/** The production that a plan would lead to; `moved` are the nodes that moved, if the plan was carried out. */
export function wantedByPlan(plan: Plan, { author, commit }: Origin, moved?: ReadonlySet<NodeId>): Wanted {
  return {
    definitions: new Map([...plan.desired].map(([id, node]) => [id, definitionHash(definitionOf(node))])),
    moving: moved === undefined ? movingIn(plan) : [...moved],
    versionsOf: (_, ids) => Promise.resolve(plannedVersions(plan, ids)),
    author,
    commit,
  };
}

/** Whether only reading a source tells what moves: the guard must look again afterwards. */
export const isUndecided = ({ actions }: Pick<Plan, 'actions'>): boolean =>
  actions.some(action => action.kind === 'read-source' && action.unseen);

function movingIn(plan: Plan): readonly NodeId[] {
  const undecided = isUndecided(plan);
  const moving = plan.actions.filter(action => {
    const { change, verify, moves } = action.line;
    if (undecided) return moves;
    return change !== 'none' || verify || artefactOf(action) !== plan.base.get(action.id)?.artefact;
  });
  return moving.map(({ id }) => id);
}

function plannedVersions(plan: Plan, ids: ReadonlySet<NodeId>): ReadonlyMap<NodeId, GuardedVersion> {
  const versions = new Map<NodeId, GuardedVersion>();
  for (const id of ids) {
    const desired = plan.desired.get(id);
    if (!desired) continue;
    const { resolved, values } = desired;
    const analysis = resolved.kind === 'query' ? plan.versions.get(id)?.analysis : undefined;
    const definition = definitionHash(definitionOf(desired));
    versions.set(id, { definition, document: resolved.node.definition, values, meaning: meaningOf(analysis) });
  }
  return versions;
}

const meaningOf = (analysis: NodeAnalysis | undefined): NodeAnalysis['local'] | null =>
  analysis === undefined || analysis.late !== undefined ? null : analysis.local;
