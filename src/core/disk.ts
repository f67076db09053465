/** Every change that the store makes to the file system, so that tests can make any of them fail. */
export interface Disk {
  /** Creates parent folders too; does nothing if the folder exists. */
  makeFolder(path: string): void;
  /** Creates a file; fails if it exists. */
  writeFile(path: string, text: string): void;
  append(path: string, text: string): void;
  truncate(path: string, size: number): void;
  rename(from: string, to: string): void;
  link(from: string, to: string): void;
  /** Fails if `to` exists. */
  copy(from: string, to: string): void;
  unlink(path: string): void;
  /** Removes an empty folder. */
  removeFolder(path: string): void;
  /** Removes a file or folder without following links; does nothing if the path does not exist. */
  removeTree(path: string): void;
  changeMode(path: string, mode: number): void;
  setModified(path: string, time: Date): void;
  /** Resolves when a file, or the entries of a folder, would survive a power cut. */
  sync(path: string): Promise<void>;
}

export type DiskOperation = keyof Disk;
