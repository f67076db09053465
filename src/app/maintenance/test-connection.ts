import { findConnection } from '../../connections/connections.ts';
import { profileFile } from '../../connections/discover-profile.ts';
import { withDotEnv } from '../../connections/dot-env.ts';
import { passwordCommands } from '../../connections/password-command.ts';
import { readProfile } from '../../connections/read-profile.ts';
import { endpointOf, type PostgresSettings, postgresSettings } from '../../connectors/postgresql/settings.ts';
import { type ConnectionFacts, testConnection as testPostgres } from '../../connectors/postgresql/test-connection.ts';
import { grantName } from '../../connectors/postgresql/targets/sql-names.ts';
import type { Connection } from '../../core/connection.ts';
import { parseEnvironmentName } from '../../core/environment/environment-name.ts';
import type { CommonOptions, World } from '../../core/world.ts';
import { type Diagnostic, diagnostic } from '../../diagnostics/diagnostic.ts';
import { checkExtension } from '../../engine/attached/check-extension.ts';
import { extensionFolders } from '../open-servers.ts';
import { didYouMean } from '../../diagnostics/suggest.ts';
import { ToolError } from '../../diagnostics/tool-error.ts';
import { chooseProfile } from '../../project/choose-profile.ts';
import { lookForProjectRoot } from '../../project/files/project-root.ts';

export interface TestConnectionOptions extends CommonOptions {
  readonly connection: string;
  readonly profile?: string;
  /** Looks for the profile of this environment (default: of production). */
  readonly environment?: string;
}

/** Whether a connection works. What the server says is null if it does not. */
export interface ConnectionTestDocument {
  readonly format: 'seeknal.connection-test';
  readonly version: 1;
  readonly connection: string;
  readonly type: 'postgresql';
  /** Server and database, without secrets. */
  readonly endpoint: string;
  readonly status: 'ok' | 'failed';
  readonly server_version: string | null;
  readonly user: string | null;
  readonly database: string | null;
  /** The protocol; also null if the connection is not encrypted. */
  readonly tls: string | null;
  readonly milliseconds: number | null;
  readonly can_create_schemas: boolean | null;
  /** Why the test failed, or what this connection cannot do. */
  readonly diagnostics: readonly Diagnostic[];
}

/** Connects with a connection of the profile, and changes nothing. Throws if the profile or the connection is not valid. */
export async function testConnection(world: World, options: TestConnectionOptions): Promise<ConnectionTestDocument> {
  const root = lookForProjectRoot(world, options) ?? world.cwd;
  const settings = await settingsOf(world, root, options);
  try {
    const facts = await testPostgres(settings, world.signal);
    return passed(settings, facts, await missingExtension(world));
  } catch (error) {
    if (!(error instanceof ToolError) || error.code === 'interrupted') throw error;
    return failed(settings, error);
  }
}

async function settingsOf(world: World, root: string, options: TestConnectionOptions): Promise<PostgresSettings> {
  const environment = options.environment === undefined ? null : parseEnvironmentName(options.environment);
  const pin = chooseProfile(world, { root, environment, explicit: options.profile ?? null });
  const places = { root, home: world.home };
  const profile = pin === null ? null : readProfile(profileFile(places, pin.path), pin.path);
  const variables = withDotEnv(root, world.variables);
  const connection = findConnection(profile, options.connection, variables);
  assertTestable(connection);
  const fillPassword = passwordCommands({ root, variables, signal: world.signal });
  return postgresSettings(await fillPassword(connection), places);
}

const TESTABLE = ['postgresql', 'postgres'];
const LATER = ['iceberg', 'starrocks', 'mysql'];

/** Messages do not repeat an unknown type, which may come from a variable. */
function assertTestable({ name, type }: Connection): void {
  if (TESTABLE.includes(type)) return;
  if (LATER.includes(type)) {
    throw new ToolError('not-yet-supported', `Connection '${name}' has type '${type}', which is not supported yet.`, {
      hint: "Use a connection of type 'postgresql'.",
    });
  }
  const known = [...TESTABLE, ...LATER];
  throw new ToolError('unknown-connection-type', `Connection '${name}' has an unknown type.`, {
    hint: didYouMean(type, known, `Use ${known.join(', ')}.`),
  });
}

/** Rows move through DuckDB's extension, which the connection alone does not need. */
async function missingExtension(world: World): Promise<readonly Diagnostic[]> {
  try {
    await checkExtension(extensionFolders(world));
    return [];
  } catch (error) {
    if (!(error instanceof ToolError)) throw error;
    const { code, message, hint } = error;
    return [diagnostic({ code, severity: 'warning', message, hint })];
  }
}

function passed(
  settings: PostgresSettings,
  facts: ConnectionFacts,
  missing: readonly Diagnostic[],
): ConnectionTestDocument {
  return {
    ...about(settings),
    status: 'ok',
    server_version: facts.version,
    user: facts.user,
    database: facts.database,
    tls: facts.tls,
    milliseconds: facts.milliseconds,
    can_create_schemas: facts.schemas === null,
    diagnostics: [...limits(facts), ...missing],
  };
}

function failed(settings: PostgresSettings, { code, message, hint }: ToolError): ConnectionTestDocument {
  return {
    ...about(settings),
    status: 'failed',
    server_version: null,
    user: null,
    database: null,
    tls: null,
    milliseconds: null,
    can_create_schemas: null,
    diagnostics: [diagnostic({ code, message, hint })],
  };
}

const about = (settings: PostgresSettings) =>
  ({
    format: 'seeknal.connection-test',
    version: 1,
    connection: settings.name,
    type: 'postgresql',
    endpoint: endpointOf(settings),
  }) as const;

/** What a connection that works cannot do. */
function limits({ schemas, user, database }: ConnectionFacts): readonly Diagnostic[] {
  if (schemas === null) return [];
  const readOnly = schemas === 'read-only';
  return [
    diagnostic({
      code: readOnly ? 'connection-read-only' : 'connection-no-schemas',
      severity: 'warning',
      message: readOnly
        ? `Database '${database}' is read-only: it can be a source, but no target.`
        : `User '${user}' cannot create schemas in database '${database}': targets can use only schemas that exist.`,
      hint: readOnly
        ? 'Connect to the primary server to write targets.'
        : `Run GRANT CREATE ON DATABASE ${grantName(database)} TO ${grantName(user)} on the server.`,
    }),
  ];
}
