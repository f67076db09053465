import { once } from '../core/once.ts';
import type { DefinitionsCommit, GenerationNode } from '../core/state/generation.ts';
import { diskDifference } from '../planning/disk-difference.ts';
import { versionsIn } from '../planning/revert/guarded-versions.ts';
import { findTakenBack, type TakenBack } from '../planning/revert/revert-guard.ts';
import { commitOf } from '../project/git/git-commit.ts';
import { loadProject } from '../project/load-project.ts';
import type { StoreReader } from '../store/store-reader.ts';
import type { Compared } from './promotion-changes.ts';
import type { Route, RouteRequest } from './promotion-route.ts';
import type { WithTools } from './promotion-tools.ts';

/** The outcome of a promotion. */
export interface Promoted {
  readonly route: Route;
  readonly nodes: readonly GenerationNode[];
  readonly compared: Compared;
}

type Checkout = Pick<RouteRequest, 'world' | 'root'>;

export interface Guarding extends Checkout {
  readonly store: StoreReader;
  readonly withTools: WithTools;
}

/** What a promotion to production would undo; other targets are not guarded. */
export async function takenBackBy(
  { world, root, store, withTools }: Guarding,
  { route, nodes, compared }: Promoted,
): Promise<readonly TakenBack[]> {
  if (route.to !== null) return [];
  return findTakenBack({
    state: store,
    checkout: { world, root },
    wanted: {
      definitions: new Map(nodes.map(node => [node.id, node.definition])),
      moving: [...compared.changed.map(node => node.id), ...compared.removed],
      versionsOf: (tools, ids) => versionsIn(tools, nodes, ids),
      author: () => Promise.resolve(route.applied.by),
      commit: once(() => commitOfRoute({ world, root }, route)),
    },
    withTools,
  });
}

/** The commit of the applied definitions; edits at the time of the plan may have been committed since. */
export async function commitOfRoute(
  { world, root }: Checkout,
  { plan, applied }: Route,
): Promise<DefinitionsCommit | null> {
  const planned = plan.record.commit ?? null;
  if (planned?.clean === true || diskDifference(world, root, { plan, nodes: applied.nodes }) !== null) return planned;
  const now = await commitOf({ world, root }, loadProject(root).project);
  return now?.clean === true ? now : planned;
}

/** Reports files on disk that differ from the applied definitions, because those are promoted. */
export function tellDifference({ world, root }: Checkout, { plan, applied }: Route): void {
  const difference = diskDifference(world, root, { plan, nodes: applied.nodes });
  if (difference !== null)
    world.emit({ kind: 'notice', text: `${difference}. The applied version is promoted, not the files.` });
}
