import { DuckDBInstance } from '@duckdb/node-api';
import { describe, expect, it } from 'vitest';
import { checkDeclaredColumns } from './check-declared-columns.ts';
import { shown } from '../../yaml/marked-source.testing.ts';
import { parseNodeFile } from '../reading/parse-node-file.ts';

const check = (columns: string, actual: Readonly<Record<string, string>>) => {
  const text = `kind: transform\nname: t\ntransform: SELECT 1\ncolumns:\n${columns}`;
  const { node } = parseNodeFile({ path: 't.yml', text }, () => null);
  if (!node) throw new Error('no node');
  return checkDeclaredColumns(
    node,
    Object.entries(actual).map(([name, type]) => ({ name, type })),
  ).map(found => `${found.severity} ${shown(found)}`);
};

describe('checkDeclaredColumns', () => {
  it('refuses another type and an unknown column, and warns about a description of an unknown column', () => {
    const columns = '  id: Identifier\n  Amount: { dtype: int }\n  amuont: { dtype: INT }\n  gone: text\n';
    expect(check(columns, { ID: 'BIGINT', amount: 'DOUBLE' })).toEqual([
      "error 6:3 column-type: The column 'Amount' of transform.t is DOUBLE, declared as int. (Declare DOUBLE, or cast the column.)",
      "error 7:3 unknown-column: transform.t has no column 'amuont'. (Did you mean 'amount'?)",
      "warning 8:3 unknown-column: transform.t has no column 'gone'. (It has: ID, amount.)",
    ]);
  });

  it('accepts every DuckDB name of a type', async () => {
    const names = [
      'int',
      'INT8',
      'text',
      'varchar(10)',
      'numeric',
      'decimal(5)',
      'DECIMAL( 18 , 2 )',
      'timestamptz',
      'datetime',
      'bool',
      'real',
      'double precision',
      'struct(a int, "b c" text[])',
      'map(int, text)',
      'uuid',
      'bytea',
      'time',
    ];
    const connection = await (await DuckDBInstance.create(':memory:')).connect();
    for (const name of names) {
      const type = (await connection.runAndReadAll(`SELECT typeof(NULL::${name})`)).getRows()[0]?.[0];
      expect([name, check(`  a: { dtype: ${JSON.stringify(name)} }\n`, { a: String(type) })]).toEqual([name, []]);
    }
    connection.closeSync();
  });

  it('accepts a type that Parquet cannot store in place of its stored type', () => {
    expect(
      check('  a: { dtype: HUGEINT }\n  b: { dtype: "INT[3]" }\n', { a: 'DECIMAL(38,0)', b: 'INTEGER[]' }),
    ).toEqual([]);
  });
});
