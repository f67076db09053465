import { lstatSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { type EnvironmentName, isEnvironmentName } from '../../core/environment/environment-name.ts';
import { errnoOf } from '../disk.ts';
import { LEDGER_HEADER } from '../ledger/ledger.ts';
import { isOwnFolder, notOwnFolder } from './own-folder.ts';
import type { StorePaths } from '../paths.ts';
import { randomId } from '../random-id.ts';
import { isSpillFolder } from '../spill-folder.ts';
import { renderStoreFile } from '../ledger/store-file.ts';
import { damaged, readText } from '../ledger/stored-json.ts';
import { replaceFile, type WriteContext } from '../write-context.ts';

/** A younger spill folder may belong to a running command that only reads. */
const SPILL_GRACE_MS = 24 * 60 * 60 * 1000;

/** Removes leftovers under `tmp/`. The caller holds the lock, so no other writer uses them. Does not follow links. */
export function clearTemporaries({ paths, disk }: WriteContext): void {
  if (!isOwnFolder(paths, paths.temporary)) return;
  for (const name of readdirSync(paths.temporary)) {
    const path = join(paths.temporary, name);
    if (isLeftover(path)) disk.removeTree(path);
  }
}

/** Whether a temporary file is unused, provided that no writer is running. */
export const isLeftover = (path: string): boolean => !(isSpillFolder(path) && isYoung(path));

function isYoung(path: string): boolean {
  const modified = lstatSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0;
  return Date.now() - modified < SPILL_GRACE_MS;
}

/** Creates the store's folders and lineage if missing. */
export function ensureStore(context: WriteContext): void {
  const { paths, disk } = context;
  for (const folder of [paths.temporary, paths.heads, paths.generations(null), paths.artefacts]) {
    disk.makeFolder(folder);
  }
  if (readText(paths.storeFile) !== null) return;
  replaceFile(context, paths.storeFile, renderStoreFile(randomId()));
}

/** Truncates an unfinished last line, or creates the ledger. Returns its size in bytes. */
export function repairLedger({ paths, disk }: WriteContext): number {
  const stats = statSync(paths.ledger, { throwIfNoEntry: false });
  if (stats?.isFile() === false) throw damaged(paths.ledger);
  const size = stats?.size ?? 0;
  const whole = size === 0 ? 0 : endOfLastLine(paths.ledger, size);
  if (whole < size) disk.truncate(paths.ledger, whole);
  if (whole > 0) return whole;
  disk.append(paths.ledger, LEDGER_HEADER);
  return Buffer.byteLength(LEDGER_HEADER);
}

function endOfLastLine(path: string, size: number): number {
  const bytes = readFileSync(path);
  return bytes[size - 1] === 0x0a ? size : bytes.lastIndexOf(0x0a) + 1;
}

/** Environments with a history but no folder: their deletion was interrupted. Links are ignored. */
export function halfDeleted({ paths }: Pick<WriteContext, 'paths'>): readonly EnvironmentName[] {
  if (lstatSync(paths.environments, { throwIfNoEntry: false })?.isDirectory() === false) return [];
  if (historyFolders(paths).some(folder => !isOwnFolder(paths, folder))) return [];
  const heads = readdirSync(paths.heads).map(file => basename(file, '.json'));
  const histories = readdirSync(dirname(paths.generations(null)));
  const names = [...new Set([...heads, ...histories])].filter(isEnvironmentName);
  return names.filter(name => lstatSync(paths.views(name), { throwIfNoEntry: false }) === undefined);
}

/** Throws `unsafe-path` if the histories of environments are behind a link. */
export function assertOwnHistories(paths: StorePaths): void {
  const linked = historyFolders(paths).find(folder => !isOwnFolder(paths, folder));
  if (linked !== undefined) throw notOwnFolder(linked);
}

const historyFolders = (paths: StorePaths): readonly string[] => [paths.heads, dirname(paths.generations(null))];

/** Removes the head first, since generations are not read without one. Throws `unsafe-path` if either is a link. */
export function forgetEnvironment({ paths, disk }: WriteContext, environment: EnvironmentName): void {
  assertOwnHistories(paths);
  try {
    disk.unlink(paths.head(environment));
  } catch (error) {
    if (errnoOf(error) !== 'ENOENT') throw error;
  }
  disk.removeTree(paths.generations(environment));
}
