import { join } from 'node:path';
import type { Disk } from '../core/disk.ts';
import { realDisk } from './disk.ts';
import { readText } from './ledger/stored-json.ts';
import { StorePaths } from './paths.ts';
import { randomId } from './random-id.ts';

const NAME = /^[a-z0-9][a-z0-9._-]*$/;

/** Files in a project's `target/cache/`. Needs no lock; a missing file or a failed write costs only time. */
export class Cache {
  readonly #folder: string;
  readonly #disk: Disk;

  constructor(root: string, disk: Disk = realDisk) {
    this.#folder = new StorePaths(root).cache;
    this.#disk = disk;
  }

  /** null if the file does not exist or cannot be read. */
  read(name: string): string | null {
    const path = this.#pathOf(name);
    try {
      return readText(path);
    } catch {
      return null;
    }
  }

  /** Replaces a file by rename; ignores failures. */
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
    if (!NAME.test(name)) throw new Error(`not a valid cache name: ${name}`);
    return join(this.#folder, name);
  }
}

function removeQuietly(disk: Disk, path: string): void {
  try {
    disk.removeTree(path);
  } catch {
    // Cache files may be deleted at any time, so a leftover does no harm.
  }
}
