import { expect, it } from 'vitest';
import { Database } from '../duckdb.ts';
import { valueToText } from './value-text.ts';

const VALUES = [
  "TIMESTAMPTZ '2024-01-01 00:00:00+00'",
  "TIMESTAMP '2024-01-01 00:00:00'",
  "TIME '10:00:00'",
  "DATE '2024-01-01'",
  "INTERVAL '1 day 02:00:00'",
  "'\\xAA\\x00b'::BLOB",
  "'a,b'::BLOB",
  '1.5',
  '-1e20',
  'true',
  "'it''s'",
  "'a\\b'",
  "''",
  "'NULL'",
  "' x'",
  "'101'::BIT",
  "'infinity'::TIMESTAMPTZ",
];

it.each(VALUES)('writes %s as DuckDB does, within nested values too', async value => {
  const database = await Database.open();
  const connection = await database.connect();
  for (const nested of ['v', '[v]', "{'k': v}", 'map([v], [v])', '[[v]]', "[{'k': [v]}]"]) {
    const query = `WITH t AS (SELECT ${value} AS v) SELECT ${nested}, (${nested})::VARCHAR FROM t`;
    const found = await connection.raw.runAndReadAll(query);
    const [[given, text] = []] = found.getRows();
    expect(valueToText(given, found.columnType(0)), nested).toBe(text);
  }
  connection.close();
  database.close();
});
