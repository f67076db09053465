import type { SourceNode } from '../../../core/definition/nodes/node.ts';
import { endpointOf, type PostgresSettings } from '../settings.ts';
import { tableNameParts } from '../../../core/definition/nodes/table-name.ts';

const USUAL = 'public';

/** Where a source's data come from: the database, and the connection's schema if it decides which table is meant. */
export function endpointOfSource(settings: PostgresSettings, { table }: Pick<SourceNode, 'table'>): string {
  const endpoint = endpointOf(settings);
  const isDecided = (tableNameParts(table) ?? []).length > 1 || settings.schema === USUAL;
  return isDecided ? endpoint : `${endpoint}?schema=${encodeURIComponent(settings.schema)}`;
}
