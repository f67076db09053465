import { canonicalJson, sha256Hex } from '../core/canonical-json.ts';
import type { PlanDocument, ProfilePin } from '../core/documents/plan-document.ts';
import type { JsonObject } from '../core/json.ts';
import { artefactOf, type PlanAction } from '../core/plan/action.ts';
import type { Plan } from '../core/plan/plan.ts';
import { mayMove } from '../core/plan/changes/moves.ts';
import { type PlanInputs, planFingerprint } from '../core/plan/plan-fingerprint.ts';
import type { NodeId } from '../core/definition/nodes/node.ts';
import type { Diagnostic } from '../diagnostics/diagnostic.ts';
import { ToolError } from '../diagnostics/tool-error.ts';
import { definitionOf, type DesiredNode } from '../core/definition/nodes/desired-node.ts';
import type { DefinitionsCommit } from '../core/state/generation.ts';
import type { NodeParameters } from '../core/parameters/node-parameters.ts';

/** What apply needs, besides the base, to carry out exactly this plan. */
export interface PlanRecord {
  /** Definitions that are new or differ from the base; all others are in the base. */
  readonly definitions: Readonly<Record<string, StoredDefinition>>;
  readonly refresh: boolean;
  /** Digest of the project's files when the plan was made; equal digests skip the full comparison. */
  readonly files: string | null;
  /** Where the definitions come from; null without git. */
  readonly commit?: DefinitionsCommit | null;
  /** The user allowed taking over existing tables; omitted otherwise. */
  readonly adopt?: true;
}

export interface StoredDefinition {
  readonly file: string;
  readonly document: JsonObject;
  readonly values: JsonObject;
  readonly parameters: NodeParameters;
}

export type SavedPlan = Omit<PlanDocument, 'record'> & { readonly record: PlanRecord };

export interface PlanHeader {
  readonly environment: string | null;
  readonly base: PlanDocument['base'];
  readonly profile: ProfilePin | null;
  readonly refresh: boolean;
  readonly files: string | null;
  readonly warnings: readonly Diagnostic[];
  /** Fingerprint of the plan of the environment's own generation; null without one. */
  readonly applied?: string | null;
  /** Where the definitions come from; null without git. */
  readonly commit?: DefinitionsCommit | null;
  /** The user allows taking over existing tables. */
  readonly adopt?: boolean;
}

/** The inputs of a plan other than definitions. */
export type PlanSurroundings = Omit<PlanHeader, 'warnings' | 'files' | 'applied' | 'commit' | 'adopt'>;

/** The plan as a document, with the record that apply works from. */
export function buildPlanDocument(made: Plan, header: PlanHeader): SavedPlan {
  const changedDefinitions = changedOnes(made);
  const fingerprint = planFingerprint(inputsOf([...made.desired.values()], header));
  const document = {
    format: 'seeknal.plan' as const,
    version: 1 as const,
    environment: header.environment,
    fingerprint,
    base: header.base,
    changed: changesAnything(made, { fingerprint, applied: header.applied ?? null }),
    profile: header.profile,
    nodes: made.actions.map(({ line }) => line),
    summary: made.summary,
    diagnostics: header.warnings,
  };
  const { refresh, files, commit = null, adopt } = header;
  const taken = adopt === true ? { adopt } : {};
  const record: PlanRecord = { definitions: changedDefinitions, refresh, files, commit, ...taken };
  return { ...document, record };
}

/**
 * Whether applying creates a generation: a node moves or may move, or the environment's own generation came from another
 * plan and differs from production, so that only a generation of this plan can be promoted.
 */
export function changesAnything(
  made: Pick<Plan, 'actions' | 'base' | 'desired'>,
  { fingerprint, applied }: { readonly fingerprint: string; readonly applied: string | null },
): boolean {
  if (made.actions.some(({ line }) => mayMove(line))) return true;
  return applied !== null && applied !== fingerprint && !made.actions.every(action => isAsInBase(action, made));
}

function isAsInBase(action: PlanAction, { base, desired }: Pick<Plan, 'base' | 'desired'>): boolean {
  const before = base.get(action.id);
  const file = desired.get(action.id)?.resolved.node.file;
  return action.line.change === 'none' && before?.artefact === artefactOf(action) && before.node.file === file;
}

/** The inputs that a plan's fingerprint covers. */
export function inputsOf(nodes: readonly DesiredNode[], header: PlanSurroundings): PlanInputs {
  return planInputs(
    header,
    nodes.map(node => ({ id: node.resolved.node.id, definition: definitionOf(node), parameters: node.parameters })),
  );
}

export interface PlannedDefinition {
  readonly id: NodeId;
  readonly definition: JsonObject;
  readonly parameters: NodeParameters;
}

/** The same from stored definitions. */
export function planInputs(header: PlanSurroundings, nodes: readonly PlannedDefinition[]): PlanInputs {
  return {
    environment: header.environment,
    base: header.base,
    profile: header.profile,
    definitions: Object.fromEntries(nodes.map(node => [node.id, node.definition])),
    parameters: Object.fromEntries(
      nodes.flatMap(({ id, parameters }) => (Object.keys(parameters).length === 0 ? [] : [[id, parameters]])),
    ),
    refresh: header.refresh,
  };
}

/** Turns a plan into one of another environment, with the given definitions. */
export function adoptPlan(plan: SavedPlan, environment: string, nodes: readonly PlannedDefinition[]): SavedPlan {
  const { base, profile, record } = plan;
  const header = { environment, base, profile, refresh: record.refresh };
  return { ...plan, environment, fingerprint: planFingerprint(planInputs(header, nodes)) };
}

const CHECKSUM = ',"checksum":"';

/** Text of `plan.json`: one line per node, so that it can be read and diffed; a checksum at the end reveals edits. */
export function renderPlan(plan: SavedPlan): string {
  const { nodes, record, ...head } = plan;
  const lines = nodes.map(node => JSON.stringify(node)).join(',\n');
  const definitions = Object.entries(record.definitions).map(
    ([id, entry]) => `${JSON.stringify(id)}:${JSON.stringify(entry)}`,
  );
  const { definitions: _, ...rest } = record;
  const headText = JSON.stringify(head).slice(0, -1);
  const recordText = `{"definitions":{${definitions.join(',\n')}},${JSON.stringify(rest).slice(1)}`;
  const text = `${headText},"nodes":[\n${lines}\n],\n"record":${recordText}`;
  return `${text}${CHECKSUM}${sha256Hex(text)}"}\n`;
}

/** Parses `plan.json`; null if it is not a plan or was edited. Throws `format-too-new`. */
export function parsePlanFile(text: string | null): SavedPlan | null {
  if (text === null) return null;
  try {
    // The checksum verifies that renderPlan wrote the text.
    const { checksum, ...plan } = JSON.parse(text) as SavedPlan & { readonly checksum?: string };
    if (plan.format === 'seeknal.plan' && plan.version > 1) throw newerFormat(plan);
    return checksum === sha256Hex(text.slice(0, text.lastIndexOf(CHECKSUM))) ? plan : null;
  } catch (error) {
    if (error instanceof ToolError) throw error;
    return null;
  }
}

const newerFormat = ({ environment, version }: SavedPlan): ToolError =>
  new ToolError('format-too-new', `plan.json of '${environment}' has version ${version}, written by a newer seeknal.`, {
    hint: 'Update seeknal; this version understands only version 1.',
  });

function changedOnes(made: Plan): Readonly<Record<string, StoredDefinition>> {
  const changed: Record<string, StoredDefinition> = {};
  for (const [id, node] of made.desired) {
    const before = made.base.get(id as NodeId);
    const now = definitionOf(node);
    const was = before && { document: before.node.definition, values: before.values };
    const file = node.resolved.node.file;
    const parameters = canonicalJson({ ...node.parameters }) === canonicalJson({ ...before?.entry.parameters });
    if (was && canonicalJson(was) === canonicalJson(now) && before.node.file === file && parameters) continue;
    changed[id] = { file, document: node.resolved.node.definition, values: node.values, parameters: node.parameters };
  }
  return changed;
}
