import type { SourceReading } from './source-reading.ts';

/** The decision on a source: keep an artefact that holds its data, or read it. */
export type SourceDecision =
  | {
      readonly kind: 'keep';
      readonly artefact: string;
      /** Content identity of the artefact. */
      readonly identity: string;
      readonly reason: string;
      /** The source's files changed since the artefact was read. */
      readonly outdated?: boolean;
    }
  | {
      readonly kind: 'read';
      readonly reading: SourceReading;
      readonly reason: string;
      /** Its definition is the base's, and only reading tells whether its data changed. */
      readonly unseen: boolean;
    };
