import { join } from 'node:path';
import type { Disk } from '../core/disk.ts';
import { realDisk } from './disk.ts';
import { readText } from './ledger/stored-json.ts';
import { StorePaths } from './paths.ts';
import { randomId } from './random-id.ts';

const NAME = /^[a-z0-9][a-z0-9._-]*$/;

/** Files of a project's `target/cache/`, which may be deleted at any time. Needs no lock, and failing costs only speed. */
export class Cache {
  readonly #folder: string;
  readonly #disk: Disk;

  constructor(root: string, disk: Disk = realDisk) {
    this.#folder = new StorePaths(root).cache;
    this.#disk = disk;
  }

  /** null where there is no such file, or none that can be read. */
  read(name: string): string | null {
    const path = this.#pathOf(name);
    try {
      return readText(path);
    } catch {
      return null;
    }
  }

  /** Replaces a file by rename. */
  write(name: string, text: string): void {
    const path = this.#pathOf(name);
    const temporary = `${path}.${randomId()}`;
    try {
      this.#disk.makeFolder(this.#folder);
      this.#disk.writeFile(temporary, text);
      this.#disk.rename(temporary, path);
    } catch {
      removeQuietly(this.#disk, temporary);
    }
  }

  #pathOf(name: string): string {
    if (!NAME.test(name)) throw new Error(`no name for a cache: ${name}`);
    return join(this.#folder, name);
  }
}

function removeQuietly(disk: Disk, path: string): void {
  try {
    disk.removeTree(path);
  } catch {
    // The cache may be deleted at any time; so may what is left of a try to write it.
  }
}
