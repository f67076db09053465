import type { NodeId } from '../core/definition/nodes/node.ts';
import type { GenerationNode } from '../core/state/generation.ts';
import { ToolError } from '../diagnostics/tool-error.ts';
import { resolveEntry } from '../planning/read-base.ts';
import type { StoreReader } from '../store/store-reader.ts';
import type { PromotionTools, WithTools } from './promotion-tools.ts';
import type { Route } from './promotion-route.ts';

/** A source whose data came from a server that production does not read. */
export interface ForeignNode {
  readonly id: NodeId;
  readonly endpoint: string;
  /** Where production reads this source; null if that is no server. */
  readonly wanted: string | null;
}

type Tools = Pick<PromotionTools, 'state' | 'world' | 'connector'>;

export interface EndpointAround {
  readonly store: Pick<StoreReader, 'artefact'>;
  readonly withTools: WithTools;
}

/**
 * The changed sources whose data came from a server other than the one that production's profile gives; asks no server,
 * and opens no tools unless data of a server changed. Transforms need no check: they were built from these sources, or
 * from data that was found equal to theirs.
 */
export async function foreignNodes(
  { to }: Route,
  changed: readonly GenerationNode[],
  { store, withTools }: EndpointAround,
): Promise<readonly ForeignNode[]> {
  const endpointsOf = ({ artefact }: GenerationNode) => store.artefact(artefact)?.endpoints ?? [];
  const served = changed.filter(entry => isSource(entry) && endpointsOf(entry).length > 0);
  if (to !== null || served.length === 0) return [];
  return withTools(async tools => {
    const foreign: ForeignNode[] = [];
    for (const entry of served) {
      const wanted = await endpointInProduction(tools, entry);
      const other = endpointsOf(entry).find(endpoint => endpoint !== wanted);
      if (other !== undefined) foreign.push({ id: entry.id, endpoint: other, wanted });
    }
    return foreign;
  });
}

/** Throws `other-endpoint` if there are such sources. */
export async function assertOwnData(
  route: Route,
  changed: readonly GenerationNode[],
  around: EndpointAround,
): Promise<void> {
  const foreign = await foreignNodes(route, changed, around);
  if (foreign.length > 0) throw foreignData(route, foreign);
}

const isSource = ({ id }: GenerationNode): boolean => id.startsWith('source.');

async function endpointInProduction({ state, world, connector }: Tools, entry: GenerationNode): Promise<string | null> {
  const { resolved } = resolveEntry(state, entry, world);
  return resolved.kind === 'source' ? connector(resolved.node).endpointOf(resolved.node) : null;
}

function foreignData({ from }: Route, foreign: readonly ForeignNode[]): ToolError {
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
