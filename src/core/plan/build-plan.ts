import type { PlanNode, PlanSummary } from '../documents/plan-document.ts';
import type { NodeId } from '../definition/nodes/node.ts';
import type { PlanAction } from './action.ts';
import { candidateFinder, type FindCandidates } from './candidate-finder.ts';
import { moves, type WantedEntry } from './changes/moves.ts';
import { classifyChange, type NodeChange, type NodeVersion } from './changes/node-change.ts';
import { planLine } from './plan-line.ts';
import type { PlanInput } from './plan-input.ts';
import { type Reach, reachReason } from './reach-reason.ts';
import { removals } from './removals.ts';
import type { SourceDecision } from './sources/source-decision.ts';
import { type Candidate, fitOf, type InputState } from './usable.ts';

/** Compares desired and actual nodes: one action per node in dependency order, removals last. Deterministic, without effects. */
export function buildPlan(input: PlanInput): readonly PlanAction[] {
  const progress: Progress = {
    actions: new Map(),
    changes: new Map(),
    versions: new Map(input.desired.map(version => [version.node.id, version])),
    candidates: candidateFinder(input, input.known),
  };
  for (const version of input.desired) {
    const { id } = version.node;
    const before = input.base.get(id);
    const change = before ? classifyChange(before, version) : null;
    progress.changes.set(id, change);
    progress.actions.set(id, decide(input, version, { ...progress, change }));
  }
  return [...progress.actions.values(), ...removals(input, progress.actions)];
}

/** Counts for the head of a plan; new and removed nodes are also counted in the three categories. */
export function summarise(actions: readonly PlanAction[]): PlanSummary {
  const count = (test: (line: PlanNode) => boolean) => actions.filter(({ line }) => test(line)).length;
  return {
    breaking: count(line => line.category === 'breaking'),
    non_breaking: count(line => line.category === 'non_breaking'),
    metadata: count(line => line.category === 'metadata'),
    new: count(line => line.change === 'new'),
    removed: count(line => line.change === 'removed'),
    to_execute: count(line => line.action === 'run'),
    to_verify: count(line => line.verify),
    to_move: count(line => line.moves),
  };
}

interface Progress {
  readonly actions: Map<NodeId, PlanAction>;
  readonly changes: Map<NodeId, NodeChange | null>;
  readonly versions: ReadonlyMap<NodeId, NodeVersion>;
  readonly candidates: FindCandidates;
}

/** Progress so far, with the change of the current node. */
type Known = Progress & { readonly change: NodeChange | null };

/** An action without id and plan line, and the reason for it. */
type Verdict = { readonly reason: string } & DistributiveOmit<Exclude<PlanAction, { kind: 'remove' }>, 'id' | 'line'>;

type DistributiveOmit<T, Key extends PropertyKey> = T extends unknown ? Omit<T, Key> : never;

function decide(input: PlanInput, version: NodeVersion, known: Known): PlanAction {
  const { id } = version.node;
  const source = input.sources.get(id);
  const { reason, ...verdict } = source ? sourceVerdict(source, input, id) : queryVerdict(input, version, known);
  const artefact = 'artefact' in verdict ? verdict.artefact : null;
  const unseen = verdict.kind === 'read-source' && verdict.unseen;
  const now = input.shown.get(id);
  const moving = moves(now, { ...entryOf(input, id), artefact: unseen ? (now?.artefact ?? null) : artefact });
  const line = planLine(version, {
    change: known.change,
    kind: verdict.kind,
    moves: moving,
    reason: (moving ? movedReason(input, version, { artefact, change: known.change }) : null) ?? reason,
    unseen,
    outdated: source?.kind === 'keep' && source.outdated === true,
  });
  return { id, line, ...verdict };
}

function entryOf({ entries }: PlanInput, id: NodeId): Omit<WantedEntry, 'artefact'> {
  const entry = entries.get(id);
  if (entry) return entry;
  throw new Error(`${id} is not in the plan`);
}

/** Why a node moves although its definition and data are the base's; null if they differ from the base. */
function movedReason(
  { base }: PlanInput,
  { node }: NodeVersion,
  { artefact, change }: { readonly artefact: string | null; readonly change: NodeChange | null },
): string | null {
  const before = base.get(node.id);
  if (before === undefined || before.artefact !== artefact || change?.change !== 'none') return null;
  return before.node.file === node.file ? 'as in production' : `its file moved from ${before.node.file}`;
}

function sourceVerdict(source: SourceDecision, { base, remake }: PlanInput, id: NodeId): Verdict {
  if (source.kind === 'read') {
    const { reading, reason, unseen } = source;
    return {
      kind: 'read-source',
      reading,
      before: base.get(id)?.artefact ?? null,
      full: remake?.has(id) === true,
      unseen,
      reason,
    };
  }
  const { artefact, identity, reason } = source;
  return { kind: 'reuse', artefact, fingerprint: identity, pinned: false, reason };
}

function queryVerdict(input: PlanInput, version: NodeVersion, known: Known): Verdict {
  const { id } = version.node;
  const pinned = input.pinned?.get(id);
  if (pinned !== undefined) return { kind: 'reuse', pinned: true, ...pinned };
  if (input.remake?.has(id) === true) return { kind: 'execute', full: true, reason: 'rebuilt (--full)' };
  const { late } = version.analysis;
  if (late !== undefined && late !== id)
    return { kind: 'execute', full: false, reason: `the columns of ${late} are known only after it has run` };
  return bestCandidate(input, version, known);
}

function bestCandidate(input: PlanInput, version: NodeVersion, known: Known): Verdict {
  const { node, analysis } = version;
  const because = (reach: Reach) => reachReason(reach, version, known, input);
  const around = { stateOf: (id: NodeId) => stateOf(id, known), known: input.known };
  const judged = known
    .candidates(node.id, analysis)
    .map(candidate => ({ ...candidate, fit: fitOf(candidate, analysis.reads, around) }));
  const usable = judged.find(({ fit }) => fit === 'same' || fit === 'equal');
  if (usable) {
    const reach = usable.artefact === input.base.get(node.id)?.artefact ? 'keep' : 'take';
    const { artefact } = usable;
    return { kind: 'reuse', artefact, fingerprint: analysis.fingerprint, pinned: false, reason: because(reach) };
  }
  const likely = judged.find(isLikely);
  if (likely) return { kind: 'verify-then-reuse', artefact: likely.artefact, reason: because('verify') };
  return { kind: 'execute', full: false, reason: because(judged.length > 0 ? 'rerun' : 'run') };
}

/** An equivalent query alone does not promise reuse: its inputs are known to have changed. */
const isLikely = ({ fit, by }: Pick<Candidate, 'by'> & { readonly fit: string }): boolean =>
  fit === 'unknown' && by === 'fingerprint';

function stateOf(id: NodeId, { actions, versions }: Progress): InputState | null {
  const action = actions.get(id);
  if (action === undefined || action.kind === 'remove') return null;
  if (action.kind === 'verify-then-reuse') return { kind: 'to-verify' };
  if (action.kind === 'reuse') return { kind: 'settled', artefact: action.artefact };
  return { kind: 'to-make', volatile: versions.get(id)?.analysis.volatile ?? NEVER };
}

const NEVER = { columns: [], rows: false };
