import { redact } from '../../core/parameters/redact.ts';
import type { PostgresSettings } from './settings.ts';
import type { Encryption } from './ssl.ts';

/** Why a connection failed. `what` continues the sentence `Connection 'x' to y: `, without its full stop. */
export interface ConnectionProblem {
  readonly code: string;
  readonly what: string;
  readonly hint: string;
}

/** The hint if the server asks for a password and the connection has none. */
export const NO_PASSWORD = "Set 'password', such as \"${PG_PASSWORD}\", or 'password_command'.";

/** One failed attempt to connect. */
export interface FailedAttempt {
  readonly settings: PostgresSettings;
  readonly encryption: Encryption;
  readonly error: unknown;
}

/** The words of an error, without the connection's password. */
export function wordsOf(error: unknown, { password }: PostgresSettings): string {
  const words = error instanceof Error ? error.message : String(error);
  return redact(words.trim().replace(/\.$/, ''), password === null ? [] : [password]);
}
