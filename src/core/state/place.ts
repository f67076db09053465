import { ToolError } from '../../diagnostics/tool-error.ts';
import type { ContentParts } from './content-parts.ts';

/** Where an artefact's data is stored. Only the engine's `scan` and the artefact store look inside. */
export type Place = FilesPlace | TablePlace;

/** Immutable Parquet files, in row order. */
export interface FilesPlace {
  readonly kind: 'files';
  readonly files: readonly PlacedFile[];
}

export interface PlacedFile {
  /** Absolute; the ledger holds it relative to the store's artefacts. */
  readonly path: string;
  /** Bytes. */
  readonly size: number;
  readonly mtimeMs: number;
  /** Omitted in records of older versions. */
  readonly parts?: ContentParts;
}

/** A snapshot of a table that another engine wrote. */
export interface TablePlace {
  readonly kind: 'table';
  readonly catalogue: string;
  readonly name: string;
  readonly snapshot: string;
}

/** The files of a place. Throws `not-yet-supported` for a table. */
export function placedFiles<F>(
  place: TablePlace | { readonly kind: 'files'; readonly files: readonly F[] },
): readonly F[] {
  if (place.kind === 'files') return place.files;
  throw new ToolError(
    'not-yet-supported',
    `The table ${place.catalogue}.${place.name} cannot be read: tables of other engines are not supported yet.`,
  );
}
