import { findRollback, isNothing, nameOf, type Rollback, type RollbackChoice } from './find-rollback.ts';
import { pinProfile } from '../../connections/discover-profile.ts';
import type { GenerationTargets } from '../../execution/targets/write-generation.ts';
import { type BehindRequest, previewWritten, switchAndWrite, tellNotUndone } from '../target-writing.ts';
import { leaveTargets } from '../../execution/targets/leave-targets.ts';
import { withLeft } from '../../execution/targets/target-results.ts';
import type { TargetRecord } from '../../core/state/target-record.ts';
import { changedArtefacts } from '../../store/artefacts/changed-artefacts.ts';
import type { RunDocument } from '../../core/documents/run-document.ts';
import { ToolError } from '../../diagnostics/tool-error.ts';
import { openStore, type StoreReader } from '../../store/store-reader.ts';
import type { StoreWriter } from '../../store/store-writer.ts';
import { authorOf } from '../../project/git/author.ts';
import { differenceFromDisk } from '../../planning/disk-difference.ts';
import { loadSettings } from '../../project/load-project.ts';
import { findProjectRoot } from '../../project/files/project-root.ts';
import { promotionDocument } from '../../promotion/promotion-document.ts';
import { type Tools, withTools } from '../with-tools.ts';
import { writeStore } from '../../project/write-store.ts';
import type { CommonOptions, World } from '../../core/world.ts';

export interface RollbackOptions extends CommonOptions, RollbackChoice {
  /** Also writes the external targets of mode `full` that changed. */
  readonly rematerialize?: boolean;
  readonly profile?: string;
}

/** A run document with the serials before and after. */
export interface RollbackDocument extends RunDocument {
  readonly rolled_back_from: number;
  readonly rolled_back_to: number;
}

/** What a rollback would change. Writes nothing; throws what the rollback would throw. */
export async function previewRollback(world: World, options: RollbackOptions): Promise<RollbackDocument> {
  const root = findProjectRoot(world, options);
  const store = openStore(root);
  const rollback = findRollback(store, options);
  await assertWhole(world, { root, store }, rollback);
  const document = { ...documentOf(store, rollback), dry_run: true } as const;
  const request = targetsOf(store, rollback);
  const planned = await previewBack({ world, root, options }, store, { request, document });
  return { ...document, ...tellNotUndone(planned, request, { store, world }) };
}

/** Restores an earlier generation as a new generation, in one switch. */
export async function rollBack(world: World, options: RollbackOptions): Promise<RollbackDocument> {
  const root = findProjectRoot(world, options);
  findRollback(openStore(root), options);
  const command = options.environment === undefined ? 'env rollback' : `env rollback ${options.environment}`;
  return writeStore({ world, root, options, command }, async writer => {
    const rollback = findRollback(writer, options);
    if (isNothing(rollback) && options.rematerialize !== true) return documentOf(writer, rollback);
    await assertWhole(world, { root, store: writer }, rollback);
    tellOfFiles(world, root, rollback);
    const request = targetsOf(writer, rollback);
    let left: readonly TargetRecord[] = [];
    const back = async (): Promise<RunDocument> => {
      if (isNothing(rollback)) return documentOf(writer, rollback);
      const serial = await switchBack(writer, rollback, {
        at: world.now().toISOString(),
        by: await authorOf(world, root),
      });
      left = await leaveTargets(rollback.environment, rollback.earlier.nodes, { writer, world });
      return { ...documentOf(writer, rollback), serial };
    };
    const document = await writeBack({ world, root, options }, writer, { request, back });
    const told = tellNotUndone(document, request, { store: writer, world });
    return { ...documentOf(writer, rollback), ...withLeft(told, left) };
  });
}

interface RollingBack {
  readonly world: World;
  readonly root: string;
  readonly options: RollbackOptions;
}

interface WritingBack {
  readonly request: BehindRequest;
  back(): Promise<RunDocument>;
}

/** Switches back; with `--rematerialize` also writes the targets of mode `full`. */
async function writeBack(
  rolling: RollingBack,
  writer: StoreWriter,
  { request, back }: WritingBack,
): Promise<RunDocument> {
  if (rolling.options.rematerialize !== true) return back();
  return switchAndWrite({ ...aroundOf(rolling, writer, request), writer }, replacedIn(request), back);
}

/** With `--rematerialize`, adds the targets that would be written back. */
async function previewBack(
  rolling: RollingBack,
  store: StoreReader,
  { request, document }: { readonly request: BehindRequest; readonly document: RunDocument },
): Promise<RunDocument> {
  if (rolling.options.rematerialize !== true) return document;
  const preview = { document, mayRefuse: true };
  return previewWritten({ ...aroundOf(rolling, store, request), store }, replacedIn(request), preview);
}

const replacedIn = (request: BehindRequest): GenerationTargets => ({ ...request, adopt: false, replacedOnly: true });

function aroundOf({ world, root, options }: RollingBack, store: StoreReader, { environment }: BehindRequest) {
  const explicit = options.profile ?? null;
  const profile = () => pinProfile({ root, home: world.home, environment, explicit });
  const opening = { world, root, store, settings: loadSettings(root), profile };
  return { world, withTools: <T>(work: (tools: Tools) => Promise<T>) => withTools(opening, work) };
}

/** The entries whose targets a rollback may leave behind. */
function targetsOf(store: StoreReader, { environment, earlier }: Rollback): BehindRequest {
  const base = environment === null || earlier.base === null ? null : store.generation(null, earlier.base.serial);
  return { environment, entries: earlier.nodes, base: base?.nodes ?? [] };
}

/** Warns about files that differ from the restored generation, because the next run would undo the rollback. */
function tellOfFiles(world: World, root: string, { environment, earlier }: Rollback): void {
  if (environment !== null) return;
  const difference = differenceFromDisk(world, root, earlier.nodes);
  if (difference === null) return;
  world.emit({ kind: 'notice', text: `${difference}. Update them before the next 'seeknal run'.` });
}

/** Throws if an artefact of the earlier generation is missing or damaged. */
async function assertWhole(
  world: World,
  { root, store }: { readonly root: string; readonly store: StoreReader },
  { environment, earlier }: Rollback,
): Promise<void> {
  const settings = loadSettings(root);
  const gone = await withTools({ world, root, store, settings }, ({ artefacts }) =>
    changedArtefacts(earlier.nodes, artefacts),
  );
  if (gone.length === 0) return;
  const of = `of ${gone.join(', ')} in generation ${earlier.serial}`;
  throw new ToolError('artefact-missing', `The outputs ${of} are missing or damaged in the store.`, {
    hint: `${nameOf(environment)} is unchanged. Run 'seeknal doctor' for details.`,
  });
}

/** Takes plan and base from the earlier generation, because promotion depends on them. */
function switchBack(
  writer: StoreWriter,
  { environment, earlier, difference }: Rollback,
  { at, by }: { readonly at: string; readonly by: string },
): Promise<number> {
  const { base, plan, commit, nodes } = earlier;
  const changed = new Set(difference.changed);
  return writer.switchTo(environment, {
    cause: 'rollback',
    from: null,
    restored: earlier.restored ?? earlier.serial,
    base,
    by,
    at,
    plan,
    commit: commit ?? null,
    nodes: nodes.map(node => (changed.has(node) ? { ...node, at } : node)),
  });
}

function documentOf(store: StoreReader, { environment, current, earlier, difference }: Rollback): RollbackDocument {
  const word = 'by the rollback';
  const document = promotionDocument(store, environment, { nodes: earlier.nodes, ...difference }, word);
  const status = isNothing({ environment, current, earlier, difference }) ? 'nothing_to_do' : 'done';
  return { ...document, status, rolled_back_from: current.serial, rolled_back_to: earlier.serial };
}
