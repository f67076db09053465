import { type Diagnostic, diagnostic } from '../../../../diagnostics/diagnostic.ts';
import { didYouMean } from '../../../../diagnostics/suggest.ts';
import type { Column, DeclaredColumn, ProjectNode } from '../node.ts';

/** Compares `columns:` with the actual columns. A wrong type, or a type for a column that does not exist, is an error; a description for one is a warning. */
export function checkDeclaredColumns(node: ProjectNode, columns: readonly Column[]): readonly Diagnostic[] {
  const actual = new Map(columns.map(column => [column.name.toLowerCase(), column]));
  return (node.columns ?? []).flatMap(declared => {
    const column = actual.get(declared.name.toLowerCase());
    if (!column) return [missing(node, declared, columns)];
    if (declared.dtype === null || sameType(declared.dtype, column.type)) return [];
    return [mismatch(node, declared, { dtype: declared.dtype, type: column.type })];
  });
}

function missing(node: ProjectNode, declared: DeclaredColumn, columns: readonly Column[]): Diagnostic {
  const names = columns.map(column => column.name);
  return diagnostic({
    code: 'unknown-column',
    severity: declared.dtype === null ? 'warning' : 'error',
    message: `${node.id} has no column '${declared.name}'.`,
    file: node.file,
    at: declared.at,
    hint: didYouMean(declared.name, names, `It has: ${names.join(', ')}.`),
    node: node.id,
  });
}

function mismatch(
  node: ProjectNode,
  declared: DeclaredColumn,
  types: { readonly dtype: string; readonly type: string },
): Diagnostic {
  return diagnostic({
    code: 'column-type',
    message: `The column '${declared.name}' of ${node.id} is ${types.type}, declared as ${types.dtype}.`,
    file: node.file,
    at: declared.at,
    hint: `Declare ${types.type}, or cast the column.`,
    node: node.id,
  });
}

const sameType = (a: string, b: string): boolean => normalType(a) === normalType(b);

/** A type in its canonical spelling: aliases, types that Parquet cannot store, blanks and case are normalised. */
function normalType(type: string): string {
  const parts = type.split(/("(?:[^"]|"")*"|'(?:[^']|'')*')/);
  const text = parts.map((part, index) => (index % 2 === 1 ? part : normalWords(part))).join('');
  return text.replace(/"([a-z_][a-z0-9_]*)"/g, (_, name: string) => name.toUpperCase());
}

function normalWords(text: string): string {
  const upper = text
    .toUpperCase()
    .replace(/\s+/g, ' ')
    .replace(/\s*([(),[\]])\s*/g, '$1')
    .replace(/\bTIMESTAMP WITH TIME ZONE\b/g, 'TIMESTAMPTZ')
    .replace(/\bTIME WITH TIME ZONE\b/g, 'TIMETZ')
    .replace(/\b(TIMESTAMP|TIME) WITHOUT TIME ZONE\b/g, '$1')
    .replace(/\bDOUBLE PRECISION\b/g, 'DOUBLE')
    .replace(/\bCHARACTER VARYING\b/g, 'VARCHAR')
    .replace(/\b(VARCHAR|CHAR|BPCHAR|TEXT|STRING|NVARCHAR)\(\d+\)/g, 'VARCHAR');
  return upper
    .replace(/[A-Z_][A-Z0-9_]*/g, word => ALIASES.get(word) ?? word)
    .replace(/\bDECIMAL(?!\()/g, 'DECIMAL(18,3)')
    .replace(/\bDECIMAL\((\d+)\)/g, 'DECIMAL($1,0)')
    .replace(/\[\d+\]/g, '[]')
    .trim();
}

const ALIASES: ReadonlyMap<string, string> = new Map(
  Object.entries({
    INT: 'INTEGER',
    INT4: 'INTEGER',
    SIGNED: 'INTEGER',
    INTEGRAL: 'INTEGER',
    INT32: 'INTEGER',
    INT8: 'BIGINT',
    LONG: 'BIGINT',
    INT64: 'BIGINT',
    OID: 'BIGINT',
    INT2: 'SMALLINT',
    SHORT: 'SMALLINT',
    INT16: 'SMALLINT',
    INT1: 'TINYINT',
    INT128: 'DECIMAL(38,0)',
    HUGEINT: 'DECIMAL(38,0)',
    UHUGEINT: 'DECIMAL(38,0)',
    UINT8: 'UTINYINT',
    UINT16: 'USMALLINT',
    UINT32: 'UINTEGER',
    UINT64: 'UBIGINT',
    UINT128: 'DECIMAL(38,0)',
    FLOAT8: 'DOUBLE',
    FLOAT4: 'FLOAT',
    REAL: 'FLOAT',
    NUMERIC: 'DECIMAL',
    DEC: 'DECIMAL',
    TEXT: 'VARCHAR',
    STRING: 'VARCHAR',
    CHAR: 'VARCHAR',
    BPCHAR: 'VARCHAR',
    NVARCHAR: 'VARCHAR',
    BOOL: 'BOOLEAN',
    LOGICAL: 'BOOLEAN',
    BYTEA: 'BLOB',
    BINARY: 'BLOB',
    VARBINARY: 'BLOB',
    DATETIME: 'TIMESTAMP',
    TIMESTAMP_US: 'TIMESTAMP',
    TIMESTAMP_MS: 'TIMESTAMP',
    TIMESTAMP_S: 'TIMESTAMP',
    GUID: 'UUID',
    BIT: 'VARCHAR',
    BITSTRING: 'VARCHAR',
    VARINT: 'VARCHAR',
    BIGNUM: 'VARCHAR',
    TIME_NS: 'VARCHAR',
  }),
);
