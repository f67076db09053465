import { quoteName } from '../../../engine/sql-text.ts';
import { decimalOf, isRecord, listOf, postgresScalar } from './column-types.ts';

/** A column of a target: what the artefact holds, and what the table holds. */
export interface TargetColumn {
  /** In the artefact. */
  readonly name: string;
  /** Stored type of DuckDB. */
  readonly type: string;
  /** In the table. */
  readonly tableName: string;
  /** Type of the table's column, as `format_type` prints it. */
  readonly tableType: string;
  /** The same, or the type under a domain. */
  readonly baseType: string;
}

/** How the values of a column travel. */
export interface ColumnCarrier {
  /** Type of the column in the staging table; its name is that in the table. */
  readonly staged: string;
  /** SQL of DuckDB that gives the values to load. */
  readonly load: string;
  /** SQL of PostgreSQL that gives the values to write, from the staging table `s`. */
  readonly value: string;
  /** SQL that gives the values before they are shortened to what the column holds; null if it never shortens them. */
  readonly whole: string | null;
  /** Whether the staged values are the final ones, so that a new table needs no second copy. */
  readonly isFinal: boolean;
}

/** The carrier of a column. Values that the extension would write wrongly travel as text and are cast by the server. */
export function carrierOf(column: TargetColumn): ColumnCarrier {
  const { type, baseType } = column;
  const name = quoteName(column.name);
  const staged = `s.${quoteName(column.tableName)}`;
  if (baseType === 'jsonb' || baseType === 'json') return documentCarrier(column, name, staged);
  const list = listOf(type);
  if (list !== null && list.depth > 0) return arrayCarrier({ ...column, ...list }, name, staged);
  return scalarCarrier(column, name, staged);
}

function scalarCarrier({ type, tableType, baseType }: TargetColumn, name: string, staged: string): ColumnCarrier {
  const natural = postgresScalar(type) ?? 'text';
  const whole = mayShorten(baseType) ? `${staged}::${unlimited(baseType)}` : null;
  if (isMiswritten(type)) {
    const load = `CAST(${name} AS VARCHAR)`;
    return { staged: 'text', load, value: `${staged}::${natural}`, whole, isFinal: false };
  }
  if (type === 'JSON') return { staged: 'text', load: name, value: staged, whole, isFinal: tableType === 'text' };
  const needsCast = type === 'VARCHAR' && !/^(?:text|character varying)/.test(tableType);
  const value = needsCast ? `${staged}::${tableType}` : staged;
  return { staged: natural, load: name, value, whole, isFinal: natural === tableType };
}

/** `jsonb` has an equal value for everything that JSON can say, and the extension writes it as text. */
function documentCarrier({ type, tableType }: TargetColumn, name: string, staged: string): ColumnCarrier {
  const load = isRecord(type) || type.endsWith(']') ? `CAST(to_json(${name}) AS JSON)` : name;
  const own = tableType === 'json' ? 'json' : 'jsonb';
  const isFinal = own === tableType;
  return { staged: own, load, value: isFinal ? staged : `${staged}::${tableType}`, whole: null, isFinal };
}

/**
 * Decimals of which the extension 1.5.5 loses digits, or that it cannot write: those with few digits before the point whose
 * fraction, filled up to whole groups of four digits, overflows the integer that holds it.
 */
function isMiswritten(type: string): boolean {
  const decimal = decimalOf(type);
  return decimal !== null && decimal.scale > 8 && decimal.width - decimal.scale < 4;
}

/** Whether casting to the type may shorten or round a value without an error. */
const mayShorten = (base: string): boolean =>
  /^(?:character(?: varying)?\(|bit(?: varying)?\(|name|"char"|(?:time|timestamp)\(|interval[ (])/.test(base);

/** A type like one that may shorten values, but that holds all of them. */
function unlimited(base: string): string {
  if (base.startsWith('interval')) return 'interval';
  return base.startsWith('time') ? base.replace(/\(\d\)/, '') : 'text';
}

interface ArrayColumn extends TargetColumn {
  readonly element: string;
  readonly depth: number;
}

/** The extension turns the text NULL within a list into NULL and refuses lists of lists, so that lists travel as JSON. */
function arrayCarrier(
  { element, depth, tableType, baseType }: ArrayColumn,
  name: string,
  staged: string,
): ColumnCarrier {
  const load = `CAST(to_json(${elementTexts(name, element, depth)}) AS VARCHAR)`;
  const base = baseType.replace(/\[\]$/, '');
  const array = (type: string): string => arrayFrom(`${staged}::jsonb`, type, depth);
  const whole = (type: string): string => `CASE WHEN ${staged} IS NOT NULL THEN ${array(type)} END`;
  const value = whole(base) + (baseType === tableType ? '' : `::${tableType}`);
  return { staged: 'text', load, value, whole: mayShorten(base) ? whole(unlimited(base)) : null, isFinal: false };
}

/** A list with the same structure whose elements are texts that PostgreSQL reads as the same values. */
function elementTexts(list: string, element: string, depth: number): string {
  const item = `e${depth}`;
  const text = depth > 1 ? elementTexts(item, element, depth - 1) : elementText(item, element);
  return `list_transform(${list}, lambda ${item}: ${text})`;
}

function elementText(item: string, element: string): string {
  if (element === 'BLOB') return `'\\x' || hex(${item})`;
  if (/^(?:DATE|TIMESTAMP)/.test(element)) return `replace(CAST(${item} AS VARCHAR), ' (BC)', ' BC')`;
  return `CAST(${item} AS VARCHAR)`;
}

/** An array of PostgreSQL; the server refuses one whose rows have different lengths. */
function arrayFrom(list: string, elementType: string, depth: number): string {
  const rows = `l${depth}`;
  const [unnest, item] =
    depth > 1
      ? ['jsonb_array_elements', arrayFrom(`${rows}.e`, elementType, depth - 1)]
      : ['jsonb_array_elements_text', `${rows}.e::${elementType}`];
  return `ARRAY(SELECT ${item} FROM ${unnest}(${list}) WITH ORDINALITY AS ${rows}(e, n) ORDER BY ${rows}.n)`;
}
