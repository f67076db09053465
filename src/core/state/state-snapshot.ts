import type { EnvironmentName } from '../environment/environment-name.ts';
import type { ArtefactRecord } from './artefact.ts';
import type { Generation, NodeDefinition } from './generation.ts';

/** What planning asks of a store: it answers at once, always the same, and changes nothing. */
export interface StateSnapshot {
  /** The store's own random id; null where there is no store yet. */
  readonly lineage: string | null;
  /** What an environment shows: its own generation, or production's where it follows that; null without one. */
  current(environment: EnvironmentName | null): Generation | null;
  followsProduction(environment: EnvironmentName): boolean;
  /** An earlier generation; null where it is not kept. Throws where it is damaged. */
  generation(environment: EnvironmentName | null, serial: number): Generation | null;
  /** The same; null also where it is damaged. */
  readable(environment: EnvironmentName | null, serial: number): Generation | null;
  artefact(id: string): ArtefactRecord | null;
  /** Artefacts known under a fingerprint, the latest first. */
  artefactsNamed(fingerprint: string): readonly string[];
  /** Whether two artefacts were found to hold equal data in these columns (null: all); null where nobody compared them. */
  equalKnown(a: string, b: string, columns: readonly string[] | null, ordered: boolean): boolean | null;
  definition(hash: string): NodeDefinition | null;
  environmentNames(): readonly EnvironmentName[];
}
