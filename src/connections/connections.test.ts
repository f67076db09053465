import { describe, expect, it } from 'vitest';
import { findConnection, postgresConnectionNames } from './connections.ts';
import { interpolate } from './interpolate.ts';
import { parseProfile, readProfile } from './read-profile.ts';
import { mergeSourceDefaults } from './source-defaults.ts';

const fill = (value: Parameters<typeof interpolate>[0], variables: Record<string, string> = {}) =>
  interpolate(value, { variables, file: 'profiles.yml', entry: "connection 'x'" });

describe('interpolate', () => {
  it.each([
    ['${A}', 'one'],
    ['${A}-${B:two}/${A}', 'one-two/one'],
    ['${B:}', ''],
    ['${B:http://u:p@h/?x=1&y=[2]}', 'http://u:p@h/?x=1&y=[2]'],
    ['${A:unused}', 'one'],
    ['${EMPTY:x}', ''],
    ['$$', '$'],
    ['$${A}', '${A}'],
    ['${B:a$$b}', 'a$b'],
    ['pa$word', 'pa$word'],
    ['$A', '$A'],
    ['${}', '${}'],
    ['${DOLLAR}', '${A}$$'],
  ])('%s', (text, expected) => {
    expect(fill(text, { A: 'one', EMPTY: '', DOLLAR: '${A}$$' })).toBe(expected);
  });

  it('replaces values in maps and lists, but not keys', () => {
    const value = { '${A}': [1, true, null, { deep: '${A}' }], n: 5 };
    expect(fill(value, { A: 'x' })).toEqual({ '${A}': [1, true, null, { deep: 'x' }], n: 5 });
  });

  it('names an unset variable and the file', () => {
    expect(() => fill({ a: ['${NOPE}'] })).toThrow(
      "profiles.yml: connection 'x' needs the environment variable NOPE, which is not set.",
    );
    expect(() => fill('${toString}')).toThrow('toString');
  });
});

const PROFILE = parseProfile(
  `connections:
  pg: { type: postgresql, host: localhost, port: "\${PG_PORT:5432}", password: "\${PG_PASSWORD:s3cret}", connect_timeout: 5 }
  broken: { type: postgresql, password: "\${NOT_SET}" }
  bad_port: { type: postgresql, port: "\${PG_PASSWORD:s3cret}" }
  bad_host: { type: postgresql, host: "a b" }
  bad_timeout: { type: postgresql, timeout: -1 }
  untyped: { host: x }
source_defaults:
  postgresql: { connection: pg, query_timeout: 3, schema: "\${NOT_SET}" }
  json: { maximum_depth: 2 }
  csv:
`,
  'profiles.yml',
);

describe('findConnection', () => {
  it('returns the connection with numbers as numbers', () => {
    expect(findConnection(PROFILE, 'pg', {})).toEqual({
      name: 'pg',
      type: 'postgresql',
      settings: { host: 'localhost', port: 5432, password: 's3cret', connect_timeout: 5 },
    });
    expect(findConnection(PROFILE, 'pg', { PG_PORT: '6000' }).settings['port']).toBe(6000);
  });

  it.each([
    ['broken', "profiles.yml: connection 'broken' needs the environment variable NOT_SET, which is not set."],
    ['bad_port', "profiles.yml: connection 'bad_port': port must be a whole number from 1 to 65535."],
    ['bad_host', "profiles.yml: connection 'bad_host': host must be a host name or an IP address."],
    ['bad_timeout', "profiles.yml: connection 'bad_timeout': timeout must be a whole number of seconds, at least 1."],
    ['untyped', "profiles.yml: connection 'untyped': it needs a 'type'."],
    [
      'nope',
      "Connection 'nope' is not defined in profiles.yml. Available: bad_host, bad_port, bad_timeout, broken, pg, untyped.",
    ],
  ])('refuses %s', (name, message) => {
    expect(() => findConnection(PROFILE, name, {})).toThrow(message);
  });

  it('reports a missing profile and a profile without connections', () => {
    expect(() => findConnection(null, 'pg', {})).toThrow("Connection 'pg' is not defined: no profile was found.");
    expect(() => findConnection(parseProfile('', 'p.yml'), 'pg', {})).toThrow(
      "Connection 'pg' is not defined in p.yml. It defines no connections.",
    );
  });
});

describe('mergeSourceDefaults', () => {
  it('lets the parameters of the node override the defaults', () => {
    expect(mergeSourceDefaults(PROFILE, { type: 'postgres', params: { schema: 'own' } }, {})).toEqual({
      connection: 'pg',
      query_timeout: 3,
      schema: 'own',
    });
    expect(mergeSourceDefaults(PROFILE, { type: 'jsonl', params: null }, {})).toEqual({ maximum_depth: 2 });
  });

  it('keeps parameters that have no defaults', () => {
    expect(mergeSourceDefaults(PROFILE, { type: 'csv', params: { skip: 1 } }, {})).toEqual({ skip: 1 });
    expect(mergeSourceDefaults(PROFILE, { type: 'parquet', params: null }, {})).toEqual({});
    expect(mergeSourceDefaults(null, { type: 'json', params: null }, {})).toEqual({});
  });
});

describe('parseProfile', () => {
  it('names the position of a mistake and quotes no text', () => {
    expect(() => parseProfile('connections: { a: s3cret\n', 'p.yml')).toThrow(
      /^Profile p\.yml cannot be used: not valid YAML \([a-z ]+\)\.$/,
    );
    expect(() => parseProfile('- s3cret', 'p.yml')).toThrow(
      'Profile p.yml cannot be used: the profile must be a mapping.',
    );
    expect(() => parseProfile('connections: s3cret', 'p.yml')).toThrow(
      "Profile p.yml cannot be used: 'connections' must be a mapping.",
    );
  });
});

describe('readProfile', () => {
  it('reports a missing file', () => {
    expect(() => readProfile('/nowhere/p.yml', 'p.yml')).toThrow('Profile not found: p.yml');
  });
});

describe('postgresConnectionNames', () => {
  it('lists connections of this type, and entries whose type cannot be told', () => {
    const profile = parseProfile(
      [
        'connections:',
        '  a: {type: postgresql}',
        '  b: {type: starrocks, host: "${UNSET}"}',
        '  c: {type: postgres}',
        '  d: 7',
        '  e: {host: localhost}',
        '  f: {type: "${KIND}"}',
        '  g: {type: "${UNSET}"}',
        '  h: {type: "${OTHER:iceberg}"}',
      ].join('\n'),
      'profiles.yml',
    );
    expect(postgresConnectionNames(profile, { KIND: 'postgresql' })).toEqual(['a', 'c', 'd', 'e', 'f', 'g']);
  });
});
