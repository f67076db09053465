import { type Table, TABLES } from './data-sets.ts';
import {
  columnNamed,
  columnsOf,
  type Expression,
  type Item,
  type NamedColumn,
  type Query,
  type QueryOf,
  type Type,
} from './query-tree.ts';
import { RandomExpressions } from './random-expression.ts';
import type { Random } from './random.ts';

export const JOINS = ['INNER', 'LEFT', 'RIGHT', 'FULL', 'SEMI', 'ANTI', 'CROSS', 'ASOF', 'ASOF LEFT', 'POSITIONAL'];

const RANDOM_TYPES: ReadonlySet<Type> = new Set<Type>(['RANDOM', 'UUID']);

const NOTHING: Query = { kind: 'scan', table: '', id: '', columns: [], whole: false };

/** How many tables a query may read. */
const MOST_SCANS = 3;

export class RandomQueries {
  readonly random: Random;
  readonly expressions: RandomExpressions;
  readonly #tables: readonly Table[];
  #names = 0;
  #scans = 0;

  /** With other tables than the sources in some of its queries. */
  constructor(random: Random, more: readonly Table[] = []) {
    this.random = random;
    this.#tables = more.length > 0 ? [...more, ...more, ...TABLES] : TABLES;
    this.expressions = new RandomExpressions(random, {
      column: (type, scope) => this.#inner(type, scope, false),
      value: (type, scope) => this.#inner(type, scope, true),
    });
  }

  fresh(prefix: string): string {
    return `${prefix}${++this.#names}`;
  }

  /** A whole query; its columns are o0, o1, … */
  query(): Query {
    this.#scans = 0;
    const inner = this.#relation(this.random.pick([1, 1, 2, 2, 2, 3, 3, 4]));
    const top = this.#root(inner);
    return this.random.chance(0.12) ? this.distinct(top) : top;
  }

  #root(inner: Query): Query {
    const columns = columnsOf(inner);
    const count = 1 + this.random.below(3);
    const items = Array.from({ length: count }, (_, index): Item => {
      return { name: `o${index}`, expression: this.#output(columns) };
    });
    return { kind: 'project', input: inner, items, adds: false };
  }

  #output(columns: readonly NamedColumn[]): Expression {
    const { random } = this;
    if (random.chance(0.08)) return this.expressions.window(columns);
    const made = columns.filter(each => !/_[a-z]$/.test(each.name));
    const column = random.any(made.length > 0 && random.chance(0.6) ? made : columns);
    if (column && random.chance(0.6)) return columnNamed(column);
    return this.expressions.scalar(random.pick(['INTEGER', 'DOUBLE', 'VARCHAR', 'BOOLEAN']), columns, 2);
  }

  scan(): Query {
    this.#scans++;
    const { name, columns } = this.random.pick(this.#tables);
    return { kind: 'scan', table: name, id: this.fresh('x'), columns, whole: true };
  }

  #relation(size: number): Query {
    if (size <= 0) return this.scan();
    const { random } = this;
    const split = random.below(size);
    if (random.chance(0.55) && this.#scans < MOST_SCANS) {
      const left = this.#relation(split);
      const right = this.#relation(size - 1 - split);
      const dice = random.next();
      return dice < 0.7 ? this.join(left, right) : dice < 0.85 ? this.lateral(left, right) : this.set(left, right);
    }
    return this.unary(this.#relation(size - 1));
  }

  /** Another operator above. */
  unary(input: Query): Query {
    const { random } = this;
    const makers = [
      () => this.extend(input),
      () => this.extend(input),
      () => this.filter(input),
      () => this.filter(input),
      () => this.distinct(input),
      () => this.aggregate(input),
      () => this.windowed(input),
      () => this.order(input),
      () => this.limit(input),
      () => this.unnest(input),
      () => this.volatile(input),
      () => this.shared(input),
    ];
    return random.pick(makers)();
  }

  extend(input: Query): Query {
    const type = this.random.pick<Type>([
      'INTEGER',
      'INTEGER',
      'DOUBLE',
      'VARCHAR',
      'BOOLEAN',
      'STRUCT(x INTEGER, y DOUBLE)',
      'INTEGER[]',
    ]);
    const expression = this.expressions.scalar(type, columnsOf(input), 2);
    return { kind: 'project', input, items: [{ name: this.fresh('c'), expression }], adds: true };
  }

  windowed(input: Query): Query {
    const expression = this.expressions.window(columnsOf(input));
    return { kind: 'project', input, items: [{ name: this.fresh('w'), expression }], adds: true };
  }

  volatile(input: Query): Query {
    const expression = this.expressions.literal(this.random.chance(0.8) ? 'RANDOM' : 'UUID');
    return { kind: 'project', input, items: [{ name: this.fresh('r'), expression }], adds: true };
  }

  filter(input: Query): Query {
    const columns = columnsOf(input);
    const condition = this.random.chance(0.15)
      ? this.expressions.truthOfQuery(columns)
      : this.expressions.scalar('BOOLEAN', columns, 2);
    return { kind: 'filter', input, condition };
  }

  /** Only some columns, so that there is something to unite. */
  distinct(input: Query): Query {
    const on = this.random.chance(0.15) ? this.#sortable(input, 1) : [];
    if (on.length > 0)
      return { kind: 'distinct', input: { kind: 'order', input, keys: this.#all(input), direction: '' }, on };
    return { kind: 'distinct', input: this.random.chance(0.7) ? this.narrow(input) : input, on: [] };
  }

  narrow(input: Query): Query {
    const columns = columnsOf(input);
    const kept = columns.filter(() => this.random.chance(0.5));
    const some = kept.length > 0 ? kept : columns.slice(0, 1);
    const items = some.map(column => ({ name: column.name, expression: columnNamed(column) }));
    return { kind: 'project', input, items, adds: false };
  }

  aggregate(input: Query): Query {
    const { random } = this;
    const columns = columnsOf(input);
    const keys = Array.from({ length: random.below(3) }, () => random.any(columns)).flatMap(column =>
      column ? [column] : [],
    );
    const named = [...new Map(keys.map(key => [key.name, key])).values()];
    const calls = Array.from({ length: 1 + random.below(2) }, () => ({
      name: this.fresh('g'),
      expression: this.expressions.aggregate(columns),
    }));
    return {
      kind: 'aggregate',
      input,
      keys: named.map(column => ({ name: column.name, expression: columnNamed(column) })),
      calls,
      sets: named.length > 0 && random.chance(0.12) ? random.pick(['ROLLUP', 'CUBE']) : '',
    };
  }

  #sortable(input: Query, count: number): readonly Expression[] {
    const columns = columnsOf(input).filter(column => !RANDOM_TYPES.has(column.type));
    return Array.from({ length: count }, () => this.random.any(columns)).flatMap(column =>
      column ? [columnNamed(column)] : [],
    );
  }

  #all(input: Query): readonly Expression[] {
    return columnsOf(input)
      .filter(column => !RANDOM_TYPES.has(column.type))
      .map(columnNamed);
  }

  order(input: Query): Query {
    const keys = this.#sortable(input, 1 + this.random.below(2));
    if (keys.length === 0) return input;
    return { kind: 'order', input, keys, direction: this.random.pick(['', '', ' DESC', ' DESC NULLS FIRST']) };
  }

  limit(input: Query): Query {
    const bounds = this.random.pick(['1', '2', '3', '100', '2 OFFSET 1', '0']);
    const keys = this.#all(input);
    const sorted: Query =
      keys.length > 0 && this.random.chance(0.8) ? { kind: 'order', input, keys, direction: '' } : input;
    return { kind: 'limit', input: sorted, bounds };
  }

  unnest(input: Query): Query {
    const columns = columnsOf(input);
    const list = this.expressions.scalar(this.random.pick<Type>(['INTEGER[]', 'INTEGER[]', 'DOUBLE[]']), columns, 1);
    return {
      kind: 'unnest',
      input,
      list,
      name: this.fresh('u'),
      how: this.random.pick(['CROSS', 'LEFT', 'SELECT', 'LATERAL']),
    };
  }

  join(left: Query, right: Query): Query {
    const { random } = this;
    const how = random.pick([...JOINS, 'INNER', 'LEFT', 'LEFT', 'FULL']);
    const on = how === 'CROSS' || how === 'POSITIONAL' ? null : this.condition(left, right, how.startsWith('ASOF'));
    if (how !== 'POSITIONAL') {
      const join: QueryOf<'join'> = { kind: 'join', how, lateral: false, left, right, on, using: null };
      return random.chance(0.15) && on && !how.startsWith('ASOF') ? this.usingOf(join) : join;
    }
    return {
      kind: 'join',
      how,
      lateral: false,
      left: this.#sorted(left),
      right: this.#sorted(right),
      on: null,
      using: null,
    };
  }

  usingOf(join: QueryOf<'join'>): Query {
    const [left, right] = [this.#integer(join.left), this.#integer(join.right)];
    return { ...join, on: null, using: { name: this.fresh('k'), left, right } };
  }

  #sorted(input: Query): Query {
    const keys = this.#all(input);
    return keys.length === 0 ? input : { kind: 'order', input, keys, direction: '' };
  }

  #integer(input: Query): Expression {
    const columns = columnsOf(input);
    return this.expressions.scalar(
      'INTEGER',
      columns.filter(column => column.type === 'INTEGER'),
      0,
    );
  }

  /** `coalesce` keeps an ASOF join away from NULL, which DuckDB compares in its own way. */
  condition(left: Query, right: Query, nearest: boolean): Expression {
    const { random } = this;
    const [one, other] = [this.#integer(left), this.#integer(right)];
    const equal: Expression = { kind: 'call', shape: '($0 = $1)', operands: [one, other], type: 'BOOLEAN' };
    if (nearest) {
      const [a, b] = [this.#integer(left), this.#integer(right)];
      const bound: Expression = {
        kind: 'call',
        shape: `(coalesce($0, 0) ${random.pick(['>', '>=', '<', '<='])} coalesce($1, 0))`,
        operands: [a, b],
        type: 'BOOLEAN',
      };
      return random.chance(0.6)
        ? { kind: 'call', shape: '($0 AND $1)', operands: [equal, bound], type: 'BOOLEAN' }
        : bound;
    }
    if (random.chance(0.6)) return equal;
    const more = this.expressions.scalar('BOOLEAN', [...columnsOf(left), ...columnsOf(right)], 1);
    if (random.chance(0.3)) return more;
    return { kind: 'call', shape: '($0 AND $1)', operands: [equal, more], type: 'BOOLEAN' };
  }

  /** The right side reads columns of the left one. */
  lateral(left: Query, right: Query): Query {
    const { random } = this;
    const scope = [...columnsOf(left), ...columnsOf(right)];
    const inner: Query = { kind: 'filter', input: right, condition: this.condition(left, right, false) };
    const item: Item = { name: this.fresh('c'), expression: this.expressions.scalar('INTEGER', scope, 1) };
    const added: Query = random.chance(0.5) ? { kind: 'project', input: inner, items: [item], adds: true } : inner;
    const how = random.pick(['INNER', 'LEFT']);
    return {
      kind: 'join',
      how,
      lateral: true,
      left,
      right: added,
      on: { kind: 'literal', sql: 'true', type: 'BOOLEAN' },
      using: null,
    };
  }

  set(left: Query, right: Query): Query {
    const { random } = this;
    const operator = random.pick(['UNION ALL', 'UNION', 'UNION', 'INTERSECT', 'EXCEPT', 'INTERSECT ALL', 'EXCEPT ALL']);
    const types = random.any([
      ['INTEGER'],
      ['DOUBLE'],
      ['INTEGER', 'DOUBLE'],
      ['INTEGER', 'VARCHAR'],
      ['RANDOM'],
      ['INTEGER', 'RANDOM'],
    ] as readonly (readonly Type[])[]);
    const columns = (types ?? []).map((type): NamedColumn => ({ name: this.fresh('n'), type }));
    const arm = (input: Query) => ({
      input,
      values: columns.map(({ type }) => this.expressions.scalar(type, columnsOf(input), random.below(2))),
    });
    return { kind: 'set', operator, columns, arms: [arm(left), arm(right)] };
  }

  /** A named query that is read once or twice. */
  shared(definition: Query): Query {
    const { random } = this;
    const name = this.fresh('w');
    const reference = (): Query => ({ kind: 'reference', name, id: this.fresh('y'), columns: columnsOf(definition) });
    const body = random.chance(0.5) ? reference() : this.join(reference(), reference());
    return { kind: 'with', name, mode: random.pick(['', 'MATERIALIZED', 'NOT MATERIALIZED']), definition, body };
  }

  /** A query inside of an expression, over one table and with an outer column in its filter, mostly. */
  #inner(type: Type, scope: readonly NamedColumn[], single: boolean): Query {
    const { random } = this;
    const table = this.scan();
    const all = [...columnsOf(table), ...scope];
    const condition = random.chance(0.7)
      ? this.condition(table, NOTHING, false)
      : this.expressions.scalar('BOOLEAN', columnsOf(table), 1);
    const outer = random.any(scope.filter(column => column.type === 'INTEGER'));
    const correlated: Expression =
      outer && random.chance(0.7)
        ? { kind: 'call', shape: '($0 = $1)', operands: [this.#integer(table), columnNamed(outer)], type: 'BOOLEAN' }
        : condition;
    const rows: Query = random.chance(0.8) ? { kind: 'filter', input: table, condition: correlated } : table;
    if (!single) {
      const item = {
        name: this.fresh('i'),
        expression: this.expressions.scalar(type, random.chance(0.8) ? columnsOf(table) : all, 1),
      };
      return { kind: 'project', input: rows, items: [item], adds: false };
    }
    const call: Expression = {
      kind: 'call',
      shape: 'max($0)',
      operands: [this.expressions.scalar(type, columnsOf(table), 1)],
      type,
    };
    return { kind: 'aggregate', input: rows, keys: [], calls: [{ name: this.fresh('i'), expression: call }], sets: '' };
  }
}
