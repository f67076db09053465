import { rmSync } from 'node:fs';
import type { SourceNode } from '../../core/definition/nodes/node.ts';
import type { InspectedSource } from '../../core/plan/sources/source-inspection.ts';
import { failureTextOf } from '../../diagnostics/failure-text.ts';
import { ToolError } from '../../diagnostics/tool-error.ts';
import { storedColumns } from '../../engine/execution/stored-columns.ts';
import type { ChangedSource, Inquiry, SourceConnector, StagedData } from '../source-connector.ts';
import { checkColumns } from './reading/check-columns.ts';
import { describeRelation, readingsOf } from './reading/describe-relation.ts';
import { withSomeRows } from './reading/some-rows.ts';
import { readRelation, type RelationRequest } from './reading/read-relation.ts';
import { inReaderTransaction } from './reading/reader-transaction.ts';
import { readingError } from './reading/reading-error.ts';
import { type DescribedRelation, sameDescription } from './reading/relation.ts';
import { schemaChange } from './reading/schema-change.ts';
import { computedOf } from './reading/write-rows.ts';
import type { PostgresServers } from './servers.ts';
import { endpointOfSource } from './reading/source-endpoint.ts';

/** What the PostgreSQL source connector needs. */
export interface PostgresSurroundings {
  readonly servers: PostgresServers;
}

/** Reads tables, views and queries of PostgreSQL. */
export const postgresSource = ({ servers }: PostgresSurroundings): SourceConnector<DescribedRelation> => ({
  isVersioned: false,
  endpointOf: async source => endpointOfSource(await servers.ofSource(source), source),
  inspect: (source, inquiry) => naming(servers, source, () => inspect(servers, source, inquiry)),
  read: request => naming(servers, request.source, () => read(servers, request)),
  look: (source, work) => naming(servers, source, () => look(servers, source, work)),
});

/** Interrupted work may fail with any error. */
async function naming<T>({ signal }: PostgresServers, source: SourceNode, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (signal.aborted) throw new ToolError('interrupted', 'Interrupted.', { exitCode: 130 });
    throw readingError(source, error);
  }
}

async function describe(servers: PostgresServers, source: SourceNode): Promise<DescribedRelation> {
  const settings = await servers.ofSource(source);
  const client = await servers.shared(settings);
  return describeRelation({ source, settings, client }, () => servers.reader(settings));
}

async function inspect(
  servers: PostgresServers,
  source: SourceNode,
  inquiry: Inquiry,
): Promise<InspectedSource<DescribedRelation>> {
  const details = await describe(servers, source);
  const columns = storedColumns(computedOf(readingsOf(details)));
  checkColumns(source, details);
  const earlier = inquiry.earlier();
  return {
    version: null,
    endpoint: endpointOfSource(await servers.ofSource(source), source),
    columns,
    earlier,
    change: schemaChange(source, earlier, { relation: details.relation, columns }),
    empty: null,
    details,
  };
}

/** Reads the source; checks before and after whether its columns are still those of the inspection. */
async function read(servers: PostgresServers, request: RelationRequest): Promise<StagedData | ChangedSource> {
  const { source, inspection, into } = request;
  const isStill = async (): Promise<boolean> => sameDescription(await describe(servers, source), inspection.details);
  if (!(await isStill())) return changed(request);
  try {
    const data = await stage(servers, request);
    if (await isStill()) return data;
  } catch (error) {
    rmSync(into, { force: true });
    if (servers.signal.aborted || (await isStill().catch(() => true)))
      throw readingError(source, error, inspection.details);
  }
  rmSync(into, { force: true });
  return changed(request);
}

async function stage(servers: PostgresServers, request: RelationRequest): Promise<StagedData> {
  const { endpoint } = request.inspection;
  const settings = await servers.ofSource(request.source);
  const { snapshot, warning } = await servers.moment(settings);
  const { signal } = servers;
  const place = { signal, snapshot };
  const data = await inReaderTransaction(await servers.reader(settings), place, connection =>
    readRelation(connection, request, signal),
  );
  const warnings = [...(warning === null ? [] : [warning]), ...data.warnings];
  return { ...data, kind: 'staged', version: null, endpoint, dialect: null, warnings };
}

const changed = ({ source, inspection }: RelationRequest): ChangedSource => ({
  kind: 'changed',
  failure: failureTextOf(
    new ToolError(
      'source-changed',
      `The columns of ${inspection.details.relation.label} changed while ${source.id} was read.`,
      {
        hint: 'Run the command again once the table is as it should be.',
      },
    ),
  ),
});

async function look<T>(servers: PostgresServers, source: SourceNode, work: (query: string) => Promise<T>): Promise<T> {
  const settings = await servers.ofSource(source);
  const described = await describe(servers, source);
  const place = { signal: servers.signal, snapshot: null };
  try {
    return await withSomeRows(await servers.reader(settings), { place, described }, work);
  } catch (error) {
    throw readingError(source, error, described);
  }
}
