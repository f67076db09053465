/** Column types. `RANDOM` and `UUID` are results of `random()` and `uuid()`; they are only passed on or compared for equality. */
export type Type =
  | 'INTEGER'
  | 'BIGINT'
  | 'DOUBLE'
  | 'VARCHAR'
  | 'BOOLEAN'
  | 'DATE'
  | 'INTEGER[]'
  | 'DOUBLE[]'
  | 'STRUCT(x INTEGER, y DOUBLE)'
  | 'RANDOM'
  | 'UUID';

export interface NamedColumn {
  readonly name: string;
  readonly type: Type;
}

/** A scalar, aggregate or window expression. Names are unique in a query, so columns need no qualifier. */
export type Expression =
  | { readonly kind: 'column'; readonly name: string; readonly type: Type }
  | { readonly kind: 'literal'; readonly sql: string; readonly type: Type }
  /** `shape` is SQL with `$0`, `$1`, … for the operands, and `$q` for the query. */
  | {
      readonly kind: 'call';
      readonly shape: string;
      readonly operands: readonly Expression[];
      readonly query?: Query;
      readonly type: Type;
    };

export interface Item {
  readonly name: string;
  readonly expression: Expression;
}

export interface Arm {
  readonly input: Query;
  readonly values: readonly Expression[];
}

/** An operator with its inputs; printed as a separate SELECT. */
export type Query =
  /** Columns are named `ID_COLUMN`; `whole` if these are all columns of the table. */
  | {
      readonly kind: 'scan';
      readonly table: string;
      readonly id: string;
      readonly columns: readonly NamedColumn[];
      readonly whole: boolean;
    }
  /** Rows of literals. */
  | {
      readonly kind: 'values';
      readonly id: string;
      readonly columns: readonly NamedColumn[];
      readonly rows: readonly (readonly string[])[];
    }
  /** Adds columns, or returns only these. */
  | { readonly kind: 'project'; readonly input: Query; readonly items: readonly Item[]; readonly adds: boolean }
  | { readonly kind: 'filter'; readonly input: Query; readonly condition: Expression }
  | {
      readonly kind: 'join';
      /** `INNER`, `LEFT`, `RIGHT`, `FULL`, `SEMI`, `ANTI`, `ASOF`, `ASOF LEFT`, `POSITIONAL` or `CROSS`. */
      readonly how: string;
      readonly lateral: boolean;
      readonly left: Query;
      readonly right: Query;
      readonly on: Expression | null;
      /** The merged column of USING, and the columns that it merges. */
      readonly using: { readonly name: string; readonly left: Expression; readonly right: Expression } | null;
    }
  | { readonly kind: 'distinct'; readonly input: Query; readonly on: readonly Expression[] }
  | {
      readonly kind: 'aggregate';
      readonly input: Query;
      readonly keys: readonly Item[];
      readonly calls: readonly Item[];
      readonly sets: '' | 'ROLLUP' | 'CUBE';
    }
  | { readonly kind: 'order'; readonly input: Query; readonly keys: readonly Expression[]; readonly direction: string }
  | { readonly kind: 'limit'; readonly input: Query; readonly bounds: string }
  | {
      readonly kind: 'set';
      readonly operator: string;
      readonly columns: readonly NamedColumn[];
      readonly arms: readonly [Arm, Arm];
    }
  | {
      readonly kind: 'unnest';
      readonly input: Query;
      readonly list: Expression;
      readonly name: string;
      /** With RANGE, the list is the upper bound of the numbers. */
      readonly how: 'CROSS' | 'LEFT' | 'SELECT' | 'LATERAL' | 'RANGE' | 'LEFT RANGE';
    }
  | {
      readonly kind: 'with';
      readonly name: string;
      readonly mode: '' | 'MATERIALIZED' | 'NOT MATERIALIZED';
      readonly definition: Query;
      readonly body: Query;
    }
  /** Reads a `with`; columns are named `ID_COLUMN`. */
  | {
      readonly kind: 'reference';
      readonly name: string;
      readonly id: string;
      readonly columns: readonly NamedColumn[];
    };

export type QueryOf<K extends Query['kind']> = Extract<Query, { readonly kind: K }>;

const prefixed = (id: string, columns: readonly NamedColumn[]): readonly NamedColumn[] =>
  columns.map(({ name, type }) => ({ name: `${id}_${name}`, type }));

const itemColumns = (items: readonly Item[]): readonly NamedColumn[] =>
  items.map(({ name, expression }) => ({ name, type: expression.type }));

export function columnsOf(query: Query): readonly NamedColumn[] {
  switch (query.kind) {
    case 'scan':
    case 'values':
    case 'reference':
      return prefixed(query.id, query.columns);
    case 'project':
      return [...(query.adds ? columnsOf(query.input) : []), ...itemColumns(query.items)];
    case 'join':
      return joinColumns(query);
    case 'aggregate':
      return itemColumns([...query.keys, ...query.calls]);
    case 'set':
      return query.columns;
    case 'unnest':
      return [...columnsOf(query.input), { name: query.name, type: elementType(query.list.type) }];
    case 'with':
      return columnsOf(query.body);
    default:
      return columnsOf(query.input);
  }
}

const elementType = (type: Type): Type => (type === 'DOUBLE[]' ? 'DOUBLE' : type === 'INTEGER' ? 'BIGINT' : 'INTEGER');

function joinColumns({ how, left, right, using }: QueryOf<'join'>): readonly NamedColumn[] {
  const merged = using ? [{ name: using.name, type: using.left.type }] : [];
  if (how === 'SEMI' || how === 'ANTI') return [...merged, ...columnsOf(left)];
  return [...merged, ...columnsOf(left), ...columnsOf(right)];
}

/** The inputs, without queries inside expressions. */
export function inputsOf(query: Query): readonly Query[] {
  switch (query.kind) {
    case 'scan':
    case 'values':
    case 'reference':
      return [];
    case 'join':
      return [query.left, query.right];
    case 'set':
      return query.arms.map(arm => arm.input);
    case 'with':
      return [query.definition, query.body];
    default:
      return [query.input];
  }
}

export function withInputs(query: Query, inputs: readonly Query[]): Query {
  const [first = query, second = query] = inputs;
  switch (query.kind) {
    case 'scan':
    case 'values':
    case 'reference':
      return query;
    case 'join':
      return { ...query, left: first, right: second };
    case 'set':
      return {
        ...query,
        arms: [
          { ...query.arms[0], input: first },
          { ...query.arms[1], input: second },
        ],
      };
    case 'with':
      return { ...query, definition: first, body: second };
    default:
      return { ...query, input: first };
  }
}

export function expressionsOf(query: Query): readonly Expression[] {
  switch (query.kind) {
    case 'project':
      return query.items.map(item => item.expression);
    case 'filter':
      return [query.condition];
    case 'join':
      return [...(query.on ? [query.on] : []), ...(query.using ? [query.using.left, query.using.right] : [])];
    case 'distinct':
      return query.on;
    case 'aggregate':
      return [...query.keys, ...query.calls].map(item => item.expression);
    case 'order':
      return query.keys;
    case 'set':
      return query.arms.flatMap(arm => arm.values);
    case 'unnest':
      return [query.list];
    default:
      return [];
  }
}

export type Change = (expression: Expression) => Expression;

/** The operator with each of its expressions changed. */
export function mapExpressions(query: Query, change: Change): Query {
  const items = (list: readonly Item[]): readonly Item[] =>
    list.map(item => ({ ...item, expression: change(item.expression) }));
  const arm = ({ input, values }: Arm): Arm => ({ input, values: values.map(change) });
  switch (query.kind) {
    case 'project':
      return { ...query, items: items(query.items) };
    case 'filter':
      return { ...query, condition: change(query.condition) };
    case 'join':
      return {
        ...query,
        on: query.on && change(query.on),
        using: query.using && { ...query.using, left: change(query.using.left), right: change(query.using.right) },
      };
    case 'distinct':
      return { ...query, on: query.on.map(change) };
    case 'aggregate':
      return { ...query, keys: items(query.keys), calls: items(query.calls) };
    case 'order':
      return { ...query, keys: query.keys.map(change) };
    case 'set':
      return { ...query, arms: [arm(query.arms[0]), arm(query.arms[1])] };
    case 'unnest':
      return { ...query, list: change(query.list) };
    default:
      return query;
  }
}

export const columnNamed = ({ name, type }: NamedColumn): Expression => ({ kind: 'column', name, type });
