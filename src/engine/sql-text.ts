/** A name as SQL takes it, whatever it holds. */
export const quoteName = (name: string): string => `"${name.replaceAll('"', '""')}"`;

/** A text as SQL takes it. */
export const quoteText = (text: string): string => `'${text.replaceAll("'", "''")}'`;

/** A node's table, in every session: `"transform"."daily_revenue"`. */
export const tableName = (table: { readonly schema: string; readonly name: string }): string =>
  `${quoteName(table.schema)}.${quoteName(table.name)}`;

/** A path of which DuckDB reads exactly this one file: nothing in it is a pattern. */
export const literalPath = (path: string): string => path.replace(/[*?[]/g, char => `[${char}]`);
