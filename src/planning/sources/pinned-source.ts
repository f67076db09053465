import type { SourceDecision } from '../../core/plan/sources/source-decision.ts';
import type { SourceNode } from '../../core/definition/nodes/node.ts';
import { ToolError } from '../../diagnostics/tool-error.ts';
import type { BaseNode } from '../../core/plan/plan.ts';
import type { Inquiry } from '../../connectors/source-connector.ts';
import type { PlanningTools } from '../planning-tools.ts';

type SourceTools = Pick<PlanningTools, 'state' | 'connector'>;

type KeptSource = Omit<Extract<SourceDecision, { readonly kind: 'keep' }>, 'identity'>;

/** The decision to keep production's data of a source; says whether its files changed. */
export async function pinnedSource(node: SourceNode, before: BaseNode, tools: SourceTools): Promise<KeptSource> {
  const outdated = await hasOtherFiles(node, before, tools);
  const since = outdated ? '; its files changed since' : '';
  const reason = `production's data of ${before.at}; --refresh reads it${since}`;
  return { kind: 'keep', artefact: before.artefact, reason, outdated };
}

const VERSION_ALONE: Inquiry = { isKnown: () => Promise.resolve(true), earlier: () => null };

/** An environment does not need the files of a pinned source: unreadable files count as unchanged. */
async function hasOtherFiles(node: SourceNode, before: BaseNode, { state, connector }: SourceTools): Promise<boolean> {
  try {
    const source = connector(node);
    if (!source.isVersioned) return false;
    const { version } = await source.inspect(node, VERSION_ALONE);
    return version !== null && !state.artefactsNamed(version).includes(before.artefact);
  } catch (error) {
    if (error instanceof ToolError && error.code === 'interrupted') throw error;
    if (error instanceof ToolError || isRefusal(error)) return false;
    throw error;
  }
}

const isRefusal = (error: unknown): boolean => error instanceof Error && 'syscall' in error;
