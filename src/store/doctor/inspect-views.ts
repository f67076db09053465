import { closeSync, lstatSync, openSync, readdirSync, readSync, type Stats } from 'node:fs';
import { join } from 'node:path';
import type { EnvironmentName } from '../../core/environment/environment-name.ts';
import { ToolError } from '../../diagnostics/tool-error.ts';
import { isRealFolder } from '../real-folder.ts';
import { ownOf } from '../generations/environment-overlay.ts';
import type { StorePaths } from '../paths.ts';
import { problem, type Problem, shownPath } from './problem.ts';
import type { Generation, GenerationNode } from '../../core/state/generation.ts';
import { readText } from '../ledger/stored-json.ts';
import type { StoreReader } from '../store-reader.ts';
import { isManifestOfPlan, renderManifest, renderReferences, renderRunState } from '../views/view-documents.ts';
import { viewedFile } from '../views/refresh-views.ts';
import { viewFileName } from '../views/view-name.ts';

/** Compares all views under `target/` with the store. */
export function inspectViews(store: StoreReader, paths: StorePaths): readonly Problem[] {
  return [null, ...store.environmentNames()].flatMap(environment => {
    const views = { store, paths, environment };
    try {
      return inspectEnvironment(views);
    } catch (error) {
      // `inspectHistory` reports a generation that cannot be read; there is nothing to compare with.
      if (error instanceof ToolError) return [];
      throw error;
    }
  });
}

interface InspectedViews {
  readonly store: StoreReader;
  readonly paths: StorePaths;
  readonly environment: EnvironmentName | null;
}

function inspectEnvironment(views: InspectedViews): readonly Problem[] {
  const { store, environment } = views;
  const generation = store.current(environment);
  if (generation === null) return [];
  if (environment !== null && store.followsProduction(environment)) return ABSENT_IN_FOLLOWER.flatMap(absent(views));
  const own = environment === null ? null : ownOf(store, generation);
  const nodes = generation.nodes.filter(node => own === null || own.has(node.id));
  return [...inspectLinks(views, nodes), ...inspectDocuments(views, generation)];
}

const ABSENT_IN_FOLLOWER = ['intermediate', 'refs.json', 'run_state.json'];

const absent =
  (views: InspectedViews) =>
  (file: string): readonly Problem[] => {
    const exists = lstatSync(views.paths.view(views.environment, file), { throwIfNoEntry: false }) !== undefined;
    return exists ? [wrong(views, file, 'should not exist: the environment follows production')] : [];
  };

function inspectDocuments(views: InspectedViews, generation: Generation): readonly Problem[] {
  const { store, paths, environment } = views;
  const attempt = store.lastAttempt(environment);
  const expected: readonly (readonly [string, string])[] = [
    ['manifest.json', renderManifest(generation, store)],
    ['run_state.json', renderRunState(generation, attempt, store)],
    ...(environment === null ? [] : [['refs.json', renderReferences(generation, ownOf(store, generation))] as const]),
  ];
  return expected.flatMap(([file, text]) => {
    const path = paths.view(environment, file);
    if (isRealFolder(path)) return [inTheWay(views, file)];
    const found = readText(path);
    // A plan replaces the environment's manifest until it is applied.
    if (found === text || (environment !== null && file === 'manifest.json' && isManifestOfPlan(found))) return [];
    return [wrong(views, file, found === null ? 'is missing' : `does not show generation ${generation.serial}`)];
  });
}

function inspectLinks(views: InspectedViews, nodes: readonly GenerationNode[]): readonly Problem[] {
  const folder = views.paths.view(views.environment, 'intermediate');
  if (!isRealFolder(folder)) return [wrong(views, 'intermediate', 'is not a real folder')];
  const names = nodes.map(node => [viewFileName(node.id), node] as const);
  const wanted = new Map([...names].sort(([a], [b]) => (a < b ? -1 : 1)));
  const shown = readdirSync(folder, { withFileTypes: true }).filter(entry => entry.name.endsWith('.parquet'));
  const unexpected = shown.filter(entry => !entry.isDirectory() && !wanted.has(entry.name));
  return [
    ...[...wanted].flatMap(([name, node]) => inspectLink(views, name, node)),
    ...unexpected.map(entry => wrong(views, `intermediate/${entry.name}`, 'shows a node that does not exist')),
  ];
}

/** A view must exist exactly if its artefact does. */
function inspectLink(views: InspectedViews, name: string, { id, artefact }: GenerationNode): readonly Problem[] {
  const { store, paths, environment } = views;
  const file = `intermediate/${name}`;
  const path = paths.view(environment, file);
  const output = viewedFile(id, store.artefactPlace(artefact));
  const source = lstatSync(output, { throwIfNoEntry: false });
  const view = lstatSync(path, { throwIfNoEntry: false });
  if (!source?.isFile()) return view === undefined ? [] : [wrong(views, file, `shows ${id}, whose output is missing`)];
  if (view === undefined) return [wrong(views, file, 'is missing')];
  return isSame(view, source) || sameBytes(path, view, { path: output, stats: source })
    ? []
    : [wrong(views, file, `is not the output of ${id}`)];
}

function inTheWay({ paths, environment }: InspectedViews, file: string): Problem {
  const path = shownPath(paths, paths.view(environment, file));
  const hint = "Move away what you need from it and remove it, then run 'seeknal doctor --repair'.";
  return problem('view-wrong', `${path} is a folder, but must be a file.`, { environment, path, hint });
}

function wrong({ paths, environment }: InspectedViews, file: string, what: string): Problem {
  const path = shownPath(paths, paths.view(environment, file));
  return problem('view-wrong', `${path} ${what}.`, { environment, path, hint: REBUILD });
}

const REBUILD = "Run 'seeknal doctor --repair' to rebuild it from the store.";

const isSame = (a: Stats, b: Stats): boolean => a.ino === b.ino && a.dev === b.dev;

const CHUNK = 1 << 20;

/** On file systems without hard links a view is a copy. */
function sameBytes(path: string, stats: Stats, other: { readonly path: string; readonly stats: Stats }): boolean {
  if (!stats.isFile() || stats.size !== other.stats.size) return false;
  const files = [openSync(path, 'r'), openSync(other.path, 'r')] as const;
  const buffers = [Buffer.alloc(CHUNK), Buffer.alloc(CHUNK)] as const;
  try {
    for (let at = 0; at < stats.size; at += CHUNK) {
      const [read, expected] = [
        readSync(files[0], buffers[0], 0, CHUNK, at),
        readSync(files[1], buffers[1], 0, CHUNK, at),
      ];
      if (read !== expected || !buffers[0].subarray(0, read).equals(buffers[1].subarray(0, read))) return false;
    }
    return true;
  } finally {
    for (const file of files) closeSync(file);
  }
}

/** Entries of `environments/` that are not environments: links, files and folders with invalid names. */
export function foreignEntries(paths: StorePaths, known: readonly string[]): readonly Problem[] {
  const stats = lstatSync(paths.environments, { throwIfNoEntry: false });
  if (stats === undefined) return [];
  if (!stats.isDirectory()) return [foreign(paths, paths.environments)];
  const names = readdirSync(paths.environments).filter(name => !known.includes(name));
  return names.map(name => foreign(paths, join(paths.environments, name)));
}

function foreign(paths: StorePaths, path: string): Problem {
  const shown = shownPath(paths, path);
  return problem('foreign', `${shown} is not an environment.`, {
    path: shown,
    hint: 'It is never read or written. Remove it if nobody needs it.',
  });
}
