import type { InspectedSource } from '../../core/plan/sources/source-inspection.ts';
import type { ArtefactRecord } from '../../core/state/artefact.ts';

/** The reason for reading such a source. */
export const UNSEEN = 'read at every run: only reading tells whether its data changed';

/** Whether a source looks as it did when its artefact was read, and only reading tells whether its data changed. */
export const isUnseen = (inspection: InspectedSource, record: ArtefactRecord | null): boolean =>
  inspection.version === null &&
  record !== null &&
  !isElsewhere(inspection, record) &&
  JSON.stringify(inspection.columns) === JSON.stringify(record.columns);

/** Whether a source is on another server or database than its artefact came from. */
export const isElsewhere = ({ endpoint }: InspectedSource, record: ArtefactRecord | null): boolean =>
  record !== null && endpoint !== (record.endpoints[0] ?? null);
