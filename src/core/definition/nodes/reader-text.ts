import { canonicalJson } from '../../canonical-json.ts';
import type { Json } from '../../json.ts';
import type { SourceNode } from './node.ts';

/** The part of a source that determines how it is read, with all parameters filled in. */
export type ReaderDefinition = Pick<SourceNode, 'source' | 'table' | 'options' | 'schema'>;

/** Equal texts mean that the same data are read in the same way. */
export const readerText = (source: ReaderDefinition): string =>
  // A schema is an array of plain columns, or null.
  canonicalJson([source.source, source.table, source.options, source.schema as Json]);
