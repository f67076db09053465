import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';

/** Rows of a statement (the last of several), as the server prints their values. */
export type ServerRows = (sql: string, database: string) => Promise<readonly (readonly (string | null)[])[]>;

interface PsqlCommand {
  readonly database: string;
  readonly sql: string;
}

/** Reads the two forms of `psql` that chapters use: `DATABASE -qAtc SQL` and `DATABASE -qf FILE`. */
export function readPsql([database, option, argument]: readonly string[], cwd: string): PsqlCommand {
  if (database !== undefined && argument !== undefined) {
    if (option === '-qAtc') return { database, sql: argument };
    if (option === '-qf') return { database, sql: readFileSync(resolve(cwd, argument), 'utf8') };
  }
  throw new Error(`a chapter may only run 'psql DATABASE -qAtc SQL' and 'psql DATABASE -qf FILE'`);
}

/** Lines as `psql -At` prints them. */
export const unaligned = (rows: readonly (readonly (string | null)[])[]): readonly string[] =>
  rows.map(row => row.map(value => value ?? '').join('|'));
