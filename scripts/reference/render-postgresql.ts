import { elementReading } from '../../src/connectors/postgresql/types/element-reading.ts';
import { READER_OPTIONS } from '../../src/core/definition/options/reader-options.ts';
import { renderTable } from './render-table.ts';

/** What each option of a PostgreSQL source means. */
const OPTIONS: Readonly<Record<string, string>> = {
  connection: 'a connection of the [profile](profiles.md#connections)',
  query: 'one SELECT, in the dialect of PostgreSQL, in place of `table`',
  schema: 'where a table without a schema is, in place of that of the connection',
  host: 'in place of that of the connection',
  port: 'in place of that of the connection',
  database: 'in place of that of the connection',
  user: 'in place of that of the connection',
  password: "in place of that of the connection; write `'${VAR}'`, because definitions are stored",
  sslmode: 'in place of that of the connection',
  sslrootcert: 'in place of that of the connection',
  sslcert: 'in place of that of the connection',
  sslkey: 'in place of that of the connection',
  connect_timeout: 'in place of that of the connection',
};

/** The section on sources in PostgreSQL; options and types come from the code that reads them. */
export function renderPostgresql(): readonly string[] {
  return ['## postgresql', '', INTRODUCTION, '', ...optionLines(), '', TYPES, '', ...typeLines(), '', RULES, ''];
}

function optionLines(): readonly string[] {
  return READER_OPTIONS.postgresql.map(name => {
    const text = OPTIONS[name];
    if (text === undefined) throw new Error(`the option '${name}' of PostgreSQL sources has no description`);
    return `- \`${name}\`: ${text}`;
  });
}

/** A type on the page: its name, the server's name of it, and a modifier. */
type ShownType = readonly [shown: string, base: string, note?: string, modifier?: number];

/** `numeric(12,2)`, as the catalogue stores it. */
const TWELVE_TWO = ((12 << 16) | 2) + 4;

const SHOWN: readonly ShownType[] = [
  ['boolean', 'bool'],
  ['smallint', 'int2'],
  ['integer', 'int4'],
  ['bigint', 'int8'],
  ['real', 'float4'],
  ['double precision', 'float8'],
  ['numeric(12,2)', 'numeric', 'and so up to 38 digits; NaN fails', TWELVE_TWO],
  ['numeric', 'numeric', 'also with more than 38 digits; a value that does not fit fails'],
  ['text, varchar, char, name', 'text'],
  ['date', 'date'],
  ['time', 'time'],
  ['timestamp', 'timestamp', 'a time after 294247-01-10 04:00:54.775806 fails; `infinity` and years BC are kept'],
  ['timestamptz', 'timestamptz', 'the same; in UTC'],
  ['interval', 'interval', 'fails if it is negative, has microseconds, or a time of more than 1193 hours'],
  ['uuid', 'uuid'],
  ['bytea', 'bytea'],
  ['json, jsonb', 'jsonb', 'the text of a `json` is kept as it is'],
  ['enums', 'other'],
  [
    'timetz, money, bit, inet, cidr, xml, ranges, geometric types, composites, all others',
    'other',
    'as PostgreSQL prints them',
  ],
];

function typeLines(): readonly string[] {
  const lines = SHOWN.map(([shown, base, note = '', modifier = -1]) => {
    const { type } = elementReading({ declared: shown, base, modifier, dimensions: 0, readable: true });
    return [shown.split(', ').map(quoted).join(', '), `\`${type}\``, note];
  });
  return renderTable([['PostgreSQL', 'Column of the node', 'Notes'], ...lines, ...MORE_TYPES]);
}

/** Words for several types stay as they are. */
const quoted = (name: string): string =>
  /^(?:enums|ranges|geometric|composites|all)/.test(name) ? name : `\`${name}\``;

const MORE_TYPES = [
  ['arrays', 'lists, such as `INTEGER[]`', 'of the declared dimensions; an array of other dimensions fails'],
  ['domains', 'as their base type'],
];

const INTRODUCTION = `
\`\`\`yaml
kind: source
name: orders
source: postgresql # or postgres
table: sales.orders
params:
  connection: shop
incremental: { time_column: updated_at, key: order_id, lookback: 1h }
freshness: { time_column: updated_at, warn_after: 1d, error_after: 3d }
\`\`\`

\`table\` is \`schema.table\`, or \`table\` in the schema of the connection. It may be a table, a view, a materialized view, a partitioned table or a foreign table. Names are taken as written, upper case too; quote a name that contains a dot: \`'"My.Schema"."T"'\`. In place of \`table\`, \`query\` under \`params\` may be one SELECT.

A source needs a connection: that of its \`params\`, else that of [\`source_defaults\`](profiles.md#source_defaults). The other keys under \`params\` replace settings of the connection, or describe one without a name. A source with a \`host\` of its own does not use the connection of \`source_defaults\`, whose password belongs to another server.

Its user needs \`USAGE\` on the schema and \`SELECT\` on the table. Seeknal reads in a read-only transaction, which the server enforces: a query that writes fails. All sources that a run reads through one connection see the same moment. If the server refuses that, each source sees a moment of its own, and the run warns.

Keys under \`params\`:
`.trim();

const TYPES = `
### Types

The server's catalogue decides the types of the columns, never the data. \`schema\` may ask for another type of a column; then it must name all columns. VARCHAR is always possible and gives the value as PostgreSQL prints it.
`.trim();

const INCREMENTAL_KEYS = [
  ['Key', 'Means'],
  ['`time_column`', 'a date, timestamp, timestamptz or number that grows whenever a row is added or changed'],
  ['`key`', 'the column or columns that identify a row'],
  ['`lookback`', 'how far before the newest value to read again, such as `1h` (default: 0; not for numbers)'],
];

const FAILURES = [
  ['Code', 'Means'],
  [
    '`value-not-held`',
    'a value does not fit the type of its column: the message names column and value, the hint a type or a cast',
  ],
  ['`schema-changed`', 'the table lost or retyped a column; `on_schema_change: evolve` accepts that'],
  ['`schema-mismatch`', '`schema` does not name the columns of the table'],
  ['`source-changed`', 'the table was altered, truncated or rewritten while it was read: run again'],
  ['`source-missing`', 'the table does not exist; the hint suggests a name'],
  ['`permission-denied`', 'the user lacks a privilege; the hint is the `GRANT`'],
  ['`repeated-key`', 'rows share the key of `incremental`'],
  ['`source-stale`', 'the newest row is older than `freshness.error_after`'],
  [
    '`connection-…`',
    'the server cannot be reached or refuses the user, or the connection was lost; see `seeknal connection-test`',
  ],
  ['`extension-missing`', "[DuckDB's extension](profiles.md#duckdbs-extension) for PostgreSQL was not found"],
];

const RULES = `
NULL is not an empty string: both are read as they are. Elements of lists follow the same table, except that an \`interval\` within a list is VARCHAR.

### When it is read

Only reading shows whether a table changed, so every run reads it. If its rows are those of the last reading, nothing else runs. An environment keeps the rows that production read, unless the definition of the source changed or \`env plan --refresh\` is given.

### incremental

${renderTable(INCREMENTAL_KEYS).join('\n')}

With \`incremental\`, a run reads the rows whose \`time_column\` is at least the _watermark_ (the newest value of the last reading) less the \`lookback\`, and rows without a time. They take the place of rows with the same key; all other rows are kept.

- **Deleted rows are not noticed.** \`seeknal run --full\` reads everything.
- A transaction may commit rows with an earlier time than rows that were read before. Choose a \`lookback\` that is longer than the longest transaction.
- Everything is read if there is no earlier reading, if the definition, the columns, the server or the database changed, or if the table was dropped and created again.
- Rows that share a key fail the source, with three examples.

### freshness

\`freshness\` compares the newest value of \`time_column\`, a date or a timestamp, with the time of the server. Older than \`warn_after\` is a warning; older than \`error_after\` fails the source, and so does a table without rows. Times without a zone count as UTC.

### What fails

Each of these fails the source, and the message names it. Production does not change. With \`--continue-on-error\`, all nodes that do not read the source still run.

${renderTable(FAILURES).join('\n')}
`.trim();
