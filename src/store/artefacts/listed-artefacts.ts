import { type Dirent, readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { ArtefactRecord } from '../../core/state/artefact.ts';
import { type Place, placedFiles } from '../../core/state/place.ts';
import { isRealFolder } from '../real-folder.ts';
import type { StorePaths } from '../paths.ts';

/** Ids of all artefact files on disk, recorded or not; sorted. */
export function listedArtefacts(paths: StorePaths): readonly string[] {
  const folders = isRealFolder(paths.artefacts) ? readdirSync(paths.artefacts, { withFileTypes: true }) : [];
  const names = folders.filter(isFolder).flatMap(folder => readdirSync(join(paths.artefacts, folder.name)));
  return names.flatMap(name => /^([a-z2-7]{16})\.parquet$/.exec(name)?.[1] ?? []).sort();
}

/** Ids of artefact files that no record refers to, neither by id nor by path. */
export function unrecordedArtefacts(paths: StorePaths, records: readonly ArtefactRecord[]): readonly string[] {
  const known = new Set(records.map(record => record.id));
  const held = new Set(records.flatMap(record => placedFiles(record.place)).map(file => file.path));
  return listedArtefacts(paths).filter(id => !known.has(id) && !held.has(paths.artefact(id)));
}

/** The place of an artefact without a record: the file with its id. Size and time are zero. */
export const unrecordedPlace = (paths: StorePaths, id: string): Place => ({
  kind: 'files',
  files: [{ path: paths.artefact(id), size: 0, mtimeMs: 0 }],
});

const isFolder = (entry: Dirent): boolean => entry.isDirectory();
