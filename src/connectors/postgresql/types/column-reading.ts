import type { Column } from '../../../core/definition/nodes/node.ts';
import { quoteName } from '../../../engine/sql-text.ts';
import { arrayReading } from './array-reading.ts';
import type { CatalogueColumn } from './catalogue-column.ts';
import { AS_TEXT, checkedJson, type ElementReading, elementReading, numericReading } from './element-reading.ts';
import { decimalDigits, MOST_DIGITS } from './numeric-type.ts';
import { isInteger, strictCast } from './strict-cast.ts';
import { raisedByServer, transportName } from './value-marker.ts';

/** How a column travels: an expression for the server, and one for DuckDB over what arrives. */
export interface ColumnReading extends Column {
  readonly server: string;
  readonly stage: string;
}

/** The server's alias of the relation that is read. */
export const RELATION = 'r';

/** How a column is read; `wanted` is its entry in the schema, with the type as DuckDB prints it. */
export function columnReading(column: CatalogueColumn, index: number, wanted: Column | null): ColumnReading {
  const { name, type } = wanted ?? { name: column.name, type: null };
  const value = asPrinted(column, `${RELATION}.${quoteName(column.name)}`);
  const found = transportName(index);
  if (type === 'VARCHAR') return { name, type, server: `${value}::text`, stage: found };
  const place: ValuePlace = { index, value, found };
  const natural = column.dimensions > 0 ? ofArray(column, place, type) : ofScalar(column, place, type);
  if (type === null || natural.type === type) return { ...natural, name };
  const stage = strictCast({ column: index, value: natural.stage, from: natural.type, to: type });
  return { ...natural, name, type, stage };
}

/** A cast of `inet` to text adds a mask that the server does not print. */
function asPrinted({ base, dimensions }: CatalogueColumn, value: string): string {
  if (base !== 'inet') return value;
  return dimensions > 0 ? `(${value}::text)::text[]` : `abbrev(${value})`;
}

/** A value on both sides. */
interface ValuePlace {
  readonly index: number;
  /** SQL of the server. */
  readonly value: string;
  /** SQL of DuckDB. */
  readonly found: string;
}

type NaturalReading = Omit<ColumnReading, 'name'>;

function ofScalar(column: CatalogueColumn, { index, value, found }: ValuePlace, wanted: string | null): NaturalReading {
  const element = wantedElement(column, wanted);
  const { type, plain, transport, misfit } = element;
  const raised = raisedByServer(index, value, plain);
  const kept = misfit ? `CASE WHEN ${misfit(value)} THEN ${raised} ELSE ${value}::${plain} END` : value;
  const stage = type === 'JSON' ? checkedJson(index, found) : found;
  return { type, server: `(${kept})::${transport}`, stage };
}

function ofArray(column: CatalogueColumn, { index, value, found }: ValuePlace, wanted: string | null): NaturalReading {
  const lists = /(?:\[\])+$/.exec(wanted ?? '')?.[0] ?? '';
  const dimensions = lists.length / 2 || column.dimensions;
  const element = wantedElement(column, wanted?.slice(0, wanted.length - lists.length) ?? null);
  return arrayReading(element, dimensions, { column: index, value, found });
}

/** Only the server converts `numeric` and text without loss; DuckDB casts the other types. */
function wantedElement(column: CatalogueColumn, wanted: string | null): ElementReading {
  const natural = elementReading(column);
  if (wanted === 'VARCHAR') return AS_TEXT;
  if (column.base !== 'numeric' || wanted === null) return natural;
  const digits = decimalDigits(wanted);
  if (digits) return wanted === natural.type ? natural : numericReading({ ...digits, bounded: false });
  if (isInteger(wanted)) return numericReading({ precision: MOST_DIGITS, scale: 0, bounded: false });
  return FLOATS.get(wanted) ?? natural;
}

const FLOATS: ReadonlyMap<string, ElementReading> = new Map(
  [
    ['FLOAT', 'float4'],
    ['DOUBLE', 'float8'],
  ].map(([type = '', server = '']) => [
    type,
    { ...AS_TEXT, type, plain: server, transport: server, fromText: value => `CAST(${value} AS ${type})` },
  ]),
);
