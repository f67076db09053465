import { lstatSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { randomId } from '../random-id.ts';
import type { ArtefactRecord } from '../../core/state/artefact.ts';
import type { WriteContext } from '../write-context.ts';

/** A file in its place among the artefacts, of which nothing is recorded yet. */
export interface PlacedArtefact extends Pick<ArtefactRecord, 'id' | 'place'> {}

/** Puts finished files among the artefacts, and knows what of that a power cut could still undo. */
export class ArtefactFiles {
  readonly #context: Pick<WriteContext, 'paths' | 'disk'>;
  /** Folders that got a new artefact since the last `sync`. */
  readonly #touched = new Set<string>();
  /** Folders that are there for certain. */
  readonly #folders = new Set<string>();

  constructor(context: Pick<WriteContext, 'paths' | 'disk'>) {
    this.#context = context;
  }

  /** Read-only, and saved before it is in its place. */
  async place(temporary: string): Promise<PlacedArtefact> {
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
    return { id, place: { kind: 'parquet', size, mtimeMs } };
  }

  /** Once this resolves, all that was placed would survive a power cut. */
  async sync(): Promise<void> {
    const { paths, disk } = this.#context;
    const folders = [...this.#touched];
    await Promise.all(folders.map(folder => disk.sync(folder)));
    if (folders.length > 0) await disk.sync(join(paths.store, 'artefacts'));
    this.#touched.clear();
  }

  #ensureFolder(folder: string): void {
    if (this.#folders.has(folder)) return;
    this.#context.disk.makeFolder(folder);
    this.#folders.add(folder);
  }
}
