import type { NamedColumn, Type } from './query-tree.ts';
import { Random } from './random.ts';

export interface Table {
  /** The name in queries, with its schema. */
  readonly name: string;
  readonly columns: readonly NamedColumn[];
}

const table = (name: string, columns: Readonly<Record<string, Type>>): Table => ({
  name: `source.${name}`,
  columns: Object.entries(columns).map(([column, type]) => ({ name: column, type })),
});

/** Few columns with few values, so that rows of different tables match. */
export const TABLES: readonly Table[] = [
  table('t1', { a: 'INTEGER', d: 'DOUBLE', l: 'INTEGER[]', p: 'BOOLEAN' }),
  table('t2', { a: 'INTEGER', b: 'INTEGER', s: 'VARCHAR', d: 'DOUBLE' }),
  table('t3', { a: 'INTEGER', r: 'STRUCT(x INTEGER, y DOUBLE)', f: 'DOUBLE[]', t: 'DATE' }),
];

const DOUBLES = ['0.0', '-0.0', '1.5', '-2.0', "'NaN'::DOUBLE", '0.0', '-0.0', "'-Infinity'::DOUBLE"];

const VALUES: Readonly<Record<Type, (random: Random) => string>> = {
  INTEGER: random => random.pick(['0', '1', '1', '2', '-3']),
  BIGINT: random => random.pick(['0', '1', '2']),
  DOUBLE: random => random.pick(DOUBLES),
  VARCHAR: random => random.pick(["''", "'0'", "'a'", "'b'", "'A'"]),
  BOOLEAN: random => random.pick(['true', 'false']),
  DATE: random => random.pick(["DATE '2024-01-31'", "DATE '2024-02-01'", "DATE '1969-12-31'"]),
  'INTEGER[]': random => random.pick(['[]', '[1]', '[1, 2]', '[NULL]', '[2, NULL, 0]']),
  'DOUBLE[]': random => `[${Array.from({ length: random.below(3) }, () => random.pick(DOUBLES)).join(', ')}]`,
  'STRUCT(x INTEGER, y DOUBLE)': random =>
    `{'x': ${random.pick(['NULL', '0', '1'])}, 'y': ${random.pick(['NULL', ...DOUBLES])}}`,
  RANDOM: () => 'NULL',
  UUID: () => 'NULL',
};

/** Rows of a table as SQL values, with NULLs and duplicates; sometimes none. */
function rowsOf({ columns }: Table, random: Random): readonly string[] {
  const count = random.chance(0.08) ? 0 : 2 + random.below(6);
  const rows = Array.from({ length: count }, () => rowOf(columns, random));
  const [first] = rows;
  return first !== undefined && random.chance(0.7) ? [...rows, first] : rows;
}

const rowOf = (columns: readonly NamedColumn[], random: Random): string =>
  columns.map(({ type }) => (random.chance(0.15) ? 'NULL' : VALUES[type](random))).join(', ');

/** Rows by table. */
export type DataSet = ReadonlyMap<Table, readonly string[]>;

export const dataSet = (seed: number): DataSet => {
  const random = new Random(seed);
  return new Map(TABLES.map(each => [each, rowsOf(each, random)]));
};

/** The same rows in another order. */
export const shuffled = (data: DataSet, seed: number): DataSet => {
  const random = new Random(seed);
  const shuffle = (rows: readonly string[]): readonly string[] =>
    rows
      .map(row => [random.next(), row] as const)
      .sort(([a], [b]) => a - b)
      .map(([, row]) => row);
  return new Map([...data].map(([each, rows]) => [each, shuffle(rows)]));
};

/** Statements that create the tables. */
export const statementsOf = (data: DataSet): readonly string[] =>
  [...data].flatMap(([{ name, columns }, rows]) => {
    const list = columns.map(column => `${column.name} ${column.type}`).join(', ');
    const create = `CREATE OR REPLACE TABLE ${name} (${list})`;
    return rows.length === 0
      ? [create]
      : [create, `INSERT INTO ${name} VALUES ${rows.map(row => `(${row})`).join(', ')}`];
  });
