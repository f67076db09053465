import type { RunDocument } from '../core/documents/run-document.ts';
import type { EnvironmentName } from '../core/environment/environment-name.ts';
import type { GenerationNode } from '../core/state/generation.ts';
import type { World } from '../core/world.ts';
import { ToolError } from '../diagnostics/tool-error.ts';
import type { PreparedTarget } from '../execution/targets/prepare-targets.ts';
import { leaveTargets } from '../execution/targets/leave-targets.ts';
import {
  failedTargets,
  type PlannedOutcome,
  withBehind,
  withLeft,
  withNotUndone,
  withPlanned,
  withTargets,
} from '../execution/targets/target-results.ts';
import { ownsTargets } from '../core/plan/targets/wanted-target.ts';
import { tellableTargets, targetNodesById } from '../execution/targets/target-nodes.ts';
import { type GenerationTargets, prepareGeneration, writeGeneration } from '../execution/targets/write-generation.ts';
import { writeTargets } from '../execution/targets/write-targets.ts';
import { stepPhrase } from '../planning/targets/step-phrase.ts';
import type { StoreReader } from '../store/store-reader.ts';
import type { StoreWriter } from '../store/store-writer.ts';
import { type BehindTarget, behindTargets } from '../execution/targets/behind-targets.ts';
import type { Tools } from './with-tools.ts';

export interface Rematerialization {
  readonly world: World;
  readonly writer: StoreWriter;
  /** Opens the tools with the profile of the environment that is written. */
  withTools<T>(work: (tools: Tools) => Promise<T>): Promise<T>;
}

/**
 * Makes a switch and then writes the targets that it leaves behind. A target that the server refuses stops it before the
 * switch: `switchTo` is not called. A server that does not answer stops nothing, and its targets stay behind.
 */
export async function switchAndWrite(
  { world, writer, withTools }: Rematerialization,
  generation: GenerationTargets,
  switchTo: () => Promise<RunDocument>,
): Promise<RunDocument> {
  return withTools(async tools => {
    const writing = { world, writer, target: tools.target };
    const prepared = await prepareGeneration(generation, { ...writing, store: writer });
    assertNotRefused(prepared);
    const document = await switchTo();
    return withTargets(document, await writeTargets(prepared, generation.environment, writing));
  });
}

export interface WritingPreview {
  readonly document: RunDocument;
  /** Whether a target that the server refuses is an error, as when it is written. */
  readonly mayRefuse: boolean;
}

/** A preview with the targets that would be written and what that does besides; writes nothing. */
export async function previewWritten(
  { world, store, withTools }: BehindAround & Pick<Rematerialization, 'withTools'>,
  generation: GenerationTargets,
  { document, mayRefuse }: WritingPreview,
): Promise<RunDocument> {
  return withTools(async tools => {
    const prepared = await prepareGeneration(generation, { world, store, target: tools.target });
    if (mayRefuse) assertNotRefused(prepared);
    return withPlanned(document, prepared.map(plannedOf));
  });
}

function plannedOf(prepared: PreparedTarget): PlannedOutcome {
  if (prepared.kind === 'ready') {
    const { node, target, table } = prepared.located;
    const steps = prepared.write.planned.steps.flatMap(stepPhrase);
    return { node, type: target.type, physical: table.name, steps, failure: null };
  }
  const { node, target, table, failure } = prepared;
  return { node, type: target.type, physical: table?.name ?? target.table, steps: [], failure };
}

function assertNotRefused(prepared: readonly PreparedTarget[]): void {
  const refused = prepared.flatMap(target => (target.kind === 'failed' && target.refused ? [target] : []));
  const [first] = refused;
  if (!first) return;
  const lines = refused.map(({ node, target, table, failure }) => {
    return `${node} → ${target.type} ${table?.name ?? target.table}: ${failure.message}`;
  });
  const { code, hint } = first.failure;
  throw new ToolError(code, lines.join('; '), hint === null ? {} : { hint });
}

export interface AfterSwitch {
  readonly world: World;
  readonly writer: StoreWriter;
  readonly tools: Pick<Tools, 'target'>;
}

/** The result of a command after its targets, with the nodes that have a failed one. */
export interface WrittenAfter {
  readonly document: RunDocument;
  readonly failed: readonly string[];
}

/** Writes the targets that are behind after a switch, and adds to the document what became of them. */
export async function writeAfterSwitch(
  document: RunDocument,
  generation: GenerationTargets,
  { world, writer, tools }: AfterSwitch,
): Promise<WrittenAfter> {
  const { environment, entries } = generation;
  const written = await writeGeneration(generation, { world, writer, target: tools.target });
  const left = await leaveTargets(environment, entries, { writer, world });
  return { document: withLeft(withTargets(document, written), left), failed: failedTargets(written) };
}

export interface BehindRequest {
  readonly environment: EnvironmentName | null;
  readonly entries: readonly GenerationNode[];
  /** Production's entries that the environment is based on; not used for production. */
  readonly base: readonly GenerationNode[];
}

/** A document with the targets that do not show their node's artefact; asks no server. */
export const tellBehind = (document: RunDocument, request: BehindRequest, around: BehindAround): RunDocument =>
  withBehind(document, behindOf(request, around));

/** The same after a rollback: targets that it cannot bring back are listed apart. */
export function tellNotUndone(document: RunDocument, request: BehindRequest, around: BehindAround): RunDocument {
  const behind = behindOf(request, around);
  const kept = behind.filter(({ target }) => target.mode.kind !== 'replace');
  const left = behind.filter(({ target }) => target.mode.kind === 'replace');
  return withNotUndone(withBehind(document, left), kept);
}

export interface BehindAround {
  readonly store: StoreReader;
  readonly world: World;
}

/** The targets of an environment that are behind, as the records tell. */
export function behindOf(
  { environment, entries, base }: BehindRequest,
  { store, world }: BehindAround,
): readonly BehindTarget[] {
  const inProduction = targetNodesById(environment === null ? [] : tellableTargets(store, base, world).nodes);
  const nodes = tellableTargets(store, entries, world).nodes.filter(node =>
    ownsTargets(environment, node, inProduction.get(node.id)),
  );
  return behindTargets(nodes, store.targetRecords(environment), environment);
}
