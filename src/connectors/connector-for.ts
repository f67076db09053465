import type { SourceType } from '../core/definition/nodes/node.ts';
import { fileSource, type FileSurroundings } from './files/source.ts';
import type { SourceConnector } from './source-connector.ts';

/** The connector for a source type. */
export function connectorFor(type: SourceType, around: FileSurroundings): SourceConnector {
  switch (type) {
    case 'csv':
    case 'parquet':
    case 'json':
    case 'jsonl':
      return fileSource(around);
  }
}
