import { sha256Hex } from '../core/canonical-json.ts';
import type { ArtefactRecord } from '../core/state/artefact.ts';

/** A name that artefacts with equal rows and equal columns share. */
export const contentName = ({ identity, columns }: Pick<ArtefactRecord, 'identity' | 'columns'>): string =>
  `content-${sha256Hex(JSON.stringify([identity, columns.map(({ name, type }) => [name, type])])).slice(0, 32)}`;
