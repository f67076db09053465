import type { StorePaths } from './paths.ts';
import { damaged, readDocument } from './stored-json.ts';

const FORMAT = 'seeknal.store';

export const renderStoreFile = (lineage: string): string =>
  `${JSON.stringify({ format: FORMAT, version: 1, lineage })}\n`;

/** The store's own random id; null where there is no store yet. Throws `format-too-new` or `store-damaged`. */
export function readLineage(paths: StorePaths): string | null {
  const document = readDocument(paths.storeFile, FORMAT);
  if (document === null) return null;
  const lineage = document['lineage'];
  if (typeof lineage !== 'string' || lineage === '') throw damaged(paths.storeFile);
  return lineage;
}
