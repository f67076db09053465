import { basename, join } from 'node:path';
import { StorePaths } from './paths.ts';
import { randomId } from './random-id.ts';

const PREFIX = 'duckdb';

/** Absolute path of a new spill folder under `target/store/tmp`; the engine creates it when needed. */
export const newSpillFolder = (root: string): string => join(new StorePaths(root).temporary, `${PREFIX}${randomId()}`);

/** A spill folder may belong to a command that holds no lock, so recovery keeps young ones. */
export const isSpillFolder = (path: string): boolean => basename(path).startsWith(PREFIX);
