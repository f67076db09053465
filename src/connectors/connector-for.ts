import type { TargetDefinition } from '../core/definition/nodes/target-definition.ts';
import { ToolError } from '../diagnostics/tool-error.ts';
import type { SourceType } from '../core/definition/nodes/node.ts';
import { fileSource, type FileSurroundings } from './files/source.ts';
import { postgresSource, type PostgresSurroundings } from './postgresql/source.ts';
import { postgresTarget } from './postgresql/target.ts';
import type { SourceConnector } from './source-connector.ts';
import type { TargetConnector } from './target-connector.ts';

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

/** The connector for a target type. */
export function targetConnectorFor(type: TargetDefinition['type'], around: ConnectorSurroundings): TargetConnector {
  switch (type) {
    case 'postgresql':
      return postgresTarget(around.postgresql);
    case 'iceberg':
      throw new ToolError('not-yet-supported', "Targets of type 'iceberg' are not supported yet.");
  }
}
