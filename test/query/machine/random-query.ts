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
import { LITERALS } from './shapes.ts';

/** Most tables in a query. */
const MOST_SCANS = 3;

export class RandomQueries implements Makers {
  readonly random: Random;
  readonly expressions: RandomExpressions;
  readonly operators: RandomOperators;
  readonly joins: RandomJoins;
  readonly #tables: readonly Table[];
  #names = 0;
  #scans = 0;

  /** A generator that also reads other tables than the sources. */
  constructor(random: Random, more: readonly Table[] = []) {
    this.random = random;
    this.#tables = more.length > 0 ? [...more, ...more, ...TABLES] : TABLES;
    this.expressions = new RandomExpressions(random, {
      column: (type, scope) => this.#innerColumn(type, scope),
      value: (type, scope) => this.#innerValue(type, scope),
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
    if (this.random.chance(0.06)) return this.#values();
    const { name, columns } = this.random.pick(this.#tables);
    return { kind: 'scan', table: name, id: this.fresh('x'), columns, whole: true };
  }

  #values(): Query {
    const { random } = this;
    const columns: readonly NamedColumn[] = [
      { name: 'a', type: 'INTEGER' },
      { name: 'd', type: 'DOUBLE' },
    ];
    const row = (): readonly string[] => columns.map(column => random.pick(LITERALS[column.type]));
    return { kind: 'values', id: this.fresh('x'), columns, rows: random.chance(0.6) ? [row()] : [row(), row()] };
  }

  #relation(size: number): Query {
    if (size <= 0) return this.scan();
    const { random } = this;
    const split = random.below(size);
    if (random.chance(0.55) && this.#scans < MOST_SCANS) {
      const left = this.#relation(split);
      const right = this.#relation(size - 1 - split);
      return this.#binary(left, right);
    }
    return this.unary(this.#relation(size - 1));
  }

  #binary(left: Query, right: Query): Query {
    const dice = this.random.next();
    if (dice < 0.6) return this.joins.join(left, right);
    if (dice < 0.72) return this.joins.lookup(left, right);
    return dice < 0.86 ? this.joins.lateral(left, right) : this.joins.set(left, right);
  }

  /** Adds another operator. */
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
      () => this.operators.ranked(input),
      () => this.operators.order(input),
      () => this.operators.limit(input),
      () => this.operators.unnest(input),
      () => this.operators.volatile(input),
      () => this.shared(input),
    ];
    return random.pick(makers)();
  }

  /** Adds a named query that is read once or twice. */
  shared(definition: Query): Query {
    const { random } = this;
    const name = this.fresh('w');
    const reference = (): Query => ({ kind: 'reference', name, id: this.fresh('y'), columns: columnsOf(definition) });
    const body = random.chance(0.5) ? reference() : this.joins.join(reference(), reference());
    return { kind: 'with', name, mode: random.pick(['', 'MATERIALIZED', 'NOT MATERIALIZED']), definition, body };
  }

  /** Rows of one table for a query inside an expression; usually filtered by an outer column. */
  #innerRows(scope: readonly NamedColumn[]): Query {
    const { random } = this;
    const input = random.chance(0.2) ? this.unary(this.scan()) : this.scan();
    if (random.chance(0.2)) return input;
    const outer = random.any(scope.filter(column => column.type === 'INTEGER'));
    if (!outer || random.chance(0.3)) return this.operators.filter(input);
    const operands = [this.joins.integer(input), columnNamed(outer)];
    return { kind: 'filter', input, condition: { kind: 'call', shape: '($0 = $1)', operands, type: 'BOOLEAN' } };
  }

  #innerColumn(type: Type, scope: readonly NamedColumn[]): Query {
    const input = this.#innerRows(scope);
    const read = this.random.chance(0.8) ? columnsOf(input) : [...columnsOf(input), ...scope];
    const item = { name: this.fresh('i'), expression: this.expressions.scalar(type, read, 1) };
    return { kind: 'project', input, items: [item], adds: false };
  }

  #innerValue(type: Type, scope: readonly NamedColumn[]): Query {
    const input = this.#innerRows(scope);
    const operand = this.expressions.scalar(type, columnsOf(input), 1);
    const counts = type === 'INTEGER' && this.random.chance(0.4);
    const expression: Expression = counts
      ? { kind: 'call', shape: 'count(*)::INTEGER', operands: [], type }
      : { kind: 'call', shape: 'max($0)', operands: [operand], type };
    return { kind: 'aggregate', input, keys: [], calls: [{ name: this.fresh('i'), expression }], sets: '' };
  }
}
