import type { SourceDecision } from '../core/plan/build-plan.ts';
import type { SourceNode } from '../core/definition/nodes/node.ts';
import { ToolError } from '../diagnostics/tool-error.ts';
import { connectorOf } from './connector-of.ts';
import type { BaseNode } from './read-base.ts';
import type { Inquiry } from '../connectors/source-connector.ts';
import type { Workbench } from './workbench.ts';

type KeptSource = Extract<SourceDecision, { readonly kind: 'keep' }>;

/** A source that keeps production's data whatever its files hold now, and whether that is something else. */
export async function pinnedSource(node: SourceNode, before: BaseNode, bench: Workbench): Promise<KeptSource> {
  const outdated = await hasOtherFiles(node, before, bench);
  const since = outdated ? '; its files changed since' : '';
  const reason = `production's data of ${before.at}; --refresh reads it${since}`;
  return { kind: 'keep', artefact: before.artefact, reason, outdated };
}

const VERSION_ALONE: Inquiry = { isKnown: () => Promise.resolve(true), earlier: () => null };

/** An environment needs no files for what is pinned: where there are none, nothing can be said of them. */
async function hasOtherFiles(node: SourceNode, before: BaseNode, bench: Workbench): Promise<boolean> {
  try {
    const { version } = await connectorOf(bench, node).inspect(node, VERSION_ALONE);
    return !bench.store.artefactsNamed(version).includes(before.artefact);
  } catch (error) {
    if (error instanceof ToolError || isRefusal(error)) return false;
    throw error;
  }
}

const isRefusal = (error: unknown): boolean => error instanceof Error && 'syscall' in error;
