import { quoteName } from '../../../engine/sql-text.ts';

/** A quoted string of PostgreSQL, also valid if `standard_conforming_strings` is off. */
export const quoteText = (text: string): string =>
  (text.includes('\\') ? ' E' : '') + `'${text.replaceAll('\\', '\\\\').replaceAll("'", "''")}'`;

/** A name as it may be written in a GRANT; quoted only where it must be. */
export const grantName = (name: string): string => (/^[a-z_][a-z0-9_]*$/.test(name) ? name : quoteName(name));

/** Largest length of an identifier in bytes; PostgreSQL cuts longer ones without an error. */
export const MAX_NAME_BYTES = 63;

/** Whether PostgreSQL would cut a name. */
export const isTooLong = (name: string): boolean => Buffer.byteLength(name, 'utf8') > MAX_NAME_BYTES;
