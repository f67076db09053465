import { quoteName } from '../../../engine/sql-text.ts';

/** A table of the connection's database. */
export interface TableOfServer {
  /** null for the connection's schema. */
  readonly schema: string | null;
  readonly name: string;
}

const PART = /(?:"((?:[^"]|"")+)"|([^".]+))(\.|$)/y;

/** `table`, `schema.table`, or either with quoted parts; names are taken as written. null if it is neither. */
export function parseTableName(text: string): TableOfServer | null {
  const parts: string[] = [];
  PART.lastIndex = 0;
  for (let separator = '.'; separator === '.';) {
    const found = PART.exec(text.trim());
    const part = found?.[1]?.replaceAll('""', '"') ?? found?.[2]?.trim();
    if (!found || part === undefined || part === '') return null;
    parts.push(part);
    separator = found[3] ?? '';
  }
  const [name, schema, ...more] = parts.reverse();
  return name === undefined || more.length > 0 ? null : { schema: schema ?? null, name };
}

/** A name that `parseTableName` reads back, quoted only where it must be. */
export const shownTable = (schema: string, name: string): string =>
  [schema, name].map(part => (/^[^".\s]+$/.test(part) ? part : quoteName(part))).join('.');
