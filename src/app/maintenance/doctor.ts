import { lstatSync } from 'node:fs';
import { ToolError } from '../../diagnostics/tool-error.ts';
import { inspectHistory, type NamedArtefact } from '../../store/doctor/inspect-history.ts';
import { inspectLeftovers, orphans } from '../../store/doctor/inspect-leftovers.ts';
import { foreignEntries, inspectViews } from '../../store/doctor/inspect-views.ts';
import { isLocked } from '../../store/lock/lock.ts';
import { StorePaths } from '../../store/paths.ts';
import { problem, type Problem, shownPath } from '../../store/doctor/problem.ts';
import { openStore, type StoreReader } from '../../store/store-reader.ts';
import { ArtefactInspection } from './inspect-artefacts.ts';
import { loadProject } from '../../project/load-project.ts';
import { parsePlanFile } from '../../planning/plan-record.ts';
import { findProjectRoot } from '../../project/files/project-root.ts';
import { withTools } from '../with-tools.ts';
import type { CommonOptions, World } from '../../core/world.ts';
import { writeStore } from '../../project/write-store.ts';

export interface DoctorOptions extends CommonOptions {
  /** Repairs what can be repaired; writes nothing by default. */
  readonly repair?: boolean;
}

export interface FoundProblem extends Problem {
  readonly repaired: boolean;
}

/** The problems of the store, repaired ones included. */
export interface DoctorDocument {
  readonly format: 'seeknal.doctor';
  readonly version: 1;
  /** Whether no problem is left. */
  readonly healthy: boolean;
  readonly checked: { readonly environments: number; readonly generations: number; readonly artefacts: number };
  readonly problems: readonly FoundProblem[];
}

interface Diagnosis {
  readonly checked: DoctorDocument['checked'];
  readonly problems: readonly Problem[];
  /** Artefacts whose files are damaged or unreferenced. */
  readonly unusable: readonly string[];
  /** The store is unreadable, so nothing can be repaired. */
  readonly unreadable: boolean;
}

/** Checks the whole store: every artefact in full, all references, records and views. */
export async function examineStore(world: World, options: DoctorOptions): Promise<DoctorDocument> {
  const root = findProjectRoot(world, options);
  const artefacts = new ArtefactInspection();
  const found = await diagnose(world, root, artefacts);
  if (options.repair !== true || found.problems.length === 0) return documentOf(found, []);
  if (found.unreadable) return documentOf(found, []);
  await repair({ world, root, options }, found.unusable);
  const after = await diagnose(world, root, artefacts);
  const left = new Set(after.problems.map(keyOf));
  return documentOf(
    after,
    found.problems.filter(entry => !left.has(keyOf(entry))),
  );
}

const keyOf = ({ code, artefact, path, message }: Problem): string => [code, artefact ?? path ?? message].join(' ');

function documentOf({ checked, problems }: Diagnosis, repaired: readonly Problem[]): DoctorDocument {
  return {
    format: 'seeknal.doctor',
    version: 1,
    healthy: problems.length === 0,
    checked,
    problems: [
      ...repaired.map(entry => ({ ...entry, repaired: true })),
      ...problems.map(entry => ({ ...entry, repaired: false })),
    ],
  };
}

/** While another command writes, checks only what never changes: unfinished writes look like damage. */
async function diagnose(world: World, root: string, artefacts: ArtefactInspection): Promise<Diagnosis> {
  const paths = new StorePaths(root);
  const store = openStore(root);
  const damage = unreadableParts(store, paths);
  if (damage.length > 0) return { checked: NOTHING, problems: damage, unusable: [], unreadable: true };
  if (store.lineage === null) return { checked: NOTHING, problems: [], unusable: [], unreadable: false };
  const busy = isLocked(paths);
  const history = inspectHistory(store, paths);
  const named = new Set(history.artefacts.map(artefact => artefact.id));
  const moving = busy ? [] : [...inspectLeftovers(store, paths, named), ...inspectViews(store, paths)];
  const quiet = !busy && !isLocked(paths);
  if (!quiet)
    world.emit({ kind: 'warning', text: 'Another command is writing: views and leftovers were not checked.' });
  const inspected = await inspectContents(world, root, { store, artefacts, named: history.artefacts });
  const names = store.environmentNames();
  return {
    checked: {
      environments: names.length,
      generations: history.generations,
      artefacts: inspected.checked,
    },
    problems: [
      ...history.problems,
      ...inspected.problems,
      ...inspectRecords(store, paths),
      ...foreignEntries(paths, names),
      ...(quiet ? moving : []),
    ],
    unusable: [...inspected.tampered, ...(quiet ? orphans(store, paths, named) : [])],
    unreadable: false,
  };
}

const NOTHING = { environments: 0, generations: 0, artefacts: 0 };

/** Problems that make the store unreadable. Throws `format-too-new` for files of a newer version. */
function unreadableParts(store: StoreReader, paths: StorePaths): readonly Problem[] {
  const lost = store.serials(null).length > 0 && lstatSync(paths.storeFile, { throwIfNoEntry: false }) === undefined;
  if (lost) return [unreadable(paths, paths.storeFile, 'is missing')];
  return [
    ...readPart(paths, paths.storeFile, () => store.lineage),
    ...readPart(paths, paths.ledger, () => store.ledgerRecords()),
  ];
}

function readPart(paths: StorePaths, path: string, read: () => unknown): readonly Problem[] {
  try {
    read();
    return [];
  } catch (error) {
    if (!(error instanceof ToolError) || error.code === 'format-too-new') throw error;
    return [unreadable(paths, path, 'cannot be read')];
  }
}

function unreadable(paths: StorePaths, path: string, what: string): Problem {
  const shown = shownPath(paths, path);
  const hint = 'Restore target/ from a backup, or delete target/ and run again.';
  return problem('store-damaged', `${shown} ${what}.`, { path: shown, hint });
}

interface Contents {
  readonly store: StoreReader;
  readonly artefacts: ArtefactInspection;
  readonly named: readonly NamedArtefact[];
}

function inspectContents(world: World, root: string, { store, artefacts, named }: Contents) {
  const { settings } = loadProject(root).project;
  return withTools({ world, root, store, settings }, ({ execution }) =>
    artefacts.inspect({ store, signal: world.signal, execution }, named),
  );
}

function inspectRecords(store: StoreReader, paths: StorePaths): readonly Problem[] {
  return store.environmentNames().flatMap(environment => {
    const record = shownPath(paths, paths.view(environment, 'env_config.json'));
    const plan = shownPath(paths, paths.view(environment, 'plan.json'));
    const text = store.planText(environment);
    return [
      ...(store.environmentConfig(environment) === null
        ? [
            problem('record-damaged', `${record} cannot be read.`, {
              environment,
              path: record,
              hint: `Run 'seeknal doctor --repair' to recreate it, then apply '${environment}' again before promoting it.`,
            }),
          ]
        : []),
      ...(text !== null && parsePlanFile(text) === null
        ? [
            problem('plan-damaged', `${plan} is damaged or was edited.`, {
              environment,
              path: plan,
              hint: `Run 'seeknal env plan ${environment}'.`,
            }),
          ]
        : []),
    ];
  });
}

/** Repairs the store. A failed repair is only a warning, so that the remaining problems are still listed. */
async function repair(
  { world, root, options }: { readonly world: World; readonly root: string; readonly options: DoctorOptions },
  unusable: readonly string[],
): Promise<void> {
  try {
    await writeStore({ world, root, options, command: 'doctor --repair', repairHeads: true }, async writer =>
      writer.mend(unusable, world.now()),
    );
  } catch (error) {
    if (!(error instanceof ToolError) || !['store-damaged', 'unsafe-path', 'disk'].includes(error.code)) throw error;
    world.emit({ kind: 'warning', text: `Some problems could not be repaired: ${error.message}` });
  }
}
