/** A quoted SQL identifier. */
export const quoteName = (name: string): string => `"${name.replaceAll('"', '""')}"`;

/** A quoted SQL string. */
export const quoteText = (text: string): string => `'${text.replaceAll("'", "''")}'`;

/** The SQL name of a node's table, such as `"transform"."daily_revenue"`. */
export const tableName = (table: { readonly schema: string; readonly name: string }): string =>
  `${quoteName(table.schema)}.${quoteName(table.name)}`;

/** Escapes a path so that DuckDB does not treat it as a glob pattern. */
export const literalPath = (path: string): string => path.replace(/[*?[]/g, char => `[${char}]`);
