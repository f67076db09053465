import { lstatSync, readdirSync, type Stats } from 'node:fs';
import { join } from 'node:path';
import type { EnvironmentName } from '../../core/environment/environment-name.ts';
import type { NodeId } from '../../core/definition/nodes/node.ts';
import { ToolError } from '../../diagnostics/tool-error.ts';
import { errnoOf } from '../disk.ts';
import { isRealFolder } from '../real-folder.ts';
import { randomId } from '../random-id.ts';
import { notOwnFolder } from '../recovery/own-folder.ts';
import type { Generation } from '../../core/state/generation.ts';
import type { Place } from '../../core/state/place.ts';
import { onlyFileOf } from '../artefacts/place-state.ts';
import { assertKnownVersion, readText } from '../ledger/stored-json.ts';
import { viewFileName } from './view-name.ts';
import { replaceFile, type WriteContext } from '../write-context.ts';

/** The views of one environment; null is production. */
export interface EnvironmentViews extends WriteContext {
  readonly environment: EnvironmentName | null;
}

/** Nodes whose artefact differs from the one in the base; all nodes if there is no base. */
export function ownNodes(generation: Generation, base: Generation | null): ReadonlySet<NodeId> {
  const before = new Map((base?.nodes ?? []).map(node => [node.id, node.artefact]));
  return new Set(generation.nodes.filter(node => before.get(node.id) !== node.artefact).map(node => node.id));
}

/** The file that a node's view links to. Throws `not-yet-supported` for an artefact of several files. */
export function viewedFile(id: NodeId, artefact: Place): string {
  const file = onlyFileOf(artefact);
  if (file !== null) return file;
  throw new ToolError(
    'not-yet-supported',
    `The output of ${id} has several files; only outputs of one file are supported.`,
  );
}

/** Makes `intermediate/` show exactly these nodes, except missing artefacts. Changes only what differs. */
export function refreshLinks(
  views: EnvironmentViews,
  nodes: readonly { readonly id: NodeId; readonly artefact: Place }[],
): void {
  const folder = intermediateOf(views);
  const wanted = new Map(nodes.map(node => [viewFileName(node.id), viewedFile(node.id, node.artefact)]));
  const linker = new Linker(views);
  for (const [name, artefact] of wanted) if (!linker.show(artefact, join(folder, name))) wanted.delete(name);
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const stale = entry.name.endsWith('.parquet') && !entry.isDirectory() && !wanted.has(entry.name);
    if (stale) views.disk.unlink(join(folder, entry.name));
  }
}

/** Replaces a document by rename if its text differs. Throws `format-too-new`. */
export function refreshDocument(views: EnvironmentViews, file: string, text: string): void {
  const path = views.paths.view(views.environment, file);
  const before = readText(path);
  if (before === text) return;
  if (before !== null) assertKnownVersion(before, path);
  replaceFile(views, path, text);
}

/** Removes an environment's views; `run_state.json` last, since its presence marks an unfinished removal. */
export function removeViews(views: EnvironmentViews): void {
  for (const file of ['intermediate', 'refs.json', 'manifest.json', 'run_state.json']) {
    views.disk.removeTree(views.paths.view(views.environment, file));
  }
}

function intermediateOf(views: EnvironmentViews): string {
  const folder = views.paths.view(views.environment, 'intermediate');
  if (lstatSync(folder, { throwIfNoEntry: false }) === undefined) views.disk.makeFolder(folder);
  if (isRealFolder(folder)) return folder;
  throw notOwnFolder(folder);
}

/** Errors that rule out a hard link: another device, no support by the file system, or too many links. */
const LINKLESS: ReadonlySet<string | null> = new Set(['EXDEV', 'EPERM', 'EMLINK', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS']);

class Linker {
  readonly #views: EnvironmentViews;

  constructor(views: EnvironmentViews) {
    this.#views = views;
  }

  /** false if the artefact does not exist. */
  show(artefact: string, view: string): boolean {
    const source = lstatSync(artefact, { throwIfNoEntry: false });
    if (!source?.isFile()) return false;
    const shown = lstatSync(view, { throwIfNoEntry: false });
    if (shown && isSameFile(shown, source)) return true;
    const temporary = join(this.#views.paths.temporary, randomId());
    if (!this.#link(artefact, temporary)) {
      if (shown && isCopyOf(shown, source)) return true;
      this.#copy(artefact, temporary, source);
    }
    // A rename onto a link to the same file would leave the temporary file behind; that case returned above.
    this.#views.disk.rename(temporary, view);
    return true;
  }

  #link(artefact: string, to: string): boolean {
    try {
      this.#views.disk.link(artefact, to);
      return true;
    } catch (error) {
      if (LINKLESS.has(errnoOf(error))) return false;
      throw error;
    }
  }

  #copy(artefact: string, to: string, source: Stats): void {
    const { disk } = this.#views;
    disk.copy(artefact, to);
    disk.setModified(to, source.mtime);
    disk.changeMode(to, 0o444);
  }
}

const isSameFile = (a: Stats, b: Stats): boolean => a.ino === b.ino && a.dev === b.dev;

/** File times may be rounded to milliseconds. */
const isCopyOf = (a: Stats, b: Stats): boolean =>
  a.isFile() && a.size === b.size && Math.abs(a.mtimeMs - b.mtimeMs) < 2;
