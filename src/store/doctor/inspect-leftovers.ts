import { existsSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { unrecordedArtefacts } from '../artefacts/listed-artefacts.ts';
import { isRealFolder } from '../real-folder.ts';
import { deadOwner } from '../lock/lock.ts';
import { isOwnFolder } from '../recovery/own-folder.ts';
import type { StorePaths } from '../paths.ts';
import { problem, type Problem, type ProblemCode, shownPath } from './problem.ts';
import { halfDeleted, isLeftover } from '../recovery/recover.ts';
import type { StoreReader } from '../store-reader.ts';

/** Leftovers of commands that died. Call only while the store is not locked: files in use look the same. */
export function inspectLeftovers(
  store: StoreReader,
  paths: StorePaths,
  named: ReadonlySet<string>,
): readonly Problem[] {
  return [
    ...lockLeft(paths),
    ...temporaries(paths).map(path => left(paths, path, 'was left behind by a command that died')),
    ...deletions(paths),
    ...orphans(store, paths, named).map(id =>
      left(paths, paths.artefact(id), 'is not in the ledger: the command that wrote it died'),
    ),
  ];
}

/** Ids of artefact files that neither the ledger nor a generation refers to. */
export const orphans = (store: StoreReader, paths: StorePaths, named: ReadonlySet<string>): readonly string[] =>
  unrecordedArtefacts(paths, store.artefacts()).filter(id => !named.has(id));

function lockLeft(paths: StorePaths): readonly Problem[] {
  if (!existsSync(paths.lock)) return [];
  const owner = deadOwner(paths);
  const who = owner === null ? 'a command' : `'${owner.command}' (pid ${owner.pid}, since ${owner.since})`;
  return [
    left(paths, paths.lock, `was left behind by ${who}, which died; its unfinished work will be undone or completed`),
  ];
}

function temporaries(paths: StorePaths): readonly string[] {
  if (!isOwnFolder(paths, paths.temporary)) return [];
  const files = readdirSync(paths.temporary).map(name => join(paths.temporary, name));
  return files.filter(isLeftover);
}

function deletions(paths: StorePaths): readonly Problem[] {
  if (!isRealFolder(paths.heads) || !isRealFolder(dirname(paths.generations(null)))) return [];
  return halfDeleted({ paths }).map(name =>
    left(
      paths,
      paths.generations(name),
      `is the history of '${name}', whose deletion was not finished`,
      'half-deleted',
    ),
  );
}

function left(paths: StorePaths, path: string, what: string, code: ProblemCode = 'leftover'): Problem {
  const shown = shownPath(paths, path);
  return problem(code, `${shown} ${what}.`, { path: shown, hint: "Run 'seeknal doctor --repair' to remove it." });
}
