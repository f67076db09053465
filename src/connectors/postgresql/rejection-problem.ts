import type { DatabaseError } from 'pg';
import { type ConnectionProblem, type FailedAttempt, NO_PASSWORD, wordsOf } from './connection-problem.ts';
import type { PostgresSettings } from './settings.ts';
import { grantName } from './targets/sql-names.ts';

/** Why a server refuses a connection. */
export function rejectionProblem(attempt: FailedAttempt, error: DatabaseError): ConnectionProblem {
  const { settings } = attempt;
  const words = wordsOf(error, settings);
  if (wantsTls(attempt, words)) return tlsRequired(settings);
  const kind = KINDS.find(({ states, says }) => states.includes(error.code ?? '') && (says?.test(words) ?? true));
  return kind?.problem(settings, words) ?? otherwise(words);
}

/** Servers name a missing encryption only in words. */
const wantsTls = ({ encryption }: FailedAttempt, words: string): boolean =>
  encryption === 'plain' && /no encryption|SSL off|SSL (?:connection is )?required/i.test(words);

const tlsRequired = ({ user, sslMode }: PostgresSettings): ConnectionProblem => ({
  code: 'connection-tls-required',
  what: `the server accepts no unencrypted connection of user '${user}'`,
  hint:
    sslMode === 'disable'
      ? 'Set sslmode: require, or verify-full with sslrootcert.'
      : 'Ask for TLS or for an entry in pg_hba.conf on the server.',
});

interface Kind {
  readonly states: readonly string[];
  /** Part of the words, where the state is not specific; poolers use 08P01 for everything. */
  readonly says?: RegExp;
  problem(settings: PostgresSettings, words: string): ConnectionProblem;
}

const KINDS: readonly Kind[] = [
  { states: ['28P01'], problem: settings => wrongPassword(settings) },
  {
    states: ['08P01', '28000'],
    says: /password|SASL authentication failed/i,
    problem: settings => wrongPassword(settings),
  },
  { states: ['3D000'], problem: settings => noDatabase(settings) },
  { states: ['08P01'], says: /no such database/i, problem: settings => noDatabase(settings) },
  { states: ['28000'], says: /^role .*(?:exist|log in)/i, problem: settings => noRole(settings) },
  { states: ['08P01'], says: /no such user/i, problem: settings => noRole(settings) },
  { states: ['28000'], problem: rejected },
  { states: ['42501', '55000'], problem: noAccess },
  { states: ['53300'], problem: (_, words) => tooMany(words) },
  { states: ['57P03'], problem: (_, words) => notReady(words) },
];

const wrongPassword = ({ user, password }: PostgresSettings): ConnectionProblem => ({
  code: 'connection-password',
  what: password === null ? `the server asks user '${user}' for a password` : `wrong password for user '${user}'`,
  hint:
    password === null ? NO_PASSWORD : "Check 'user', and 'password' or 'password_command' with the variables in them.",
});

const noDatabase = ({ database }: PostgresSettings): ConnectionProblem => ({
  code: 'connection-database',
  what: `database '${database}' does not exist`,
  hint: `Check 'database', or run CREATE DATABASE ${grantName(database)} on the server.`,
});

const noRole = ({ user }: PostgresSettings): ConnectionProblem => ({
  code: 'connection-role',
  what: `user '${user}' does not exist or may not log in`,
  hint: `Check 'user', or run CREATE ROLE ${grantName(user)} LOGIN on the server.`,
});

function rejected({ user, database }: PostgresSettings, words: string): ConnectionProblem {
  return {
    code: 'connection-rejected',
    what: `the server rejects user '${user}' for database '${database}' (${words})`,
    hint: "Check 'user', 'database' and 'sslmode', and the entries in pg_hba.conf on the server.",
  };
}

function noAccess({ user, database }: PostgresSettings, words: string): ConnectionProblem {
  return {
    code: 'connection-database',
    what: `user '${user}' cannot use database '${database}' (${words})`,
    hint: `Run GRANT CONNECT ON DATABASE ${grantName(database)} TO ${grantName(user)} on the server.`,
  };
}

const tooMany = (words: string): ConnectionProblem => ({
  code: 'connection-limit',
  what: `the server has no connection left (${words})`,
  hint: 'Try again later, or raise max_connections or the limit of the role or the database.',
});

const notReady = (words: string): ConnectionProblem => ({
  code: 'connection-not-ready',
  what: `the server accepts no connections now (${words})`,
  hint: 'Try again once the server has started.',
});

const otherwise = (words: string): ConnectionProblem => ({
  code: 'connection-failed',
  what: `the server refused the connection (${words})`,
  hint: "Check the connection's settings and the log of the server.",
});
