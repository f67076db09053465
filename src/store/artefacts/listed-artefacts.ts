import { type Dirent, readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Place } from '../../core/state/place.ts';
import { isRealFolder } from '../real-folder.ts';
import type { StorePaths } from '../paths.ts';

/** Ids of all artefacts that have a file of their name, recorded or not. */
export function listedArtefacts(paths: StorePaths): readonly string[] {
  const folders = isRealFolder(paths.artefacts) ? readdirSync(paths.artefacts, { withFileTypes: true }) : [];
  const names = folders.filter(isFolder).flatMap(folder => readdirSync(join(paths.artefacts, folder.name)));
  return names.flatMap(name => /^([a-z2-7]{16})\.parquet$/.exec(name)?.[1] ?? []).sort();
}

/** Where an artefact lies of which no record tells: in the file of its name. Its size and time say nothing. */
export const unrecordedPlace = (paths: StorePaths, id: string): Place => ({
  kind: 'files',
  files: [{ path: paths.artefact(id), size: 0, mtimeMs: 0 }],
});

const isFolder = (entry: Dirent): boolean => entry.isDirectory();
