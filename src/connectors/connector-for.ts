import type { SourceType } from '../core/definition/nodes/node.ts';
import { fileSource, type FileSurroundings } from './files/source.ts';
import { postgresSource, type PostgresSurroundings } from './postgresql/source.ts';
import type { SourceConnector } from './source-connector.ts';

export interface ConnectorSurroundings {
  readonly files: FileSurroundings;
  readonly postgresql: PostgresSurroundings;
}

/** The connector for a source type. */
export function connectorFor(type: SourceType, around: ConnectorSurroundings): SourceConnector {
  switch (type) {
    case 'csv':
    case 'parquet':
    case 'json':
    case 'jsonl':
      return fileSource(around.files);
    case 'postgresql':
      return postgresSource(around.postgresql);
  }
}
