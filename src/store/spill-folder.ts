import { basename, join } from 'node:path';
import { StorePaths } from './paths.ts';
import { randomId } from './random-id.ts';

const PREFIX = 'duckdb';

/** Absolute path of a new folder under `target/store/tmp` for what an engine spills; the engine makes it when needed. */
export const newSpillFolder = (root: string): string => join(new StorePaths(root).temporary, `${PREFIX}${randomId()}`);

/** Spills may belong to a command that holds no lock: recovery leaves young ones alone. */
export const isSpillFolder = (path: string): boolean => basename(path).startsWith(PREFIX);
