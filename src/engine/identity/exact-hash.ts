import type { Column } from '../../core/definition/nodes/node.ts';
import { isNested } from '../../core/types/type-map.ts';
import { quoteName } from '../sql-text.ts';

interface Part {
  readonly sql: string;
  readonly isText: boolean;
}

/** SQL of a 64-bit row hash; unlike DuckDB's `hash()`, it differs for all values that a query can distinguish. */
export const exactHash = (columns: readonly Column[]): string =>
  hashOf(columns.flatMap(exactParts).map(part => part.sql));

/** SQL of two independent 64-bit row hashes; together they are collision-free in practice for 100 million rows. */
export function exactHashPair(columns: readonly Column[]): readonly [string, string] {
  const parts = columns.flatMap(exactParts);
  const salted = parts.map(part => (part.isText ? `('~' || ${part.sql})` : part.sql));
  return [hashOf(parts.map(part => part.sql)), hashOf(["'~'", ...salted])];
}

const hashOf = (parts: readonly string[]): string => (parts.length === 0 ? '0::UBIGINT' : `hash(${parts.join(', ')})`);

/** The expressions to hash for a column. DuckDB's `hash()` follows `=` and confuses the halves of 128-bit values. */
export function exactParts({ name, type }: Column): readonly Part[] {
  const column = quoteName(name);
  const text: Part = { sql: `${column}::VARCHAR`, isText: true };
  if (type === 'DOUBLE' || type === 'FLOAT') return [plain(column), plain(`signbit(${column})`)];
  if (type === 'VARIANT') return [text, { sql: `variant_typeof(${column})`, isText: true }];
  if (type === 'INTERVAL' || isNested(type) || isWide(type)) return [text];
  return [{ sql: column, isText: type === 'VARCHAR' }];
}

const plain = (sql: string): Part => ({ sql, isText: false });

/** Whether a type has 128 bits; DuckDB hashes -1 and 0 alike there, and 1 and 2^64. */
function isWide(type: string): boolean {
  const digits = /^DECIMAL\((\d+),/.exec(type)?.[1];
  return type === 'UUID' || (digits !== undefined && Number(digits) > 18);
}
