import { sha256Hex } from '../core/canonical-json.ts';
import type { ArtefactRecord } from '../core/state/artefact.ts';

/** A name that artefacts share if they hold equal rows under equal columns. */
export const contentName = ({ identity, columns }: Pick<ArtefactRecord, 'identity' | 'columns'>): string =>
  `content-${sha256Hex(JSON.stringify([identity, columns.map(({ name, type }) => [name, type])])).slice(0, 32)}`;
