import type { Column } from '../../core/definition/nodes/node.ts';
import { isNested } from '../../core/types/type-map.ts';
import { quoteName } from '../sql-text.ts';

interface Part {
  readonly sql: string;
  readonly isText: boolean;
}

/** SQL of a 64-bit hash over columns of one row: equal for values that no query can tell apart, unlike `hash()` of the columns. */
export const exactHash = (columns: readonly Column[]): string =>
  hashOf(columns.flatMap(exactParts).map(part => part.sql));

/** SQL of two 64-bit hashes that fail independently: together they stand for the row also among 100 million. */
export function exactHashPair(columns: readonly Column[]): readonly [string, string] {
  const parts = columns.flatMap(exactParts);
  const salted = parts.map(part => (part.isText ? `('~' || ${part.sql})` : part.sql));
  return [hashOf(parts.map(part => part.sql)), hashOf(["'~'", ...salted])];
}

const hashOf = (parts: readonly string[]): string => (parts.length === 0 ? '0::UBIGINT' : `hash(${parts.join(', ')})`);

/** What of a column goes into a hash: DuckDB's own follows `=`, and takes the halves of a 128-bit number for each other. */
export function exactParts({ name, type }: Column): readonly Part[] {
  const column = quoteName(name);
  const text: Part = { sql: `${column}::VARCHAR`, isText: true };
  if (type === 'DOUBLE' || type === 'FLOAT') return [plain(column), plain(`signbit(${column})`)];
  if (type === 'VARIANT') return [text, { sql: `variant_typeof(${column})`, isText: true }];
  if (type === 'INTERVAL' || isNested(type) || isWide(type)) return [text];
  return [{ sql: column, isText: type === 'VARCHAR' }];
}

const plain = (sql: string): Part => ({ sql, isText: false });

/** Stored in 128 bits, where -1 and 0, or 1 and 2^64, have one hash. */
function isWide(type: string): boolean {
  const digits = /^DECIMAL\((\d+),/.exec(type)?.[1];
  return type === 'UUID' || (digits !== undefined && Number(digits) > 18);
}
