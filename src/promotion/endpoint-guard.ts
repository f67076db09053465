import type { NodeId } from '../core/definition/nodes/node.ts';
import type { GenerationNode } from '../core/state/generation.ts';
import { ToolError } from '../diagnostics/tool-error.ts';
import { resolveEntry } from '../planning/read-base.ts';
import type { PromotionTools } from './promotion-tools.ts';
import type { Route } from './promotion-route.ts';

/** A source whose data came from a server that production does not read. */
export interface ForeignNode {
  readonly id: NodeId;
  readonly endpoint: string;
  /** Where production reads this source; null if that is no server. */
  readonly wanted: string | null;
}

type Tools = Pick<PromotionTools, 'state' | 'world' | 'connector'>;

/**
 * The changed sources whose data came from a server other than the one that production's profile gives; asks no server.
 * Transforms need no check: they were built from these sources, or from data that was found equal to theirs.
 */
export async function foreignNodes(
  tools: Tools,
  { to }: Route,
  changed: readonly GenerationNode[],
): Promise<readonly ForeignNode[]> {
  if (to !== null) return [];
  const foreign: ForeignNode[] = [];
  for (const entry of changed.filter(isSource)) {
    const endpoints = endpointsOf(tools, entry);
    if (endpoints.length === 0) continue;
    const wanted = await endpointInProduction(tools, entry);
    const other = endpoints.find(endpoint => endpoint !== wanted);
    if (other !== undefined) foreign.push({ id: entry.id, endpoint: other, wanted });
  }
  return foreign;
}

const isSource = ({ id }: GenerationNode): boolean => id.startsWith('source.');

const endpointsOf = ({ state }: Pick<Tools, 'state'>, { artefact }: GenerationNode): readonly string[] =>
  state.artefact(artefact)?.endpoints ?? [];

async function endpointInProduction({ state, world, connector }: Tools, entry: GenerationNode): Promise<string | null> {
  const { resolved } = resolveEntry(state, entry, world);
  return resolved.kind === 'source' ? connector(resolved.node).endpointOf(resolved.node) : null;
}

/** The error for promoting such nodes. */
export function foreignData({ from }: Route, foreign: readonly ForeignNode[]): ToolError {
  const lines = foreign.map(({ id, endpoint, wanted }) =>
    wanted === null
      ? `${id} holds data of ${endpoint}`
      : `${id} was read from ${endpoint}, and production reads ${wanted}`,
  );
  const message = `Data of another server is not promoted: ${lines.join('; ')}.`;
  return new ToolError('other-endpoint', message, {
    hint: `Run 'seeknal env promote ${from} --rebase' to read it again from production's server.`,
  });
}
