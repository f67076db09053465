import { pinProfile } from '../../connections/discover-profile.ts';
import type { GenerationTargets } from '../../execution/targets/write-generation.ts';
import { type BehindRequest, previewWritten, switchAndWrite, tellNotUndone } from '../target-writing.ts';
import { leaveTargets } from '../../execution/targets/leave-targets.ts';
import { withLeft } from '../../execution/targets/target-results.ts';
import { changedArtefacts } from '../../store/artefacts/changed-artefacts.ts';
import type { RunDocument } from '../../core/documents/run-document.ts';
import { type EnvironmentName, parseEnvironmentName } from '../../core/environment/environment-name.ts';
import { ToolError } from '../../diagnostics/tool-error.ts';
import type { Generation } from '../../core/state/generation.ts';
import { openStore, type StoreReader } from '../../store/store-reader.ts';
import type { StoreWriter } from '../../store/store-writer.ts';
import { authorOf } from '../../project/git/author.ts';
import { differenceFromDisk } from '../../planning/disk-difference.ts';
import { differenceOf, type GenerationDifference } from '../../promotion/generation-difference.ts';
import { loadSettings } from '../../project/load-project.ts';
import { findProjectRoot } from '../../project/files/project-root.ts';
import { promotionDocument } from '../../promotion/promotion-document.ts';
import { assertEnvironmentExists } from '../../planning/saved-plan.ts';
import { type Tools, withTools } from '../with-tools.ts';
import { writeStore } from '../../project/write-store.ts';
import type { CommonOptions, World } from '../../core/world.ts';

export interface RollbackOptions extends CommonOptions {
  /** Default: production. */
  readonly environment?: string;
  /** Serial of the generation to restore (default: the parent of the one whose content is shown). */
  readonly to?: number;
  /** The current generation that the user confirmed; if another one is current, nothing is rolled back. */
  readonly expected?: number;
  /** Also writes the external targets of mode `full` that changed. */
  readonly rematerialize?: boolean;
  readonly profile?: string;
}

/** A run document with the serials before and after. */
export interface RollbackDocument extends RunDocument {
  readonly rolled_back_from: number;
  readonly rolled_back_to: number;
}

/** The current generation; only its serial is known if it is unreadable. */
type Pointed = Pick<Generation, 'environment' | 'serial' | 'restored' | 'nodes' | 'plan' | 'base'>;

interface Rollback {
  readonly environment: EnvironmentName | null;
  readonly current: Pointed;
  readonly earlier: Generation;
  readonly difference: GenerationDifference;
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
    const back = async (): Promise<RunDocument> => {
      if (isNothing(rollback)) return documentOf(writer, rollback);
      const serial = await switchBack(writer, rollback, {
        at: world.now().toISOString(),
        by: await authorOf(world, root),
      });
      const left = await leaveTargets(rollback.environment, rollback.earlier.nodes, { writer, world });
      return { ...withLeft(documentOf(writer, rollback), left), serial };
    };
    const document = await writeBack({ world, root, options }, writer, { request, back });
    return { ...documentOf(writer, rollback), ...tellNotUndone(document, request, { store: writer, world }) };
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

function findRollback(store: StoreReader, options: RollbackOptions): Rollback {
  const environment = options.environment === undefined ? null : parseEnvironmentName(options.environment);
  if (environment !== null) assertEnvironmentExists(store, environment);
  const current = currentOf(store, environment, options);
  if (options.expected !== undefined && options.expected !== current.serial) throw movedOn(current, options.expected);
  const shown = current.restored ?? current.serial;
  // Serials have no gaps: the parent of a generation has the previous serial.
  const serial = options.to ?? shown - 1;
  if (serial < 1) throw noEarlierThan(current, shown);
  const earlier = store.generation(environment, serial);
  if (earlier === null) throw notKept(store, environment, serial);
  return { environment, current, earlier, difference: differenceOf(current, earlier.nodes) };
}

function currentOf(store: StoreReader, environment: EnvironmentName | null, { to }: RollbackOptions): Pointed {
  if (environment !== null && store.followsProduction(environment)) {
    throw noEarlier(
      `Environment '${environment}' has no earlier generation of its own: it follows production.`,
      "Run 'seeknal env rollback' to roll production back.",
    );
  }
  const current = to === undefined ? store.current(environment) : pointed(store, environment);
  if (current !== null) return current;
  throw noEarlier(`${nameOf(environment)} has no earlier generation: it has no generations yet.`);
}

/** With an explicit serial, the current generation may be damaged. */
function pointed(store: StoreReader, environment: EnvironmentName | null): Pointed | null {
  const serial = store.head(environment);
  if (serial === null) return null;
  return store.readable(environment, serial) ?? { environment, serial, nodes: [], plan: null, base: null };
}

const nameOf = (environment: string | null): string =>
  environment === null ? 'Production' : `Environment '${environment}'`;

const noEarlier = (message: string, hint?: string): ToolError =>
  new ToolError('no-earlier-generation', message, hint === undefined ? {} : { hint });

/** After a rollback to the first generation, --to can still restore a later one. */
function noEarlierThan({ environment, serial }: Pointed, shown: number): ToolError {
  const message = `${nameOf(environment)} has no earlier generation than ${shown}`;
  if (serial === shown) return noEarlier(`${message}.`);
  const command = environment === null ? 'seeknal env rollback' : `seeknal env rollback ${environment}`;
  return noEarlier(`${message}, which it already shows.`, `Run '${command} --to SERIAL' to choose a generation.`);
}

function notKept(store: StoreReader, environment: EnvironmentName | null, serial: number): ToolError {
  const name = environment === null ? '' : ` ${environment}`;
  const kept = [...store.serials(environment)].reverse().join(', ');
  const message = `${nameOf(environment)} has no earlier generation ${serial}; it keeps ${kept}.`;
  return noEarlier(message, `Run 'seeknal env history${name}' to list them.`);
}

const movedOn = ({ environment, serial }: Pointed, expected: number): ToolError =>
  new ToolError(
    'moved-on',
    `${nameOf(environment)} moved on from generation ${expected} to ${serial} in the meantime.`,
    {
      hint: 'Check what it holds now, then roll back again if that is still intended.',
    },
  );

/** Whether nothing would change; for an environment, plan and base must be equal too, because promotion depends on them. */
function isNothing({ environment, current, earlier, difference }: Rollback): boolean {
  if (difference.changed.length + difference.removed.length > 0) return false;
  return environment === null || (current.plan === earlier.plan && current.base?.serial === earlier.base?.serial);
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
