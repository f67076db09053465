/** A column as the server's catalogue describes it, with domains replaced by their base types. */
export interface CatalogueColumn {
  readonly name: string;
  /** The declared type as the server prints it, such as `numeric(10,2)` or `shop.status`. */
  readonly declared: string;
  /** Name of a built-in type, of the elements if the column is an array; `other` for types that only the server knows. */
  readonly base: string;
  /** Type modifier; -1 for none. */
  readonly modifier: number;
  /** Declared dimensions of an array, at least 1; 0 if the column is not an array. */
  readonly dimensions: number;
  /** Whether the user may read it. */
  readonly readable: boolean;
}

/**
 * Follows domains to their base types, and arrays to their elements, as long as the result is a plain type. Expects the
 * relation `wanted (position, name, type, modifier, dimensions, readable)`.
 */
const resolved = (wanted: string): string => `
WITH RECURSIVE wanted AS (${wanted}), step AS (
  SELECT position, type, modifier, dimensions, false AS element, 0 AS depth FROM wanted
  UNION ALL
  SELECT s.position,
    CASE WHEN t.typtype = 'd' THEN t.typbasetype ELSE e.oid END,
    CASE WHEN t.typtype = 'd' THEN t.typtypmod ELSE s.modifier END,
    CASE WHEN t.typtype <> 'd' THEN greatest(s.dimensions, 1) WHEN s.element THEN s.dimensions ELSE t.typndims END,
    s.element OR t.typtype <> 'd',
    s.depth + 1
  FROM step s JOIN pg_catalog.pg_type t ON t.oid = s.type LEFT JOIN pg_catalog.pg_type e ON e.typarray = t.oid
  WHERE t.typtype = 'd' OR (e.oid IS NOT NULL AND NOT s.element)
)
SELECT w.name, pg_catalog.format_type(w.type, w.modifier),
  CASE WHEN t.typtype = 'b' AND t.typnamespace = 'pg_catalog'::regnamespace THEN t.typname::text ELSE 'other' END,
  s.modifier::text, CASE WHEN s.element THEN s.dimensions ELSE 0 END::text, w.readable::text
FROM (SELECT DISTINCT ON (position) * FROM step ORDER BY position, depth DESC) s
JOIN wanted w USING (position) JOIN pg_catalog.pg_type t ON t.oid = s.type
ORDER BY s.position`;

/** The columns of the relation with the OID `$1`. */
export const COLUMNS_OF_RELATION = resolved(`
  SELECT attnum::int AS position, attname::text AS name, atttypid AS type, atttypmod AS modifier,
    attndims::int AS dimensions, has_column_privilege(attrelid, attnum, 'SELECT') AS readable
  FROM pg_catalog.pg_attribute WHERE attrelid = $1::oid AND attnum > 0 AND NOT attisdropped`);

/** The columns of a query, from its described fields as JSON in `$1`; only a table's column declares dimensions. */
export const COLUMNS_OF_FIELDS = resolved(`
  SELECT f.position, f.name, coalesce(a.atttypid, f.type) AS type, coalesce(a.atttypmod, f.modifier) AS modifier,
    coalesce(a.attndims, 0)::int AS dimensions, true AS readable
  FROM json_to_recordset($1::json)
    AS f(position int, name text, type oid, modifier int, relation oid, attribute int)
  LEFT JOIN pg_catalog.pg_attribute a ON a.attrelid = f.relation AND a.attnum = f.attribute AND f.attribute > 0`);

/** A row of one of the queries above. */
export function catalogueColumn(row: readonly (string | null)[]): CatalogueColumn {
  const [name = '', declared = '', base = '', modifier = '', dimensions = '', readable = ''] = row.map(String);
  return {
    name,
    declared,
    base,
    modifier: Number(modifier),
    dimensions: Number(dimensions),
    readable: readable === 'true',
  };
}
