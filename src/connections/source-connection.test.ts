import { describe, expect, it } from 'vitest';
import type { NodeId } from '../core/definition/nodes/node.ts';
import type { JsonObject } from '../core/json.ts';
import { ToolError } from '../diagnostics/tool-error.ts';
import { findPostgresConnection } from './connections.ts';
import { parseProfile } from './read-profile.ts';
import { connectionOfSource } from './source-connection.ts';

const CONNECTIONS = `connections:
  local_pg: { type: postgres, host: db, database: shop, user: app, password: "\${PW}" }
  by_command: { type: postgresql, host: db, password_command: [echo, x] }
  lake: { type: iceberg, uri: x }
`;
const parse = (more = '') => parseProfile(`${CONNECTIONS}${more}`, 'profiles.yml');

// A test needs no node of a project.
const source = (options: JsonObject, secrets: readonly string[] = []) =>
  ({
    id: 'source.orders' as NodeId,
    file: 'seeknal/sources/orders.yml',
    source: 'postgresql',
    options,
    secrets,
  }) as const;

const VARIABLES = { PW: 's3cret' };
const find = (options: JsonObject, profile: ReturnType<typeof parse> | null = parse()) =>
  connectionOfSource(profile, source(options), VARIABLES);

function failure(work: () => unknown): readonly unknown[] {
  try {
    work();
  } catch (error) {
    if (error instanceof ToolError) return [error.code, error.message, error.hint];
    throw error;
  }
  throw new Error('nothing was thrown');
}

describe('connectionOfSource', () => {
  it('puts own parameters over the connection that they name, without the query', () => {
    expect(find({ connection: 'local_pg', schema: 'sales', port: '5433', query: 'SELECT 1' })).toEqual({
      name: 'local_pg',
      type: 'postgres',
      settings: { host: 'db', database: 'shop', user: 'app', password: 's3cret', schema: 'sales', port: 5433 },
    });
  });

  it('takes a connection from own parameters alone', () => {
    expect(find({ host: 'h', database: 'd', user: 'u', password: '${PW}' }, null)).toEqual({
      name: 'source.orders',
      type: 'postgresql',
      settings: { host: 'h', database: 'd', user: 'u', password: 's3cret' },
    });
  });

  it.each(['postgresql', 'postgres'])('completes parameters with source_defaults.%s', type => {
    const profile = parse(
      `source_defaults: { ${type}: { connection: local_pg, schema: sales, connect_timeout: "3" } }`,
    );
    expect(find({ schema: 'own' }, profile)).toEqual({
      name: 'local_pg',
      type: 'postgres',
      settings: { host: 'db', database: 'shop', user: 'app', password: 's3cret', schema: 'own', connect_timeout: 3 },
    });
  });

  it("does not send the default connection's password to a host of the source's own", () => {
    const profile = parse('source_defaults: { postgresql: { connection: local_pg, user: reader } }');
    expect(find({ host: 'h', database: 'd' }, profile).settings).toEqual({ host: 'h', database: 'd', user: 'reader' });
  });

  it('takes one way to get the password for the other', () => {
    expect(find({ connection: 'by_command', password: 'own' }).settings).toEqual({ host: 'db', password: 'own' });
    expect(find({ connection: 'by_command' }).settings).toEqual({ host: 'db', password_command: ['echo', 'x'] });
  });

  it('fills in no variable inside the value of another', () => {
    const secret = 'a$$b${PW}';
    const own = source({ host: 'h', user: '$$u', password: secret }, [secret]);
    expect(connectionOfSource(null, own, VARIABLES).settings).toEqual({ host: 'h', user: '$u', password: secret });
  });

  it('says where a connection may be named', () => {
    expect(failure(() => find({}))).toEqual([
      'no-connection',
      'source.orders has no connection: neither its params nor source_defaults in profiles.yml name one.',
      "Add 'connection' under params. Available: by_command, lake, local_pg.",
    ]);
    expect(failure(() => find({ query: 'SELECT 1' }, null))).toEqual([
      'no-connection',
      'source.orders has no connection, and no profile was found.',
      "Add 'connection' under params, and define it in profiles.yml or a file given with --profile.",
    ]);
    expect(failure(() => find({ schema: 'x' }, parseProfile('', 'p.yml')))).toEqual([
      'no-connection',
      'source.orders has no connection: neither its params nor source_defaults in p.yml name one.',
      "Define a connection in p.yml, and add 'connection' under params.",
    ]);
  });

  it('names what is wrong, and no value', () => {
    expect(failure(() => find({ connection: 'local_gp' }))).toEqual([
      'unknown-connection',
      "Connection 'local_gp' is not defined in profiles.yml. Available: by_command, lake, local_pg.",
      "Did you mean 'local_pg'?",
    ]);
    expect(failure(() => find({ host: 'h', port: 's3cret' }))).toEqual([
      'bad-connection',
      'source.orders: port must be a whole number from 1 to 65535.',
      null,
    ]);
    expect(failure(() => find({ host: '${NOPE}' }))).toEqual([
      'unset-variable',
      'seeknal/sources/orders.yml: source.orders needs the environment variable NOPE, which is not set.',
      'Set NOPE in the environment or in .env, or write ${NOPE:default}.',
    ]);
  });

  it('refuses a connection of another type', () => {
    const refusal = [
      'connection-type',
      "Connection 'lake' in profiles.yml is not of type 'postgresql'.",
      "Use a connection of type 'postgresql', or change its type.",
    ];
    expect(failure(() => find({ connection: 'lake' }))).toEqual(refusal);
    expect(failure(() => findPostgresConnection(parse(), 'lake', {}))).toEqual(refusal);
  });
});
