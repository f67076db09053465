import type { GraphColumn } from './graph.ts';
import type { Oracle } from './oracle.ts';
import type { Pool } from './random-graph.ts';

/** Schemas of source tables: all common types, with keys that match across tables. */
const SHAPES: readonly (readonly (GraphColumn & { readonly type: string })[])[] = [
  [
    { name: 'id', kind: 'whole', type: 'INTEGER' },
    { name: 'name', kind: 'text', type: 'VARCHAR' },
    { name: 'price', kind: 'number', type: 'DECIMAL(10,2)' },
    { name: 'at', kind: 'time', type: 'TIMESTAMP' },
  ],
  [
    { name: 'k', kind: 'whole', type: 'BIGINT' },
    { name: 'parent', kind: 'whole', type: 'INTEGER' },
    { name: 'tags', kind: 'list', type: 'INTEGER[]' },
    { name: 'ok', kind: 'flag', type: 'BOOLEAN' },
  ],
  [
    { name: 'code', kind: 'text', type: 'VARCHAR' },
    { name: 'ds', kind: 'date', type: 'DATE' },
    { name: 'rate', kind: 'number', type: 'DOUBLE' },
    { name: 'info', kind: 'struct', type: 'STRUCT(a INTEGER, b VARCHAR)' },
    { name: 'n', kind: 'whole', type: 'SMALLINT' },
  ],
];

const CONTENTS = 5;

export interface SourceTable {
  readonly id: string;
  readonly name: string;
  readonly columns: readonly { readonly name: string; readonly type: string }[];
}

/** Source tables with few distinct values, NULLs and duplicates; one table of each schema is empty. */
export async function fillPool(
  oracle: Oracle,
  seed: number,
): Promise<{ readonly tables: readonly SourceTable[]; readonly pool: Pool }> {
  const tables: SourceTable[] = [];
  const pool = new Map<string, readonly GraphColumn[]>();
  for (let content = 0; content < CONTENTS; content++) {
    for (const [shape, columns] of SHAPES.entries()) {
      const name = `s${shape}_${content}`;
      const cells = columns.map(
        ({ type }, index) => `CAST(${value(type, seed * 7919 + content * 101 + shape * 11 + index)} AS ${type})`,
      );
      const named = cells.map((cell, index) => `${cell} AS ${columns[index]?.name}`);
      const rows = content === CONTENTS - 1 ? 0 : 3 + content;
      await oracle.run(`CREATE OR REPLACE TABLE source.${name} AS SELECT ${named.join(', ')} FROM range(${rows}) t(i)`);
      tables.push({ id: `source.${name}`, name, columns });
      pool.set(`source.${name}`, columns);
    }
  }
  return { tables, pool };
}

/** A value computed from the row number `i`; one in six is NULL. */
function value(type: string, salt: number): string {
  const dice = `(hash(i * 31 + ${salt}) // 7)`;
  return `CASE WHEN hash(i * 17 + ${salt}) % 6 = 0 THEN NULL ELSE ${some(type, dice)} END`;
}

function some(type: string, dice: string): string {
  switch (type) {
    case 'VARCHAR':
      return `['a', 'b', 'ab', '', 'A', 'Ä', '2'][(${dice} % 7)::INTEGER + 1]`;
    case 'TIMESTAMP':
      return `TIMESTAMP '2024-01-02 00:00:00' + to_hours((${dice} % 40)::INTEGER)`;
    case 'DATE':
      return `DATE '2024-01-01' + (${dice} % 4)::INTEGER`;
    case 'BOOLEAN':
      return `${dice} % 2 = 0`;
    case 'INTEGER[]':
      return `[(${dice} % 3)::INTEGER, NULL, 1][1:(${dice} % 4)::INTEGER]`;
    case 'STRUCT(a INTEGER, b VARCHAR)':
      return `{'a': (${dice} % 2)::INTEGER, 'b': ['x', NULL][(${dice} % 2)::INTEGER + 1]}`;
    case 'DOUBLE':
    case 'DECIMAL(10,2)':
      return `((${dice} % 9)::INTEGER - 4) * 0.25`;
    default:
      return `(${dice} % 5)::INTEGER`;
  }
}
