import {
  columnNamed,
  columnsOf,
  type Expression,
  type Query,
  type Type,
  type Item,
  type NamedColumn,
} from './query-tree.ts';
import { type Table, TABLES } from './data-sets.ts';
import { RandomExpressions } from './random-expression.ts';
import { RandomJoins } from './random-joins.ts';
import { type Makers, RandomOperators } from './random-operators.ts';
import type { Random } from './random.ts';

const NOTHING: Query = { kind: 'scan', table: '', id: '', columns: [], whole: false };

/** How many tables a query may read. */
const MOST_SCANS = 3;

export class RandomQueries implements Makers {
  readonly random: Random;
  readonly expressions: RandomExpressions;
  readonly operators: RandomOperators;
  readonly joins: RandomJoins;
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
    this.operators = new RandomOperators(this);
    this.joins = new RandomJoins(this);
  }

  fresh(prefix: string): string {
    return `${prefix}${++this.#names}`;
  }

  /** A whole query; its columns are o0, o1, … */
  query(): Query {
    this.#scans = 0;
    const inner = this.#relation(this.random.pick([1, 1, 2, 2, 2, 3, 3, 4]));
    const top = this.#root(inner);
    return this.random.chance(0.12) ? this.operators.distinct(top) : top;
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
      return dice < 0.7
        ? this.joins.join(left, right)
        : dice < 0.85
          ? this.joins.lateral(left, right)
          : this.joins.set(left, right);
    }
    return this.unary(this.#relation(size - 1));
  }

  /** Another operator above. */
  unary(input: Query): Query {
    const { random } = this;
    const makers = [
      () => this.operators.extend(input),
      () => this.operators.extend(input),
      () => this.operators.filter(input),
      () => this.operators.filter(input),
      () => this.operators.distinct(input),
      () => this.operators.aggregate(input),
      () => this.operators.windowed(input),
      () => this.operators.order(input),
      () => this.operators.limit(input),
      () => this.operators.unnest(input),
      () => this.operators.volatile(input),
      () => this.shared(input),
    ];
    return random.pick(makers)();
  }

  /** A named query that is read once or twice. */
  shared(definition: Query): Query {
    const { random } = this;
    const name = this.fresh('w');
    const reference = (): Query => ({ kind: 'reference', name, id: this.fresh('y'), columns: columnsOf(definition) });
    const body = random.chance(0.5) ? reference() : this.joins.join(reference(), reference());
    return { kind: 'with', name, mode: random.pick(['', 'MATERIALIZED', 'NOT MATERIALIZED']), definition, body };
  }

  /** A query inside of an expression, over one table and with an outer column in its filter, mostly. */
  #inner(type: Type, scope: readonly NamedColumn[], single: boolean): Query {
    const { random } = this;
    const table = this.scan();
    const all = [...columnsOf(table), ...scope];
    const condition = random.chance(0.7)
      ? this.joins.condition(table, NOTHING, false)
      : this.expressions.scalar('BOOLEAN', columnsOf(table), 1);
    const outer = random.any(scope.filter(column => column.type === 'INTEGER'));
    const correlated: Expression =
      outer && random.chance(0.7)
        ? {
            kind: 'call',
            shape: '($0 = $1)',
            operands: [this.joins.integer(table), columnNamed(outer)],
            type: 'BOOLEAN',
          }
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
