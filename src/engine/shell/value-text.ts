import type {
  DuckDBArrayValue,
  DuckDBBlobValue,
  DuckDBDecimalValue,
  DuckDBListValue,
  DuckDBMapValue,
  DuckDBStructValue,
  DuckDBType,
} from '@duckdb/node-api';
import type { Json, JsonObject } from '../../core/json.ts';

/** A value as exact JSON; numbers that JSON cannot represent and types without a JSON form become strings. */
export function valueToJson(value: unknown, type: DuckDBType): Json {
  if (value === null || value === undefined) return null;
  if (typeof value === 'boolean') return value;
  if (typeof value === 'bigint') return wholeToJson(value);
  if (typeof value === 'number') return numberToJson(value, type);
  if (typeof value === 'string') return isJson(type) ? parsedJson(value) : value;
  const nested = nestedToJson(value, type);
  if (nested !== undefined) return nested;
  if (isDecimal(value, type)) return value.scale === 0 ? wholeToJson(value.value) : decimalText(value);
  return valueToText(value, type);
}

const wholeToJson = (value: bigint): Json =>
  value >= -9007199254740992n && value <= 9007199254740992n ? Number(value) : String(value);

const numberToJson = (value: number, type: DuckDBType): Json =>
  Number.isFinite(value) ? (isFloat(type) ? Number(floatText(value)) : value) : valueToText(value, type);

/** Parses JSON only if that keeps every number exactly. */
function parsedJson(text: string): Json {
  try {
    const inexact = /-?\d{16,}|\d\.\d{15,}|[eE]/.test(text.replace(/"(?:[^"\\]|\\.)*"/g, ''));
    return inexact ? text : (JSON.parse(text) as Json);
  } catch {
    return text;
  }
}

function nestedToJson(value: unknown, type: DuckDBType): Json | undefined {
  const kind = kindOf(type);
  if (kind === 'LIST' || kind === 'ARRAY') {
    const { valueType } = type as unknown as { readonly valueType: DuckDBType };
    return (value as DuckDBListValue | DuckDBArrayValue).items.map(item => valueToJson(item, valueType));
  }
  if (kind === 'STRUCT') return structToJson(value as DuckDBStructValue, type);
  if (kind === 'MAP') {
    const { keyType, valueType } = type as unknown as { readonly keyType: DuckDBType; readonly valueType: DuckDBType };
    const { entries } = value as DuckDBMapValue;
    return Object.fromEntries(
      entries.map(entry => [valueToText(entry.key, keyType), valueToJson(entry.value, valueType)]),
    );
  }
  return undefined;
}

function structToJson(value: DuckDBStructValue, type: DuckDBType): JsonObject {
  const { entryNames, entryTypes } = type as unknown as {
    readonly entryNames: readonly string[];
    readonly entryTypes: readonly DuckDBType[];
  };
  const entries = value.entries as Readonly<Record<string, unknown>>;
  return Object.fromEntries(
    entryNames.map((name, index) => [name, valueToJson(entries[name], entryTypes[index] as DuckDBType)]),
  );
}

/** A value other than NULL in DuckDB's text form. */
export function valueToText(value: unknown, type: DuckDBType): string {
  if (typeof value === 'number' && (isFloat(type) || isDouble(type)))
    return isFloat(type) ? floatText(value) : doubleText(value);
  if (isDecimal(value, type)) return decimalText(value);
  const nested = nestedText(value, type);
  if (nested !== undefined) return nested;
  if (kindOf(type) === 'BLOB') return blobText(value as DuckDBBlobValue);
  return String(value);
}

function nestedText(value: unknown, type: DuckDBType): string | undefined {
  const inner = (item: unknown, of: DuckDBType): string =>
    item === null || item === undefined ? 'NULL' : quotedWithin(item, of);
  const kind = kindOf(type);
  if (kind === 'LIST' || kind === 'ARRAY') {
    const { valueType } = type as unknown as { readonly valueType: DuckDBType };
    return `[${(value as DuckDBListValue).items.map(item => inner(item, valueType)).join(', ')}]`;
  }
  if (kind === 'MAP') {
    const { keyType, valueType } = type as unknown as { readonly keyType: DuckDBType; readonly valueType: DuckDBType };
    const entries = (value as DuckDBMapValue).entries.map(
      entry => `${inner(entry.key, keyType)}=${inner(entry.value, valueType)}`,
    );
    return `{${entries.join(', ')}}`;
  }
  if (kind !== 'STRUCT') return undefined;
  const { entryNames, entryTypes } = type as unknown as {
    readonly entryNames: readonly string[];
    readonly entryTypes: readonly DuckDBType[];
  };
  const entries = (value as DuckDBStructValue).entries as Readonly<Record<string, unknown>>;
  const parts = entryNames.map((name, index) => `'${name}': ${inner(entries[name], entryTypes[index] as DuckDBType)}`);
  return `{${parts.join(', ')}}`;
}

/** Quotes a text in a nested value if it would be ambiguous. */
function quotedWithin(value: unknown, type: DuckDBType): string {
  const text = valueToText(value, type);
  if (nestedText(value, type) !== undefined) return text;
  const plain = text !== '' && !/^\s|\s$|["'(),:=[\]{}]/.test(text) && text.toUpperCase() !== 'NULL';
  return plain ? text : `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;
}

const kindOf = (type: DuckDBType): string => typeKind(type);

function typeKind(type: DuckDBType): string {
  const text = type.toString();
  if (text.endsWith('[]')) return 'LIST';
  if (/\[\d+\]$/.test(text)) return 'ARRAY';
  return /^[A-Z_0-9 ]+/.exec(text)?.[0].trim() ?? text;
}

const isFloat = (type: DuckDBType): boolean => typeKind(type) === 'FLOAT';
const isDouble = (type: DuckDBType): boolean => typeKind(type) === 'DOUBLE';
const isJson = (type: DuckDBType): boolean => type.alias === 'JSON';
const isDecimal = (value: unknown, type: DuckDBType): value is DuckDBDecimalValue =>
  typeKind(type) === 'DECIMAL' && typeof value === 'object' && value !== null && 'scale' in value;

function decimalText({ value, scale }: DuckDBDecimalValue): string {
  if (scale === 0) return String(value);
  const digits = String(value < 0n ? -value : value).padStart(scale + 1, '0');
  return `${value < 0n ? '-' : ''}${digits.slice(0, -scale)}.${digits.slice(-scale)}`;
}

const blobText = (value: DuckDBBlobValue): string =>
  [...value.bytes]
    .map(byte =>
      byte >= 32 && byte < 127 && byte !== 92 && byte !== 39 && byte !== 34
        ? String.fromCharCode(byte)
        : `\\x${byte.toString(16).toUpperCase().padStart(2, '0')}`,
    )
    .join('');

/** The shortest digits that identify the number; with an exponent below 1e-4 and from 1e16. */
function doubleText(value: number): string {
  return shortest(value, value.toExponential());
}

function floatText(value: number): string {
  for (let digits = 1; digits <= 9; digits += 1) {
    const text = value.toExponential(digits - 1);
    if (Math.fround(Number(text)) === value) return shortest(value, text);
  }
  return doubleText(value);
}

function shortest(value: number, exponential: string): string {
  if (Number.isNaN(value)) return 'nan';
  if (!Number.isFinite(value)) return value < 0 ? '-inf' : 'inf';
  if (value === 0) return Object.is(value, -0) ? '-0.0' : '0.0';
  const [mantissa = '', power = '0'] = exponential.split('e');
  const exponent = Number(power);
  if (exponent < -4 || exponent >= 16)
    return `${mantissa}e${exponent < 0 ? '-' : '+'}${String(Math.abs(exponent)).padStart(2, '0')}`;
  const sign = mantissa.startsWith('-') ? '-' : '';
  const digits = mantissa.replace(/[-.]/g, '');
  if (exponent < 0) return `${sign}0.${'0'.repeat(-exponent - 1)}${digits}`;
  const whole = digits.slice(0, exponent + 1).padEnd(exponent + 1, '0');
  return `${sign}${whole}.${digits.slice(exponent + 1) || '0'}`;
}
