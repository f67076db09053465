import type { PlannedTarget } from '../../../core/plan/targets/target-action.ts';
import { type FailureText, failureTextOf } from '../../../diagnostics/failure-text.ts';
import { ToolError } from '../../../diagnostics/tool-error.ts';
import { EngineFailure } from '../../../engine/engine-failure.ts';
import { PostgresError } from '../client.ts';
import { grantTable, LEDGER, type TableName } from './locate-table.ts';
import type { PostgresDetails } from './plan-target.ts';
import { grantName } from './sql-names.ts';

/** Codes and hints by SQLSTATE, or its first two characters. */
const STATES: Readonly<Record<string, readonly [code: string, hint: string | null]>> = {
  '53100': ['disk-full', 'Free space on the server; writing needs up to three times the size of the table.'],
  '53': ['server-resources', 'Free resources on the server, then run the command again.'],
  '57014': ['statement-timeout', 'Raise statement_timeout for the role: ALTER ROLE … SET statement_timeout = 0.'],
  '25006': ['read-only-server', 'Connect to the primary server.'],
  '55P03': ['target-locked', 'Wait until the transaction that uses the table ends, then run the command again.'],
  '40': ['target-conflict', 'Run the command again.'],
  '42P01': ['target-changed', 'Run the command again.'],
  '42P07': ['target-changed', 'Run the command again.'],
  '42703': ['target-changed', 'Run the command again.'],
  '23': ['target-constraint', 'Change the query so that its rows meet the constraint, or drop the constraint.'],
  '22': ['target-value', 'Change the query, or the type of the column in the table.'],
};

/** DuckDB's messages of errors that the server sent, which have no SQLSTATE. */
const WORDS: readonly (readonly [words: RegExp, state: string])[] = [
  [/No space left on device|disk full/i, '53100'],
  [/statement timeout|canceling statement/, '57014'],
  [/permission denied/, '42501'],
  [/invalid |out of range|too long/, '22000'],
];

export interface FailedTarget {
  readonly plan: PlannedTarget<PostgresDetails>;
  /** The user of the connection. */
  readonly user: string;
}

/** Why writing a target failed, in words that name the cause and the remedy. */
export function targetFailure(error: unknown, { plan: { node, details }, user }: FailedTarget): FailureText {
  const grant = (message: string): string => grantFor(message, details, user);
  if (error instanceof ToolError) return failureTextOf(error);
  if (error instanceof PostgresError) return serverFailure(error, error.state, grant);
  if (error instanceof EngineFailure) return engineFailure(error);
  const said = error instanceof Error ? error.message : String(error);
  const words = /ERROR:\s+(?<words>[^\n]+)/.exec(said)?.groups?.['words'];
  if (words !== undefined) return serverFailure({ message: words }, stateOf(words), grant);
  const hint = `Change the query of ${node} so that PostgreSQL can store the value.`;
  return { code: 'target-value', message: withoutKind(said), hint, words: [], said };
}

const stateOf = (message: string): string => WORDS.find(([words]) => words.test(message))?.[1] ?? '';

const withoutKind = (said: string): string => (said.split('\n')[0] ?? said).replace(/^[A-Z][A-Za-z ]* Error: /, '');

interface ServerWords {
  readonly message: string;
  readonly detail?: string | null;
  readonly hint?: string | null;
}

function serverFailure(
  { message, detail, hint }: ServerWords,
  state: string,
  grant: (message: string) => string,
): FailureText {
  const said = detail ?? null;
  const full = said === null ? message : `${message}: ${said}`;
  if (state === '42501') {
    return { code: 'permission-denied', message, hint: grant(message), words: [], said };
  }
  const [code, advice] = STATES[state] ?? STATES[state.slice(0, 2)] ?? ['target-failed', null];
  return { code, message: full, hint: advice ?? hint ?? null, words: [], said };
}

/** What to grant for a message such as `permission denied for schema shop`. */
function grantFor(message: string, { schema, table }: TableName, user: string): string {
  const [, kind, name = ''] = /permission denied for (\w+) (\S+)/.exec(message) ?? [];
  if (kind === 'schema') return `GRANT USAGE, CREATE ON SCHEMA ${grantName(schema)} TO ${grantName(user)}`;
  if (kind === 'database') return `GRANT CREATE ON DATABASE ${grantName(name)} TO ${grantName(user)}`;
  const denied = name === LEDGER ? LEDGER : table;
  return `GRANT SELECT, INSERT, DELETE ON ${grantTable({ schema, table: denied })} TO ${grantName(user)}`;
}

/** The extension turns a connection that breaks into an internal error. */
function engineFailure({ message, reason }: EngineFailure): FailureText {
  const isLost = /connection|terminat|server closed|SSL|socket|copy data/i.test(reason);
  if (!isLost) return { code: 'engine', message, hint: 'Run the command again.', words: [], said: reason };
  const text = 'The connection to the server was lost while rows were loaded.';
  return {
    ...{ code: 'connection-lost', message: text, words: [], said: reason },
    hint: 'Check the server and its log, then run the command again.',
  };
}
