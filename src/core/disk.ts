/** Every change that the store makes to a file system, and nothing else does: the one place where a test can fail or stop it. */
export interface Disk {
  /** Makes the folders above it too; one that exists is no error. */
  makeFolder(path: string): void;
  /** Makes a file that must not exist yet. */
  writeFile(path: string, text: string): void;
  append(path: string, text: string): void;
  truncate(path: string, size: number): void;
  rename(from: string, to: string): void;
  link(from: string, to: string): void;
  /** Fails where `to` exists. */
  copy(from: string, to: string): void;
  unlink(path: string): void;
  /** Removes an empty folder. */
  removeFolder(path: string): void;
  /** Removes whatever is there, following no link; nothing there is no error. */
  removeTree(path: string): void;
  changeMode(path: string, mode: number): void;
  setModified(path: string, time: Date): void;
  /** Resolves once a file, or a folder's entries, would survive a power cut. */
  sync(path: string): Promise<void>;
}

export type DiskOperation = keyof Disk;
