import type { RunDocument, RunTarget } from '../core/documents/run-document.ts';
import type { PreparedTarget } from '../execution/targets/prepare-targets.ts';
import { withPlanned } from '../execution/targets/target-results.ts';
import { type GenerationTargets, prepareGeneration } from '../execution/targets/write-generation.ts';
import { stepPhrase } from '../planning/targets/step-phrase.ts';
import { assertNotRefused, type BehindAround, type BehindRequest, behindOf } from './target-writing.ts';
import type { Tools } from './with-tools.ts';

export interface WritingPreview extends BehindAround {
  /** Opens the tools with the profile of the environment that would be written. */
  withTools<T>(work: (tools: Tools) => Promise<T>): Promise<T>;
}

/**
 * Adds to the preview of a switch the targets that it would write, with what that does besides their rows. Asks the servers
 * only if something is behind. Throws what would stop the switch.
 */
export async function previewWriting(
  document: RunDocument,
  generation: GenerationTargets & BehindRequest,
  { withTools, ...around }: WritingPreview,
): Promise<RunDocument> {
  const { unmade = new Set(), entries, replacedOnly = false } = generation;
  const behind = behindOf(generation, around).filter(({ target }) => !replacedOnly || target.mode.kind === 'replace');
  if (behind.length === 0) return document;
  const made = { ...generation, entries: entries.filter(({ id }) => !unmade.has(id)) };
  const prepared = await withTools(tools => prepareGeneration(made, { ...around, target: tools.target }));
  assertNotRefused(prepared);
  const later = behind.filter(({ node }) => unmade.has(node));
  return withPlanned(document, [
    ...prepared.map(target => ({ node: nodeOf(target), planned: plannedTarget(target) })),
    ...later.map(({ node, target, physical }) => ({ node, planned: wouldBeWritten(target.type, physical) })),
  ]);
}

const nodeOf = (target: PreparedTarget): string => (target.kind === 'ready' ? target.located.node : target.node);

function plannedTarget(prepared: PreparedTarget): RunTarget {
  if (prepared.kind === 'failed') {
    const { target, table, failure } = prepared;
    const { code, message } = failure;
    return { ...wouldBeWritten(target.type, table?.name ?? target.table), status: 'failed', error: { code, message } };
  }
  const { located, write } = prepared;
  return {
    ...wouldBeWritten(located.target.type, located.table.name),
    steps: write.planned.steps.flatMap(stepPhrase),
  };
}

const wouldBeWritten = (type: string, physical: string): RunTarget => ({
  ...{ type, physical, status: 'written', rows: null, seconds: null, error: null },
});
