import { statSync } from 'node:fs';
import { ToolError } from '../../diagnostics/tool-error.ts';
import type { StorePaths } from '../paths.ts';
import { damaged, readDocument } from './stored-json.ts';

const FORMAT = 'seeknal.store';

export const renderStoreFile = (lineage: string): string =>
  `${JSON.stringify({ format: FORMAT, version: 1, lineage })}\n`;

/** Throws `format-too-new` for a store of a newer version, and `target-taken`. A damaged store passes. */
export function assertKnownStore(paths: StorePaths): void {
  if (statSync(paths.target, { throwIfNoEntry: false })?.isDirectory() === false) throw targetTaken();
  try {
    readLineage(paths);
  } catch (error) {
    if (error instanceof ToolError && error.code === 'format-too-new') throw error;
  }
}

const targetTaken = (): ToolError =>
  new ToolError('target-taken', 'target/ is needed for outputs, but a file with that name exists.', {
    hint: 'Move or rename the file.',
  });

/** The store's random id; null if there is no store yet. Throws `format-too-new` or `store-damaged`. */
export function readLineage(paths: StorePaths): string | null {
  const document = readDocument(paths.storeFile, FORMAT);
  if (document === null) return null;
  const lineage = document['lineage'];
  if (typeof lineage !== 'string' || lineage === '') throw damaged(paths.storeFile);
  return lineage;
}
