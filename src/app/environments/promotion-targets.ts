import type { RunDocument } from '../../core/documents/run-document.ts';
import type { EnvironmentName } from '../../core/environment/environment-name.ts';
import type { Generation, GenerationNode } from '../../core/state/generation.ts';
import type { World } from '../../core/world.ts';
import type { StoreReader } from '../../store/store-reader.ts';
import type { StoreWriter } from '../../store/store-writer.ts';
import { previewWritten, switchAndWrite, tellBehind } from '../target-writing.ts';
import type { Tools } from '../with-tools.ts';

/** The target of a promotion afterwards, and what the user wants of its tables outside the store. */
export interface PromotedTargets {
  /** null is production. */
  readonly environment: EnvironmentName | null;
  readonly entries: readonly GenerationNode[];
  /** The generation of production that the target is based on. */
  readonly base: Generation | null;
  readonly options: { readonly rematerialize?: boolean; readonly adopt?: boolean; readonly rebase?: boolean };
}

export interface PromotionAround {
  readonly world: World;
  withTools<T>(work: (tools: Tools) => Promise<T>): Promise<T>;
}

/** Switches, and with `--rematerialize` also writes the targets; otherwise the result lists those that are then behind. */
export async function promoteTargets(
  promoted: PromotedTargets,
  writer: StoreWriter,
  { world, withTools, switchTo }: PromotionAround & { switchTo(): Promise<RunDocument> },
): Promise<RunDocument> {
  const generation = generationOf(promoted);
  if (promoted.options.rematerialize === true)
    return switchAndWrite({ world, writer, withTools }, generation, switchTo);
  return tellBehind(await switchTo(), generation, { store: writer, world });
}

/**
 * Adds to a preview the targets that `--rematerialize` would write, or without it those that would be behind. A rebase may
 * still change their columns.
 */
export async function previewTargets(
  document: RunDocument,
  promoted: PromotedTargets,
  { store, ...around }: PromotionAround & { readonly store: StoreReader },
): Promise<RunDocument> {
  const { rematerialize, rebase } = promoted.options;
  const generation = generationOf(promoted);
  if (rematerialize !== true) return tellBehind(document, generation, { store, world: around.world });
  return previewWritten({ ...around, store }, generation, { document, mayRefuse: rebase !== true });
}

const generationOf = ({ environment, entries, base, options }: PromotedTargets) => ({
  environment,
  entries,
  base: base?.nodes ?? [],
  adopt: options.adopt === true,
});
