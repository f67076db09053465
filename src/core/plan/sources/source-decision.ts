import type { SourceReading } from './source-reading.ts';

/** What is to become of a source: an artefact that holds its data, or a new reading. */
export type SourceDecision =
  | {
      readonly kind: 'keep';
      readonly artefact: string;
      /** Content identity of the artefact. */
      readonly identity: string;
      readonly reason: string;
      /** What the source points to now holds something else. */
      readonly outdated?: boolean;
    }
  | { readonly kind: 'read'; readonly reading: SourceReading; readonly reason: string };
