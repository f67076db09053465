import type { EnvironmentName } from '../environment/environment-name.ts';
import type { TargetRecord } from './target-record.ts';
import type { ArtefactRecord } from './artefact.ts';
import type { Generation, NodeDefinition } from './generation.ts';

/** A read-only view of the store for planning: answers are immediate and never change. */
export interface StateSnapshot {
  /** The store's random id; null before the store exists. */
  readonly lineage: string | null;
  /** The generation that an environment shows: its own, or production's if it follows production; null without one. */
  current(environment: EnvironmentName | null): Generation | null;
  followsProduction(environment: EnvironmentName): boolean;
  /** A generation by serial; null if it is not kept. Throws if it is damaged. */
  generation(environment: EnvironmentName | null, serial: number): Generation | null;
  /** The same, but null if it is damaged. */
  readable(environment: EnvironmentName | null, serial: number): Generation | null;
  artefact(id: string): ArtefactRecord | null;
  /** Artefacts with a fingerprint, latest first. */
  artefactsNamed(fingerprint: string): readonly string[];
  /** Recorded result of comparing two artefacts in these columns (null: all columns); null if they were not compared. */
  equalKnown(a: string, b: string, columns: readonly string[] | null, ordered: boolean): boolean | null;
  /** What an environment wrote outside the store, by table. */
  targetRecords(environment: EnvironmentName | null): readonly TargetRecord[];
  definition(hash: string): NodeDefinition | null;
  environmentNames(): readonly EnvironmentName[];
}
