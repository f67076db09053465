import { lstatSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import type { ArtefactDraft, ArtefactRecord } from '../../core/state/artefact.ts';
import type { ContentParts } from '../../core/state/content-parts.ts';
import { placedFiles, type Place } from '../../core/state/place.ts';
import { randomId } from '../random-id.ts';
import { removeFile } from '../recovery/remove-file.ts';
import type { WriteContext } from '../write-context.ts';

/** An artefact file at its final path that has no record yet. */
export interface PlacedArtefact extends Pick<ArtefactRecord, 'id' | 'place'> {}

/** Adds and removes artefact files, and tracks which folders still have to be synced to survive a power cut. */
export class ArtefactFiles {
  readonly #context: WriteContext;
  /** Folders that got a new artefact since the last `sync`. */
  readonly #touched = new Set<string>();
  /** Folders that are known to exist. */
  readonly #folders = new Set<string>();

  constructor(context: WriteContext) {
    this.#context = context;
  }

  /** Turns a finished file into an artefact: makes it read-only, syncs it, then moves it to its place. */
  async adopt(temporary: string): Promise<PlacedArtefact> {
    const { paths, disk } = this.#context;
    if (!lstatSync(temporary).isFile()) throw new Error(`not a regular file: ${temporary}`);
    const id = randomId();
    const path = paths.artefact(id);
    disk.changeMode(temporary, 0o444);
    await disk.sync(temporary);
    this.#ensureFolder(dirname(path));
    disk.rename(temporary, path);
    const { size, mtimeMs } = statSync(path);
    this.#touched.add(dirname(path));
    return { id, place: { kind: 'files', files: [{ path, size, mtimeMs }] } };
  }

  /** Removes an artefact's files; does not follow links. */
  remove(place: Place): void {
    for (const { path } of placedFiles(place)) removeFile(this.#context, path);
  }

  /** Once this resolves, all adopted files survive a power cut. */
  async sync(): Promise<void> {
    const { paths, disk } = this.#context;
    const folders = [...this.#touched];
    await Promise.all(folders.map(folder => disk.sync(folder)));
    if (folders.length > 0) await disk.sync(paths.artefacts);
    this.#touched.clear();
  }

  #ensureFolder(folder: string): void {
    if (this.#folders.has(folder)) return;
    this.#context.disk.makeFolder(folder);
    this.#folders.add(folder);
  }
}

/** Builds the record of a placed artefact; the content parts are stored with each file. */
export function recordOf({ id, place }: PlacedArtefact, { parts = [], ...draft }: ArtefactDraft): ArtefactRecord {
  return { id, ...draft, place: parts.length === 0 ? place : withParts(place, parts) };
}

function withParts(place: Place, parts: readonly ContentParts[]): Place {
  const files = placedFiles(place);
  if (files.length !== parts.length) throw new Error(`${parts.length} parts for ${files.length} files`);
  return { kind: 'files', files: files.map((file, index) => ({ ...file, ...partAt(parts, index) })) };
}

function partAt(parts: readonly ContentParts[], index: number): { readonly parts?: ContentParts } {
  const found = parts[index];
  return found ? { parts: found } : {};
}
