import type { ColumnChanges, PlanNode, PlanSummary } from '../documents/plan-document.ts';
import type { NodeId } from '../definition/nodes/node.ts';
import type { NodeAnalysis } from './analysis.ts';
import type { Decision } from './decision.ts';
import { OUTDATED } from './evidence.ts';
import { type NodeEntry, moves, type WantedEntry } from './moves.ts';
import { classifyChange, type NodeChange, type NodeVersion } from './node-change.ts';
import { type Reach, reachReason } from './reach-reason.ts';

/** An artefact that might serve a node, and the artefacts that it was built from. */
export interface Candidate {
  readonly artefact: string;
  /** 'local': only the query is known to mean the same; its inputs must be the very ones, or known to be equal. */
  readonly by: 'fingerprint' | 'local';
  readonly inputs: Readonly<Record<string, string>>;
}

/** What is to become of a source: an artefact that holds its data, or a new reading. */
export type SourceDecision =
  | {
      readonly kind: 'keep';
      readonly artefact: string;
      readonly reason: string;
      /** What the source points to now holds something else. */
      readonly outdated?: boolean;
    }
  | { readonly kind: 'read'; readonly reason: string };

/** Planning's read-only view of the world; every function answers at once and changes nothing. */
export interface PlanInput {
  /** Today's definitions, in dependency order. */
  readonly desired: readonly NodeVersion[];
  /** What the base generation holds, by id; empty without one. */
  readonly base: ReadonlyMap<NodeId, NodeVersion & { readonly artefact: string }>;
  readonly sources: ReadonlyMap<NodeId, SourceDecision>;
  /** Artefacts known under a fingerprint that are whole, best first. */
  candidates(id: NodeId, analysis: NodeAnalysis): readonly Candidate[];
  /** Whether two artefacts hold equal data in these columns; null when they were never compared. */
  equal(a: string, b: string, columns: readonly string[], ordered: boolean): boolean | null;
  /** What a node is filled in with otherwise than in the base, such as `today` or `env:REGION`. */
  filledInAnew?(id: NodeId): readonly string[];
  /** Whether there is a file of the project at a path from its root. */
  fileExists?(path: string): boolean;
  /** Nodes that keep an artefact, whatever their inputs become. */
  readonly held?: ReadonlyMap<NodeId, { readonly artefact: string; readonly reason: string }>;
  /** Nodes that run, whatever exists. */
  readonly remake?: ReadonlySet<NodeId>;
  /** What the environment points to now, by id; a plan of production starts from what it points to. */
  readonly shown: ReadonlyMap<NodeId, NodeEntry>;
  /** What a generation would say of a wanted node beside its artefact. */
  entryOf(id: NodeId): Omit<WantedEntry, 'artefact'>;
}

/** Desired against actual: one decision a node in dependency order, removed nodes last. Deterministic, without effects. */
export function buildPlan(input: PlanInput): readonly Decision[] {
  const decisions = new Map<NodeId, Decision>();
  const changes = new Map<NodeId, NodeChange | null>();
  const versions = new Map(input.desired.map(version => [version.node.id, version]));
  for (const version of input.desired) {
    const before = input.base.get(version.node.id);
    const change = before ? classifyChange(before, version) : null;
    changes.set(version.node.id, change);
    decisions.set(version.node.id, decide(input, version, { change, decisions, changes, versions }));
  }
  const removed = [...input.base.values()].filter(before => !decisions.has(before.node.id));
  const known = new Set([...decisions.keys(), ...removed.map(before => before.node.id)]);
  const extra = [...input.shown.keys()].filter(id => !known.has(id)).toSorted();
  return [...decisions.values(), ...removed.map(before => removal(before, input)), ...extra.map(withdrawal)];
}

/** The counts that people read first; new and removed are counted within the three categories. */
export function summarise(nodes: readonly PlanNode[]): PlanSummary {
  const count = (test: (node: PlanNode) => boolean) => nodes.filter(test).length;
  return {
    breaking: count(node => node.category === 'breaking'),
    non_breaking: count(node => node.category === 'non_breaking'),
    metadata: count(node => node.category === 'metadata'),
    new: count(node => node.change === 'new'),
    removed: count(node => node.change === 'removed'),
    to_execute: count(node => node.action === 'run'),
    to_verify: count(node => node.verify),
    to_move: count(node => node.moves),
  };
}

interface Progress {
  readonly change: NodeChange | null;
  readonly decisions: ReadonlyMap<NodeId, Decision>;
  readonly changes: ReadonlyMap<NodeId, NodeChange | null>;
  readonly versions: ReadonlyMap<NodeId, NodeVersion>;
}

interface Verdict {
  readonly artefact: string | null;
  readonly verify: boolean;
  readonly reason: string;
}

function decide(input: PlanInput, version: NodeVersion, progress: Progress): Decision {
  const { node, analysis } = version;
  const source = input.sources.get(node.id);
  const verdict = source ? sourceVerdict(source) : transformVerdict(input, version, progress);
  const { change } = progress;
  const moving = moves(input.shown.get(node.id), { ...input.entryOf(node.id), artefact: verdict.artefact });
  const touched =
    change === null || change.change === 'modified' || verdict.artefact === null || verdict.verify || moving;
  return {
    id: node.id,
    artefact: verdict.artefact,
    plan: {
      id: node.id,
      change: change === null ? 'new' : change.change,
      category: change === null ? 'non_breaking' : change.category,
      action: verdict.artefact === null ? 'run' : 'reuse',
      verify: verdict.verify,
      moves: moving,
      reason: moving ? (movedReason(input, version, { ...verdict, change }) ?? verdict.reason) : verdict.reason,
      columns: change !== null && touched ? listedChanges(change) : null,
      rows_changed: change !== null && touched ? change.rowsChanged : null,
      schema: analysis.late === undefined ? analysis.columns : null,
      targets: [],
      evidence: [
        ...(change?.evidence ?? []),
        ...(touched ? analysis.notes : []),
        ...(source?.kind === 'keep' && source.outdated === true ? [OUTDATED] : []),
      ],
    },
  };
}

/** In a list of columns a name in another case is another name, as it is for those who read the file. */
function listedChanges({ columns, recased }: NodeChange): ColumnChanges {
  return {
    ...columns,
    added: [...columns.added, ...recased.map(({ to }) => to)],
    removed: [...columns.removed, ...recased.map(({ from }) => from)],
  };
}

/** Why a node moves of which definition and data are the base's; null where they are not. */
function movedReason(
  { base }: PlanInput,
  { node }: NodeVersion,
  { artefact, change }: Verdict & { readonly change: NodeChange | null },
): string | null {
  const before = base.get(node.id);
  if (before === undefined || before.artefact !== artefact || change?.change !== 'none') return null;
  return before.node.file === node.file ? 'as in production' : `its file moved from ${before.node.file}`;
}

function sourceVerdict(source: SourceDecision): Verdict {
  return { artefact: source.kind === 'keep' ? source.artefact : null, verify: false, reason: source.reason };
}

function transformVerdict(input: PlanInput, version: NodeVersion, progress: Progress): Verdict {
  const because = (reach: Reach) => reachReason(reach, version, progress, input);
  const held = input.held?.get(version.node.id);
  if (held !== undefined) return { ...held, verify: false };
  if (input.remake?.has(version.node.id) === true)
    return { artefact: null, verify: false, reason: 'made anew (--full)' };
  const { late } = version.analysis;
  if (late !== undefined && late !== version.node.id)
    return { artefact: null, verify: false, reason: `the columns of ${late} are known once it has run` };
  const judged = input
    .candidates(version.node.id, version.analysis)
    .map(candidate => ({ candidate, fit: fitOf(candidate, version.analysis, input, progress) }));
  const exact = judged.find(entry => entry.fit === 'usable');
  if (exact) {
    const { artefact } = exact.candidate;
    const own = artefact === input.base.get(version.node.id)?.artefact;
    return { artefact, verify: false, reason: because(own ? 'keep' : 'take') };
  }
  const likely = judged.find(entry => entry.fit === 'verify');
  if (likely) return { artefact: likely.candidate.artefact, verify: true, reason: because('verify') };
  return { artefact: null, verify: false, reason: because(judged.length > 0 ? 'rerun' : 'run') };
}

type Fit = 'usable' | 'verify' | 'unusable';

/** An artefact serves only beside the very inputs that it was built from, or beside equal ones. */
function fitOf(candidate: Candidate, analysis: NodeAnalysis, input: PlanInput, progress: Progress): Fit {
  let fit: Fit = 'usable';
  for (const read of analysis.reads) {
    const built = candidate.inputs[read.input];
    const upstream = progress.decisions.get(read.input);
    if (built === undefined || !upstream) return 'unusable';
    const settled = upstream.artefact !== null && !upstream.plan.verify;
    if (settled && upstream.artefact === built) continue;
    if (upstream.artefact === null && readsVolatile(read.columns, progress.versions.get(read.input))) return 'unusable';
    const equal = settled && upstream.artefact ? input.equal(built, upstream.artefact, read.columns, read.order) : null;
    if (equal === false) return 'unusable';
    if (equal === null && candidate.by === 'local') return 'unusable';
    if (equal === null) fit = 'verify';
  }
  return fit;
}

function readsVolatile(columns: readonly string[], upstream: NodeVersion | undefined): boolean {
  const volatile = upstream?.analysis.volatile;
  return volatile !== undefined && (volatile.rows || columns.some(column => volatile.columns.includes(column)));
}

function removalReason({ node }: NodeVersion, input: PlanInput): string {
  const instead = input.desired.find(other => other.node.file === node.file);
  if (instead) return `its file ${node.file} now defines ${instead.node.id}`;
  return input.fileExists?.(node.file) === true ? 'no longer defined' : `its file ${node.file} is gone`;
}

function removal(before: NodeVersion, input: PlanInput): Decision {
  const removed = before.analysis.columns.map(column => column.name);
  return gone(before.node.id, {
    change: 'removed',
    category: 'breaking',
    moves: input.shown.has(before.node.id),
    reason: removalReason(before, input),
    columns: { added: [], removed, retyped: [], changed: [] },
  });
}

/** A node that only the environment has, from an earlier apply. */
const withdrawal = (id: NodeId): Decision =>
  gone(id, {
    change: 'none',
    category: null,
    moves: true,
    reason: 'only the environment still has it',
    columns: null,
  });

const gone = (id: NodeId, plan: Pick<PlanNode, 'change' | 'category' | 'moves' | 'reason' | 'columns'>): Decision => ({
  id,
  artefact: null,
  plan: { id, ...plan, action: 'remove', verify: false, rows_changed: null, schema: null, targets: [], evidence: [] },
});
