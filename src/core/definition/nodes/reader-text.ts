import { canonicalJson } from '../../canonical-json.ts';
import type { Json } from '../../json.ts';
import type { SourceNode } from './node.ts';

/** The part of a source that determines how it is read, with all parameters filled in. */
export type ReaderDefinition = Pick<SourceNode, 'source' | 'table' | 'options' | 'schema'> &
  Partial<Pick<SourceNode, 'incremental'>>;

/** Equal texts mean that the same data are read in the same way. */
export const readerText = (source: ReaderDefinition): string =>
  canonicalJson([
    source.source,
    source.table,
    source.options,
    // A schema is an array of plain columns, or null.
    source.schema as Json,
    ...(source.incremental ? [{ ...source.incremental }] : []),
  ]);
