import type { NodeId } from '../../core/definition/nodes/node.ts';
import type { EnvironmentName } from '../../core/environment/environment-name.ts';
import type { GenerationNode } from '../../core/state/generation.ts';
import type { TargetNode } from '../../core/plan/targets/wanted-target.ts';
import type { World } from '../../core/world.ts';
import type { StoreReader } from '../../store/store-reader.ts';
import { damaged } from '../../store/ledger/stored-json.ts';
import { targetNodesById, targetNodesOf } from './target-nodes.ts';
import { type PreparedTarget, prepareTargets, type TargetWriting } from './prepare-targets.ts';
import { type TargetWritingTools, type WrittenTarget, writeTargets } from './write-targets.ts';

/** The entries of an environment whose targets are brought up to date. */
export interface GenerationTargets {
  /** null is production. */
  readonly environment: EnvironmentName | null;
  /** In dependency order. */
  readonly entries: readonly GenerationNode[];
  /** Production's entries that the environment is based on; not used for production. */
  readonly base: readonly GenerationNode[];
  readonly adopt: boolean;
  /** Only the targets of these nodes (default: all). */
  readonly only?: ReadonlySet<NodeId>;
  /** Only targets whose rows are replaced as a whole, which can be brought back to an earlier version. */
  readonly replacedOnly?: boolean;
}

export type GenerationTargetTools = TargetWritingTools & {
  readonly world: Pick<World, 'now' | 'emit' | 'variables'>;
};

/** Brings the external targets of a generation up to date. Does not reject if a target fails. */
export async function writeGeneration(
  generation: GenerationTargets,
  tools: GenerationTargetTools,
): Promise<readonly WrittenTarget[]> {
  const prepared = await prepareGeneration(generation, { ...tools, store: tools.writer });
  return writeTargets(prepared, generation.environment, tools);
}

export interface GenerationPlanTools extends Pick<GenerationTargetTools, 'target' | 'world'> {
  readonly store: StoreReader;
}

/** Plans the same without writing: the targets that are behind, and what refuses them. */
export const prepareGeneration = (
  generation: GenerationTargets,
  { store, world, target }: GenerationPlanTools,
): Promise<readonly PreparedTarget[]> =>
  prepareTargets(writingOf(generation, { store, world }), { state: store, target });

/** The nodes of a generation whose targets the environment may have to write. */
function writingOf(
  { environment, entries, base, adopt, only, replacedOnly = false }: GenerationTargets,
  { store, world }: Pick<GenerationPlanTools, 'store' | 'world'>,
): TargetWriting {
  const chosen = only === undefined ? entries : entries.filter(({ id }) => only.has(id));
  const nodes = targetNodesOf(store, chosen, world);
  const inProduction =
    environment === null ? new Map<NodeId, TargetNode>() : targetNodesById(targetNodesOf(store, base, world));
  const baseEntries = new Map(base.map(entry => [entry.id, entry]));
  return {
    environment,
    adopt,
    nodes: nodes.map(({ id, artefact, targets }) => {
      const record = artefact === null ? null : store.artefact(artefact);
      if (!record) throw damaged(`target/store/ledger.jsonl, without the output of ${id},`);
      const wanted = replacedOnly ? targets.filter(({ mode }) => mode.kind === 'replace') : targets;
      return {
        id,
        targets: wanted,
        artefact: record,
        base: inProduction.get(id) ?? withoutTargets(baseEntries.get(id)),
      };
    }),
  };
}

/** A node that production has without targets. */
const withoutTargets = (entry: GenerationNode | undefined): TargetNode | undefined =>
  entry && { id: entry.id, artefact: entry.artefact, targets: [] };
