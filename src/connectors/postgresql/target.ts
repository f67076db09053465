import type { TargetDefinition } from '../../core/definition/nodes/target-definition.ts';
import type { StoreMark, TargetAction, TargetOutcome } from '../../core/plan/targets/target-action.ts';
import { failureTextOf } from '../../diagnostics/failure-text.ts';
import { ToolError } from '../../diagnostics/tool-error.ts';
import type { TargetConnector, TargetRequest, TargetWrite, WriteProgress } from '../target-connector.ts';
import { PostgresError } from './client.ts';
import type { PostgresServers } from './servers.ts';
import { endpointOf, type PostgresSettings } from './settings.ts';
import { locateTable, shownTable } from './targets/locate-table.ts';
import { dropOwnedSchemas, ownedSchemas } from './targets/owned-schemas.ts';
import type { PostgresDetails } from './targets/plan-target.ts';
import { countedWith, contextOf, surveyTarget } from './targets/survey-target.ts';
import { TargetSession } from './targets/target-session.ts';
import { allBehind, writeTargets } from './targets/write-targets.ts';

/** What the PostgreSQL target connector needs. */
export interface TargetNeeds {
  readonly servers: PostgresServers;
}

/** Writes tables of PostgreSQL. */
export const postgresTarget = ({ servers }: TargetNeeds): TargetConnector<PostgresDetails> => ({
  locate: async (target, mark) => locate(await servers.named(target.connection), target, mark),
  plan: request => plan(servers, request),
  write: (writes, progress) => write(servers, writes, progress),
  schemasOf: async (connection, mark) => {
    const settings = await servers.named(connection);
    return ownedSchemas(await servers.shared(settings), mark, endpointOf(settings));
  },
  dropSchemas: (connection, mark, names) => dropSchemas(servers, connection, { mark, names }),
});

function locate(settings: PostgresSettings, target: TargetDefinition, { environment }: StoreMark) {
  const name = locateTable(target, { schema: settings.schema, environment });
  return { endpoint: endpointOf(settings), name: shownTable(name) };
}

/** Failures of a target's own definition or table; all others are those of the connection. */
const OF_THE_TARGET: ReadonlySet<string> = new Set(['target-name', 'name-too-long', 'target-locked']);

async function plan(servers: PostgresServers, request: TargetRequest): Promise<TargetAction<PostgresDetails>> {
  const settings = await servers.named(request.target.connection);
  try {
    const context = contextOf(request, settings);
    const session = new TargetSession(servers, settings);
    try {
      return await surveyTarget(await servers.shared(settings), context, quoted =>
        session.transaction(context.shown, client => countedWith(client)(quoted)),
      );
    } finally {
      await session.close();
    }
  } catch (error) {
    if (!(error instanceof ToolError) || !OF_THE_TARGET.has(error.code)) throw asToolError(error, settings);
    const { node, target } = request;
    return { kind: 'refuse-target', node, target, table: null, failure: failureTextOf(error) };
  }
}

async function write(
  servers: PostgresServers,
  writes: readonly TargetWrite<PostgresDetails>[],
  progress: WriteProgress,
): Promise<readonly TargetOutcome[]> {
  const [first] = writes;
  if (first === undefined) return [];
  try {
    const settings = await servers.named(first.request.target.connection);
    return await writeTargets(new TargetSession(servers, settings), writes, progress);
  } catch (error) {
    if (!(error instanceof ToolError) || error.code === 'interrupted') throw error;
    return allBehind(writes, error);
  }
}

interface Dropping {
  readonly mark: StoreMark;
  readonly names: readonly string[];
}

async function dropSchemas(servers: PostgresServers, connection: string, { mark, names }: Dropping): Promise<void> {
  const settings = await servers.named(connection);
  const session = new TargetSession(servers, settings);
  try {
    await dropOwnedSchemas(session, mark, names);
  } catch (error) {
    throw asToolError(error, settings);
  } finally {
    await session.close();
  }
}

/** An error of the server as one that names the connection. */
function asToolError(error: unknown, { name }: PostgresSettings): unknown {
  if (!(error instanceof PostgresError)) return error;
  const hint = error.hint ?? 'Check the privileges of the user of the connection.';
  return new ToolError('server-refused', `Connection '${name}': ${error.message}.`, { hint, cause: error });
}
