import type { DesiredNode } from '../../core/definition/nodes/desired-node.ts';
import type { Project } from '../../core/definition/nodes/node.ts';
import type { Plan } from '../../core/plan/plan.ts';
import type { World } from '../../core/world.ts';
import { makePlan } from '../../planning/make-plan.ts';
import { openStore } from '../../store/store-reader.ts';
import { withTools } from '../with-tools.ts';

export interface DefinitionsOnDisk {
  readonly root: string;
  readonly project: Project;
  readonly nodes: readonly DesiredNode[];
}

/** Analyses the definitions on disk with the available source data: schemas and lineage. */
export function analyseProject(world: World, { root, project, nodes }: DefinitionsOnDisk): Promise<Plan> {
  const store = openStore(root);
  const request = { base: store.current(null), nodes, pinSources: true };
  return withTools({ world, root, store, settings: project.settings }, tools => makePlan(request, tools));
}
