import type { Position } from '../../../diagnostics/diagnostic.ts';

/** How writing an artefact changes the rows of a table. */
export type WriteMode =
  /** Modes `full` and `overwrite`: the artefact's rows replace all rows. */
  | { readonly kind: 'replace' }
  | { readonly kind: 'append' }
  /** Replaces rows with an equal key; NULL equals NULL. */
  | { readonly kind: 'upsert'; readonly keys: readonly string[] }
  /** Replaces the rows of the artefact's period and of `lookback` milliseconds before it. */
  | { readonly kind: 'replace-period'; readonly timeColumn: string; readonly lookback: number };

const MODE_NAMES = {
  replace: 'full',
  append: 'append',
  upsert: 'upsert_by_key',
  'replace-period': 'incremental_by_time',
} as const;

/** The mode as the user writes it. */
export const modeName = ({ kind }: WriteMode): string => MODE_NAMES[kind];

/** One entry of a node's `materializations`, with all parameters filled in. */
export interface TargetDefinition {
  readonly type: 'postgresql' | 'iceberg';
  readonly connection: string;
  /** As in the definition, without an environment's prefix. */
  readonly table: string;
  readonly mode: WriteMode;
  /** If false, refuses a table that does not exist, and accepts one that this store never wrote. */
  readonly createTable: boolean;
  /** Lets mode `replace` drop and recreate a table that does not fit. */
  readonly cascade: boolean;
  /** The place of the entry in its file; null for a node that was built from a stored definition. */
  readonly at: Position | null;
}
