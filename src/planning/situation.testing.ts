import { canonicalJson } from '../core/canonical-json.ts';
import { definitionHash } from '../core/definition/nodes/definition-hash.ts';
import { definitionOf, type DesiredNode } from '../core/definition/nodes/desired-node.ts';
import type { NodeId, SourceNode } from '../core/definition/nodes/node.ts';
import type { PlanInput } from '../core/plan/plan-input.ts';
import { upToDateNodes } from '../core/plan/candidate-finder.ts';
import { semanticDefinition } from '../core/plan/changes/definition-change.ts';
import type { NodeVersion } from '../core/plan/changes/node-change.ts';
import type { SourceDecision } from '../core/plan/sources/source-decision.ts';
import type { ArtefactKnowledge } from '../core/plan/usable.ts';
import type { Built, BuiltNode, StoredArtefact } from './built.testing.ts';
import { filledInAnew } from './make-plan.ts';
import { contentsOf, desiredNodes, type Sketch } from './project.testing.ts';

/** The state when a plan is made. Comparisons name two artefacts: `transform.a of production = transform.a of dev`. */
export interface Situation {
  /** The base; omitted before the first run. */
  readonly production?: Built;
  /** What the environment shows (default: the base). */
  readonly shown?: Built;
  /** Other builds whose artefacts are in the store. */
  readonly store?: readonly Built[];
  /** Sources that are always read. */
  readonly read?: readonly string[];
  /** Sources that keep the base's data although their files changed. */
  readonly outdated?: readonly string[];
  /** Columns in the files of refused sources. */
  readonly refused?: Readonly<Record<string, string>>;
  readonly remake?: readonly string[];
  /** Nodes that keep the base's artefact, and why. */
  readonly pinned?: Readonly<Record<string, string>>;
  readonly equal?: readonly string[];
  readonly unequal?: readonly string[];
  /** Artefacts that no longer hold what was recorded. */
  readonly damaged?: readonly string[];
  /** Artefacts that were not checked. */
  readonly unchecked?: readonly string[];
  /** Paths of the base's node files that still exist. */
  readonly files?: readonly string[];
}

/** The planner's input for a project and a situation. */
export function planInput(after: Sketch, versions: ReadonlyMap<NodeId, NodeVersion>, situation: Situation): PlanInput {
  const { production, shown = production, remake, files } = situation;
  const desired = desiredNodes(after);
  const base = new Map(mapped(production, ({ version, artefact }) => ({ ...version, artefact })));
  const known = knowledgeOf(situation);
  return {
    desired: [...versions.values()],
    entries: new Map(desired.map(node => [node.resolved.node.id, entryOf(node)])),
    base,
    upToDate: upToDateNodes(base, known),
    shown: new Map(mapped(shown, node => ({ ...entryOf(node.desired), artefact: node.artefact }))),
    sources: new Map(desired.flatMap(node => decisionOf(node, after, situation))),
    pinned: new Map(mapped(production, node => pinnedOf(node, situation)).filter(([, pinned]) => pinned.reason !== '')),
    remake: new Set(remake as readonly NodeId[] | undefined),
    filledInAnew: new Map(
      desired.map(({ resolved: { node }, parameters }) => [
        node.id,
        filledInAnew(production?.nodes.get(node.id)?.desired.parameters, parameters),
      ]),
    ),
    ...(files ? { files: new Set(files) } : {}),
    known,
  };
}

const mapped = <T>(built: Built | undefined, entryOfNode: (node: BuiltNode) => T): [NodeId, T][] =>
  [...(built?.nodes ?? [])].map(([id, node]) => [id, entryOfNode(node)]);

const entryOf = (node: DesiredNode) => ({
  definition: definitionHash(definitionOf(node)),
  file: node.resolved.node.file,
});

const pinnedOf = ({ version, artefact }: BuiltNode, { pinned }: Situation) => ({
  artefact,
  fingerprint: version.analysis.fingerprint,
  reason: pinned?.[version.node.id] ?? '',
});

function decisionOf(
  { resolved: { node } }: DesiredNode,
  after: Sketch,
  { production, store = [], read = [], outdated = [] }: Situation,
): readonly (readonly [NodeId, SourceDecision])[] {
  if (node.kind !== 'source') return [];
  const { id } = node;
  const content = contentsOf(after).get(id);
  if (!content) throw new Error(`${id} holds nothing`);
  const { identity, columns } = content;
  const before = production?.nodes.get(id);
  const keep = (reason: string) => ({ kind: 'keep', artefact: identity, identity, reason }) as const;
  if (outdated.includes(id)) return [[id, { ...keep("production's data"), outdated: true }]];
  const readLike = before !== undefined && meaningOf(before.version.node as SourceNode) === meaningOf(node);
  const isStored = store.some(built => built.nodes.get(id)?.artefact === identity);
  if (!read.includes(id) && before?.artefact === identity && readLike) return [[id, keep('unchanged')]];
  if (!read.includes(id) && isStored) return [[id, keep('its data is already in the store')]];
  const inspection = { version: identity, endpoint: null, columns, earlier: null, change: null, empty: null };
  const reason = before === undefined ? 'new source' : readLike ? 'its files changed' : 'its definition changed';
  return [
    [
      id,
      {
        kind: 'read',
        unseen: false,
        reading: { node, inspection: { ...inspection, details: {} }, refusal: null, columns },
        reason,
      },
    ],
  ];
}

const meaningOf = ({ definition }: SourceNode): string => canonicalJson(semanticDefinition(definition));

/** Answers about the artefacts of a situation. */
function knowledgeOf(situation: Situation): ArtefactKnowledge {
  const { equal = [], unequal = [], damaged = [], unchecked = [] } = situation;
  const store = storeOf(situation);
  return {
    named: fingerprint => store.filter(artefact => artefact.fingerprint === fingerprint).map(({ id }) => id),
    inputsOf: artefact => store.find(({ id }) => id === artefact)?.inputs ?? null,
    isWhole: artefact => (unchecked.includes(artefact) ? null : !damaged.includes(artefact)),
    equal: (a, b) => {
      const isNamed = (pair: string) => pair === `${a} = ${b}` || pair === `${b} = ${a}`;
      return equal.some(isNamed) ? true : unequal.some(isNamed) ? false : null;
    },
  };
}

/** All artefacts without duplicates, latest first. */
export function storeOf({ production, shown, store = [] }: Situation): readonly StoredArtefact[] {
  const builds = [...store.toReversed(), ...(shown ? [shown] : []), ...(production ? [production] : [])];
  return [...new Map(builds.flatMap(built => built.store).map(artefact => [artefact.id, artefact])).values()];
}
