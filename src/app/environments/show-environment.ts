import { behindOf } from '../target-writing.ts';
import type { EnvironmentEntry } from '../../core/documents/environments-document.ts';
import type { ProfilePin } from '../../core/documents/plan-document.ts';
import { type EnvironmentName, parseEnvironmentName } from '../../core/environment/environment-name.ts';
import { mayMove } from '../../core/plan/changes/moves.ts';
import type { CommonOptions, World } from '../../core/world.ts';
import { ToolError } from '../../diagnostics/tool-error.ts';
import { parsePlanFile } from '../../planning/plan-record.ts';
import { assertEnvironmentExists } from '../../planning/saved-plan.ts';
import { findProjectRoot } from '../../project/files/project-root.ts';
import type { EnvironmentListing } from '../../store/generations/environment-records.ts';
import { openStore, type StoreReader } from '../../store/store-reader.ts';
import { describeEnvironment } from './list-environments.ts';

export interface EnvironmentDetails {
  readonly entry: EnvironmentEntry;
  /** null if it was planned without a production, or if its plan cannot be read. */
  readonly base: { readonly serial: number; readonly production: number | null } | null;
  readonly planned: boolean;
  readonly profile: ProfilePin | null;
  readonly changed: readonly {
    readonly id: string;
    readonly change: string;
    readonly category: string | null;
    readonly action: string;
  }[];
  readonly targetsBehind: readonly string[];
  readonly promotable: boolean;
  /** Why it is not promotable; null if it is. */
  readonly why: string | null;
}

/** Details of one environment: its base, its changes, and whether it can be promoted. */
export async function showEnvironment(
  world: World,
  options: CommonOptions & { readonly environment: string },
): Promise<EnvironmentDetails> {
  const environment = parseEnvironmentName(options.environment);
  const store = openStore(findProjectRoot(world, options));
  assertEnvironmentExists(store, environment);
  const listing = store.listEnvironments().find(entry => entry.name === environment);
  const entry = describeEnvironment(store, listing ?? UNLISTED(environment), world.now().getTime());
  const plan = parsePlanFile(store.planText(environment));
  const why = await whyNot(world, options);
  return {
    entry,
    base: plan?.base ? { serial: plan.base.serial, production: store.current(null)?.serial ?? null } : null,
    planned: plan !== null,
    profile: plan?.profile ?? null,
    changed: (plan?.nodes ?? [])
      .filter(node => node.change !== 'none' || node.action !== 'reuse' || mayMove(node))
      .map(({ id, change, category, action }) => ({ id, change, category, action })),
    targetsBehind: targetsBehind(world, store, environment),
    promotable: why === null,
    why,
  };
}

function targetsBehind(world: World, store: StoreReader, environment: EnvironmentName): readonly string[] {
  const own = store.followsProduction(environment) ? null : store.current(environment);
  if (own === null) return [];
  const base = own.base === null ? null : store.generation(null, own.base.serial);
  const behind = behindOf({ environment, entries: own.nodes, base: base?.nodes ?? [] }, { store, world });
  return behind.map(({ node, target, physical }) => `${node} → ${target.type} ${physical}`);
}

const UNLISTED = (name: string): EnvironmentListing => ({ name, config: null, lastUsedAt: null });

/** Why a promotion would be refused; null if it would not. */
async function whyNot(world: World, options: CommonOptions & { readonly environment: string }): Promise<string | null> {
  const { previewPromotion } = await import('./promote.ts');
  try {
    const { result } = await previewPromotion({ ...world, emit: () => undefined }, options);
    return result.status === 'nothing_to_do' ? 'there is nothing to promote' : null;
  } catch (error) {
    if (!(error instanceof ToolError)) throw error;
    return error.message.replace(/\.$/, '');
  }
}
