import { sha256Hex } from '../../core/canonical-json.ts';
import type { SourceDecision } from '../../core/plan/sources/source-decision.ts';
import type { InspectedSource } from '../../core/plan/sources/source-inspection.ts';
import type { JsonObject } from '../../core/json.ts';
import { readerText } from '../../core/definition/nodes/reader-text.ts';
import type { NodeId, SourceNode } from '../../core/definition/nodes/node.ts';
import { damaged } from '../../store/ledger/stored-json.ts';
import type { StateSnapshot } from '../../core/state/state-snapshot.ts';
import { earlierReading, offeredColumns, schemaReason } from './earlier-reading.ts';
import type { PlanRequest } from '../plan-request.ts';
import { pinnedSource } from './pinned-source.ts';
import type { BaseNode } from '../../core/plan/plan.ts';
import type { PlanningTools } from '../planning-tools.ts';

import type { Survey } from './survey.ts';
import { isElsewhere, isUnseen, UNSEEN } from './unseen.ts';

/** What the decision on a source depends on. */
export interface Surroundings {
  readonly request: PlanRequest;
  readonly tools: PlanningTools;
  readonly values: JsonObject;
  readonly before: BaseNode | undefined;
}

/** The decision to keep an artefact, before its record is looked up. */
type Kept = Omit<Extract<SourceDecision, { kind: 'keep' }>, 'identity'>;

function keepArtefact(id: NodeId, kept: Kept, { state, survey }: Keeping): void {
  const record = state.artefact(kept.artefact);
  if (!record) throw damaged(`target/store/ledger.jsonl, without the output of ${id},`);
  const { columns, identity } = record;
  survey.decisions.set(id, { ...kept, identity });
  survey.contents.set(id, { columns, identity });
}

interface Keeping {
  readonly state: Pick<StateSnapshot, 'artefact'>;
  readonly survey: Survey;
}

/** Keeps the base's artefact of a transform whose query cannot be filled in. */
export function keepStoredOutput(id: NodeId, { request, tools, before }: Surroundings, survey: Survey): void {
  const reason = request.pinned?.get(id);
  if (reason === undefined || !before) throw new Error(`nothing keeps the stored output of ${id}`);
  keepArtefact(id, { kind: 'keep', artefact: before.artefact, reason }, { state: tools.state, survey });
}

/** Decides whether to keep an artefact of a source or to read it. Throws a ToolError if the source cannot be inspected. */
export async function surveySource(node: SourceNode, around: Surroundings, survey: Survey): Promise<void> {
  const { tools, request, before } = around;
  const keep = (kept: Kept) => keepArtefact(node.id, kept, { state: tools.state, survey });
  const same = before !== undefined && sameReader(before, node);
  const kept = await keptWithoutLooking(node, around, same);
  if (kept !== null) return keep(kept);
  const full = request.remake?.has(node.id) === true;
  const find = async (version: string) => (full ? null : wholeArtefact(version, before, tools));
  const inspection = await tools.connector(node).inspect(node, {
    isKnown: async version => (await find(version)) !== null,
    earlier: () => earlierReading(tools.state, before, { node, values: around.values }),
  });
  if (inspection.columns !== null) return noteReading(node, inspection, { around, survey, same, full });
  const artefact = await find(inspection.version);
  if (artefact === null) throw new Error(`${node.id} was not inspected as asked`);
  keep({ kind: 'keep', artefact, reason: keepReason(before, same, artefact) });
}

/** The decision without an inspection; null if the source must be inspected. */
async function keptWithoutLooking(
  node: SourceNode,
  { request, tools, before }: Surroundings,
  same: boolean,
): Promise<Kept | null> {
  const given = request.sourceArtefacts?.get(node.id);
  if (given !== undefined) {
    const reason = given === before?.artefact ? 'unchanged' : 'read in the environment';
    return { kind: 'keep', artefact: given, reason };
  }
  if (!before) return null;
  if (request.pinSources && same && (await tools.artefacts.isWhole(before.artefact)))
    return pinnedSource(node, before, tools);
  const reason = request.pinned?.get(node.id);
  return reason === undefined ? null : { kind: 'keep', artefact: before.artefact, reason };
}

/** An undamaged artefact with the data of a version, preferably the base's; null without one. */
async function wholeArtefact(
  version: string,
  before: BaseNode | undefined,
  { state, artefacts }: Pick<PlanningTools, 'state' | 'artefacts'>,
): Promise<string | null> {
  const isOwn = (artefact: string): number => Number(artefact === before?.artefact);
  for (const artefact of state.artefactsNamed(version).toSorted((a, b) => isOwn(b) - isOwn(a)))
    if (await artefacts.isWhole(artefact)) return artefact;
  return null;
}

interface ReadingNote {
  readonly around: Surroundings;
  readonly survey: Survey;
  /** The base read the same files in the same way. */
  readonly same: boolean;
  readonly full: boolean;
}

function noteReading(node: SourceNode, inspection: InspectedSource, { around, survey, same, full }: ReadingNote): void {
  const { before } = around;
  const { state } = around.tools;
  const { version, earlier, change } = inspection;
  const refusal = change?.refusal ?? null;
  const columns = refusal && earlier ? offeredColumns(earlier.columns, inspection.columns) : inspection.columns;
  const reading = { node, inspection, refusal, columns };
  survey.readings.set(node.id, reading);
  const edited = !same && earlier?.sameDefinition !== true;
  const record = before === undefined ? null : state.artefact(before.artefact);
  const moved = version === null && isElsewhere(inspection, record);
  const unseen = same && !full && refusal === null && isUnseen(inspection, record);
  survey.decisions.set(node.id, {
    kind: 'read',
    reading,
    unseen,
    reason: `${unseen ? UNSEEN : readReason(before, { edited, full, moved, version })}${schemaReason(node, change)}`,
  });
  // Data whose state only a reading tells count as unchanged until then; their readers are verified.
  const known =
    before !== undefined && (version === null ? unseen : state.artefactsNamed(version).includes(before.artefact));
  const identity = known ? record?.identity : undefined;
  survey.contents.set(node.id, { columns, identity: identity ?? `pending-${version ?? sha256Hex(readerText(node))}` });
}

interface ReadCause {
  readonly edited: boolean;
  readonly full: boolean;
  readonly moved: boolean;
  /** null for a table of a server. */
  readonly version: string | null;
}

function readReason(before: BaseNode | undefined, { edited, full, moved, version }: ReadCause): string {
  if (!before) return 'new source';
  if (full) return 'read again (--full)';
  if (moved) return 'read from another server';
  if (edited) return 'its definition changed';
  return version === null ? 'its table changed' : 'its files changed';
}

function keepReason(before: BaseNode | undefined, same: boolean, artefact: string): string {
  if (!same) return 'its data is already in the store';
  return artefact === before?.artefact ? 'unchanged' : 'its files changed; their data is already in the store';
}

/** Whether the base read the same files in the same way, with all parameters filled in. */
export const sameReader = (before: BaseNode, node: SourceNode): boolean =>
  before.node.kind === 'source' && readerText(before.node) === readerText(node);
