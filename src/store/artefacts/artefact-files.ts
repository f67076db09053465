import { lstatSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import type { ArtefactDraft, ArtefactRecord } from '../../core/state/artefact.ts';
import type { ContentParts } from '../../core/state/content-parts.ts';
import { placedFiles, type Place } from '../../core/state/place.ts';
import { randomId } from '../random-id.ts';
import { removeFile } from '../recovery/remove-file.ts';
import type { WriteContext } from '../write-context.ts';

/** A file in its place among the artefacts, of which nothing is recorded yet. */
export interface PlacedArtefact extends Pick<ArtefactRecord, 'id' | 'place'> {}

/** Puts finished files among the artefacts and takes them away, and knows what of that a power cut could still undo. */
export class ArtefactFiles {
  readonly #context: WriteContext;
  /** Folders that got a new artefact since the last `sync`. */
  readonly #touched = new Set<string>();
  /** Folders that are there for certain. */
  readonly #folders = new Set<string>();

  constructor(context: WriteContext) {
    this.#context = context;
  }

  /** Makes a finished file an artefact's: read-only, and saved before it is in its place. */
  async adopt(temporary: string): Promise<PlacedArtefact> {
    const { paths, disk } = this.#context;
    if (!lstatSync(temporary).isFile()) throw new Error(`no regular file to adopt: ${temporary}`);
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

  /** Takes an artefact's files away, following no link. */
  remove(place: Place): void {
    for (const { path } of placedFiles(place)) removeFile(this.#context, path);
  }

  /** Once this resolves, all that was adopted would survive a power cut. */
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

/** The record of a placed artefact; what its files hold is kept with each of them. */
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
