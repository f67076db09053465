import {
  appendFileSync,
  chmodSync,
  closeSync,
  constants,
  copyFileSync,
  fsync,
  linkSync,
  mkdirSync,
  openSync,
  renameSync,
  rmdirSync,
  rmSync,
  truncateSync,
  unlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import type { Disk, DiskOperation } from '../core/disk.ts';
import { ToolError } from '../diagnostics/tool-error.ts';

/** A disk operation that the operating system refused; `errno` is its error code, such as ENOSPC. */
export class DiskError extends ToolError {
  readonly errno: string;

  constructor(operation: DiskOperation, path: string, cause: unknown) {
    const errno = errnoOf(cause) ?? 'EIO';
    super('disk', `Cannot ${VERBS[operation]} ${path}: ${reasonOf(errno)}.`, {
      cause,
      hint: HINTS[errno] ?? 'Check the file system under target/, then run the command again.',
    });
    this.name = 'DiskError';
    this.errno = errno;
  }
}

const VERBS: Readonly<Record<DiskOperation, string>> = {
  makeFolder: 'create',
  writeFile: 'write',
  append: 'write',
  truncate: 'truncate',
  rename: 'move',
  link: 'link',
  copy: 'copy',
  unlink: 'remove',
  removeFolder: 'remove',
  removeTree: 'remove',
  changeMode: 'change the permissions of',
  setModified: 'change the modification time of',
  sync: 'save',
};

const REASONS: Readonly<Record<string, string>> = {
  ENOSPC: 'no space left on the disk',
  EDQUOT: 'the disk quota is exceeded',
  EACCES: 'permission denied',
  EPERM: 'operation not permitted',
  EROFS: 'the file system is read-only',
  EIO: 'the disk reports an error',
  EFBIG: 'the file is too large for this file system',
  ENOENT: 'it does not exist',
  ENOTDIR: 'part of its path is a file',
  EISDIR: 'it is a folder',
  ENAMETOOLONG: 'its name is too long',
};

/** The meaning of an operating system error code in words; the code itself if unknown. */
export const reasonOf = (errno: string): string => REASONS[errno] ?? errno;

const HINTS: Readonly<Record<string, string>> = {
  ENOSPC: 'Free some disk space, then run the command again.',
  EDQUOT: 'Free some disk space, then run the command again.',
  EACCES: 'Check the owner and permissions of target/.',
  EPERM: 'Check the owner and permissions of target/.',
};

/** The error code of the operating system; null for any other error. */
export function errnoOf(error: unknown): string | null {
  if (error instanceof DiskError) return error.errno;
  const code = error instanceof Error && 'code' in error ? error.code : null;
  return typeof code === 'string' && /^E[A-Z0-9]+$/.test(code) ? code : null;
}

/** The real file system; failures are thrown as `DiskError`. */
export const realDisk: Disk = named({
  makeFolder: path => void mkdirSync(path, { recursive: true }),
  writeFile: (path, text) => writeFileSync(path, text, { flag: 'wx' }),
  append: (path, text) => appendFileSync(path, text),
  truncate: (path, size) => truncateSync(path, size),
  rename: (from, to) => renameSync(from, to),
  link: (from, to) => linkSync(from, to),
  copy: (from, to) => copyFileSync(from, to, constants.COPYFILE_EXCL | constants.COPYFILE_FICLONE),
  unlink: path => unlinkSync(path),
  removeFolder: path => rmdirSync(path),
  removeTree: path => rmSync(path, { recursive: true, force: true }),
  changeMode: (path, mode) => chmodSync(path, mode),
  setModified: (path, time) => utimesSync(path, time, time),
  sync: path =>
    new Promise((resolve, reject) => {
      const file = openSync(path, 'r');
      fsync(file, error => {
        closeSync(file);
        if (error) reject(error);
        else resolve();
      });
    }),
});

/** Called before and after each disk operation. An operation is skipped if `before` throws. */
export interface DiskObserver {
  before?(operation: DiskOperation, path: string): void;
  after?(operation: DiskOperation, path: string): void;
}

export function observedDisk(disk: Disk, observer: DiskObserver): Disk {
  return mapDisk(disk, (operation, step) => (path, ...rest) => {
    observer.before?.(operation, path);
    const done = step(path, ...rest);
    if (done instanceof Promise) return done.then(() => observer.after?.(operation, path));
    observer.after?.(operation, path);
    return done;
  });
}

/** Adds the operation and the path to errors of the operating system. */
function named(disk: Disk): Disk {
  return mapDisk(disk, (operation, step) => (path, ...rest) => {
    try {
      const done = step(path, ...rest);
      return done instanceof Promise ? done.catch(error => raise(operation, path, error)) : done;
    } catch (error) {
      return raise(operation, path, error);
    }
  });
}

function raise(operation: DiskOperation, path: string, error: unknown): never {
  throw errnoOf(error) === null ? error : new DiskError(operation, path, error);
}

type Step = (path: string, ...rest: readonly unknown[]) => unknown;

function mapDisk(disk: Disk, wrap: (operation: DiskOperation, step: Step) => Step): Disk {
  const steps = Object.entries(disk).map(([key, step]) => [key, wrap(key as DiskOperation, step as Step)]);
  // `wrap` passes all parameters on, so each operation keeps its signature.
  return Object.fromEntries(steps) as Disk;
}
