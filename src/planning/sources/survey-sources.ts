import type { NodeVersion } from '../../core/plan/changes/node-change.ts';
import { descendantsOf } from '../../core/graph/graph.ts';
import type { NodeId, SourceNode } from '../../core/definition/nodes/node.ts';
import { type Diagnostic, hasErrors } from '../../diagnostics/diagnostic.ts';
import { ToolError } from '../../diagnostics/tool-error.ts';
import { type FailureText, failureTextOf } from '../../diagnostics/failure-text.ts';
import { edgesOf } from '../../core/definition/nodes/node-edges.ts';
import { withColumns } from './earlier-reading.ts';
import type { PlanRequest } from '../plan-request.ts';
import type { BaseNode } from '../../core/plan/plan.ts';
import type { PlanningTools } from '../planning-tools.ts';
import { sourceMistake } from '../../analysis/duckdb-errors/source-mistake.ts';

import type { Survey } from './survey.ts';
import { keepStoredOutput, sameReader, surveySource } from './survey-source.ts';

/** Decides for every source whether to keep an artefact or to read it; reports unreadable sources as diagnostics. */
export async function surveySources(
  request: PlanRequest,
  { base, tools }: { readonly base: ReadonlyMap<NodeId, BaseNode>; readonly tools: PlanningTools },
): Promise<Survey> {
  const survey: Survey = {
    decisions: new Map(),
    contents: new Map(),
    readings: new Map(),
    unreadable: new Map(),
    diagnostics: [],
  };
  for (const { resolved, values } of request.nodes) {
    if (resolved.kind === 'query') continue;
    const before = base.get(resolved.node.id);
    if (resolved.kind === 'stored-output') {
      keepStoredOutput(resolved.node.id, { request, tools, before, values }, survey);
      continue;
    }
    const { node } = resolved;
    try {
      await surveySource(node, { request, tools, before, values }, survey);
    } catch (error) {
      if (!(error instanceof ToolError)) throw error;
      const code = noteUnreadable(survey, node, failureTextOf(error));
      // A bad option blocks the apply, unless the base was read with the same definition.
      if (code === 'bad-option' && !(before && sameReader(before, node))) survey.unreadable.delete(node.id);
    }
  }
  return survey;
}

/** Records an unreadable source; returns the code of the mistake. */
function noteUnreadable(survey: Survey, node: SourceNode, text: FailureText): string {
  const mistake = sourceMistake(node, text);
  survey.diagnostics.push(mistake);
  survey.unreadable.set(node.id, text);
  return mistake.code;
}

/** Refuses empty files whose missing columns cause mistakes in their readers. Returns whether it refused one. */
export function refuseEmpty({ nodes }: PlanRequest, survey: Survey, found: readonly Diagnostic[]): boolean {
  if (!hasErrors(found)) return false;
  const edges = edgesOf(nodes.map(({ resolved }) => resolved.node));
  const blamed = new Set(found.map(entry => entry.node));
  const empty = [...survey.readings.values()].filter(({ node, refusal: known }) => {
    return known === null && descendantsOf(edges, [node.id]).some(id => blamed.has(id));
  });
  let refused = false;
  for (const { node, inspection } of empty) {
    if (inspection.empty === null) continue;
    noteUnreadable(survey, node, inspection.empty);
    for (const known of [survey.readings, survey.decisions, survey.contents]) known.delete(node.id);
    refused = true;
  }
  return refused;
}

/** Gives refused sources the columns of their files, for the comparison with the base. */
export function withFileColumns(
  bound: ReadonlyMap<NodeId, NodeVersion>,
  survey: Survey,
): ReadonlyMap<NodeId, NodeVersion> {
  const shown = [...bound].map(([id, version]) => {
    const reading = survey.readings.get(id);
    const identity = survey.contents.get(id)?.identity;
    if (!reading?.refusal || identity === undefined) return [id, version] as const;
    return [id, withColumns(version, reading.inspection.columns, identity)] as const;
  });
  return new Map(shown);
}
