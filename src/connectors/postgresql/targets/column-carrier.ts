import { quoteName as duckName } from '../../../engine/sql-text.ts';
import { decimalOf, isRecord, listOf, postgresScalar } from './column-types.ts';
import { quoteName } from './sql-names.ts';

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
  /** Whether the staged values are the final ones, so that a new table needs no second copy. */
  readonly isFinal: boolean;
}

/** The carrier of a column. Values that the extension would write wrongly travel as text and are cast by the server. */
export function carrierOf(column: TargetColumn): ColumnCarrier {
  const { type, baseType, tableType } = column;
  const name = duckName(column.name);
  const staged = `s.${quoteName(column.tableName)}`;
  if (baseType === 'jsonb' || baseType === 'json') return documentCarrier(column, name, staged);
  const list = listOf(type);
  if (list !== null && list.depth > 0) return { staged: 'text', ...arrayCarrier({ ...column, ...list }, name, staged) };
  const natural = postgresScalar(type) ?? 'text';
  if (isMiswritten(type)) return asText(`CAST(${name} AS VARCHAR)`, `${staged}::${natural}`);
  if (type === 'JSON') return { staged: 'text', load: name, value: staged, isFinal: tableType === 'text' };
  const needsCast = type === 'VARCHAR' && !/^(?:text|character varying)/.test(tableType);
  return {
    staged: natural,
    load: name,
    value: needsCast ? `${staged}::${tableType}` : staged,
    isFinal: natural === tableType,
  };
}

const asText = (load: string, value: string): ColumnCarrier => ({ staged: 'text', load, value, isFinal: false });

/** `jsonb` has an equal value for everything that JSON can say, and the extension writes it as text. */
function documentCarrier({ type, tableType }: TargetColumn, name: string, staged: string): ColumnCarrier {
  const load = isRecord(type) || type.endsWith(']') ? `CAST(to_json(${name}) AS JSON)` : name;
  const own = tableType === 'json' || tableType === 'jsonb' ? tableType : 'jsonb';
  return {
    staged: own,
    load,
    value: own === tableType ? staged : `${staged}::${tableType}`,
    isFinal: own === tableType,
  };
}

/**
 * Decimals of which the extension 1.5.5 loses digits, or that it cannot write: those with few digits before the point whose
 * fraction, filled up to whole groups of four digits, overflows the integer that holds it.
 */
function isMiswritten(type: string): boolean {
  const decimal = decimalOf(type);
  return decimal !== null && decimal.scale > 8 && decimal.width - decimal.scale < 4;
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
): Omit<ColumnCarrier, 'staged'> {
  const load = `CAST(to_json(${elementTexts(name, element, depth)}) AS VARCHAR)`;
  const array = arrayFrom(`${staged}::jsonb`, baseType.replace(/\[\]$/, ''), depth);
  const cast = baseType === tableType ? '' : `::${tableType}`;
  return { load, value: `CASE WHEN ${staged} IS NOT NULL THEN ${array}${cast} END`, isFinal: false };
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
