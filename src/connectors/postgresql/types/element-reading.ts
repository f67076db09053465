import { raisedByEngine } from './value-marker.ts';
import type { CatalogueColumn } from './catalogue-column.ts';
import { type Digits, digitsOf, misfitDigits } from './numeric-type.ts';

type Expression = (value: string) => string;

/** How one value is read, by itself or within an array. Expressions take SQL and return SQL. */
export interface ElementReading {
  /** The DuckDB type that holds it. */
  readonly type: string;
  /** The server's type without modifiers. */
  readonly plain: string;
  /** The server's type in which it travels. */
  readonly transport: string;
  /** A condition for the server: DuckDB or Parquet cannot hold the value. */
  readonly misfit: Expression | null;
  /** For DuckDB, from the value as the server prints it. */
  readonly fromText: Expression;
}

const cast =
  (type: string): Expression =>
  value =>
    `CAST(${value} AS ${type})`;

function plain(type: string, server: string, more: Partial<ElementReading> = {}): ElementReading {
  return { type, plain: server, transport: server, misfit: null, fromText: cast(type), ...more };
}

/** Types that only the server knows: as it prints them. */
export const AS_TEXT = plain('VARCHAR', 'text');

/** Elements of intervals are stored as text, since Parquet truncates them. */
const WITHIN_ARRAYS: ReadonlyMap<string, ElementReading> = new Map([['interval', AS_TEXT]]);

/** The first moment that DuckDB cannot hold; infinity is the largest value and has no such limit. */
const FIRST_BEYOND = '294247-01-10 04:00:54.775807';

const beyond =
  (zone: string, type: string): Expression =>
  value =>
    `${value} >= ${type} '${FIRST_BEYOND}${zone}' AND ${value} < ${type} 'infinity'`;

/** DuckDB writes BC after the date, the server after the time. */
const withEra =
  (type: string): Expression =>
  value =>
    `CAST(regexp_replace(${value}, '^(\\S+)(.*) BC$', '\\1 (BC)\\2') AS ${type})`;

const INTERVAL_PARTS = ['year', 'month', 'day', 'hour', 'minute', 'microseconds'];

/** Parquet holds months, days and milliseconds, each in 32 bits without a sign. */
function misfitInterval(value: string): string {
  const part = (name: string): string => `extract(${name} from ${value})`;
  return [
    `NOT isfinite(${value})`,
    `least(${INTERVAL_PARTS.map(part).join(', ')}) < 0`,
    `${part('microseconds')} % 1000 <> 0`,
    `${part('hour')} * 3600000 + ${part('minute')} * 60000 + ${part('milliseconds')} > 4294967295`,
  ].join(' OR ');
}

const ELEMENTS: ReadonlyMap<string, ElementReading> = new Map([
  ['bool', plain('BOOLEAN', 'bool')],
  ['int2', plain('SMALLINT', 'int2')],
  ['int4', plain('INTEGER', 'int4')],
  ['int8', plain('BIGINT', 'int8')],
  ['float4', plain('FLOAT', 'float4')],
  ['float8', plain('DOUBLE', 'float8')],
  ['uuid', plain('UUID', 'uuid')],
  ['bytea', plain('BLOB', 'bytea', { fromText: value => `unhex(substr(${value}, 3))` })],
  ['date', plain('DATE', 'date', { fromText: withEra('DATE') })],
  ['time', plain('TIME', 'time')],
  ['timestamp', plain('TIMESTAMP', 'timestamp', { misfit: beyond('', 'timestamp'), fromText: withEra('TIMESTAMP') })],
  [
    'timestamptz',
    plain('TIMESTAMP WITH TIME ZONE', 'timestamptz', {
      misfit: beyond('+00', 'timestamptz'),
      fromText: withEra('TIMESTAMPTZ'),
    }),
  ],
  ['interval', plain('INTERVAL', 'interval', { misfit: misfitInterval })],
  ['json', plain('JSON', 'text')],
  ['jsonb', plain('JSON', 'text')],
]);

/** How the values of a column, or the elements of an array, are read. */
export function elementReading({ base, modifier, dimensions }: Omit<CatalogueColumn, 'name'>): ElementReading {
  if (base === 'numeric') return numericReading(digitsOf(modifier));
  return (dimensions > 0 ? WITHIN_ARRAYS.get(base) : undefined) ?? ELEMENTS.get(base) ?? AS_TEXT;
}

/** A `numeric` as a DECIMAL; with `bounded`, its declaration guarantees that digits fit. */
export function numericReading(digits: Digits & { readonly bounded: boolean }): ElementReading {
  const { precision, scale, bounded } = digits;
  const text = `(${precision},${scale})`;
  const misfit: Expression = bounded ? value => `${value} = 'NaN'` : value => misfitDigits(value, digits);
  return plain(`DECIMAL${text}`, 'numeric', { transport: `numeric${text}`, misfit });
}

/** JSON that DuckDB does not accept, such as an unpaired surrogate, raises an error. */
export const checkedJson = (column: number, value: string): string =>
  `CASE WHEN NOT json_valid(${value}) THEN ${raisedByEngine(column, value)} ELSE CAST(${value} AS JSON) END`;
