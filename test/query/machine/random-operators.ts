import {
  columnNamed,
  columnsOf,
  type Expression,
  type Query,
  type Type,
  type NamedColumn,
  type Item,
  type QueryOf,
} from './query-tree.ts';
import type { RandomExpressions } from './random-expression.ts';
import type { Random } from './random.ts';

/** Context that the generators share. */
export interface Makers {
  readonly random: Random;
  readonly expressions: RandomExpressions;
  /** A new unique name for a column or query. */
  fresh(prefix: string): string;
}

export const RANDOM_TYPES: ReadonlySet<Type> = new Set<Type>(['RANDOM', 'UUID']);

/** An order in which only equal rows tie. */
export function sortedByAll(input: Query): Query {
  const keys = allKeys(input);
  return keys.length === 0 ? input : { kind: 'order', input, keys, direction: '' };
}

/** All sortable columns. */
export const allKeys = (input: Query): readonly Expression[] =>
  columnsOf(input)
    .filter(column => !RANDOM_TYPES.has(column.type))
    .map(columnNamed);

/** Generates random operators over one query. */
export class RandomOperators {
  readonly #makers: Makers;

  constructor(makers: Makers) {
    this.#makers = makers;
  }

  extend(input: Query): Query {
    const type = this.#makers.random.pick<Type>([
      'INTEGER',
      'INTEGER',
      'DOUBLE',
      'VARCHAR',
      'BOOLEAN',
      'STRUCT(x INTEGER, y DOUBLE)',
      'INTEGER[]',
    ]);
    const expression = this.#makers.expressions.scalar(type, columnsOf(input), 2);
    return { kind: 'project', input, items: [{ name: this.#makers.fresh('c'), expression }], adds: true };
  }

  windowed(input: Query): Query {
    const expression = this.#makers.expressions.window(columnsOf(input));
    return { kind: 'project', input, items: [{ name: this.#makers.fresh('w'), expression }], adds: true };
  }

  /** Rows at a certain position, selected with QUALIFY. */
  ranked(input: Query): Query {
    const numbered = this.windowed(input);
    const column = columnsOf(numbered).at(-1);
    if (column?.type !== 'BIGINT' && column?.type !== 'INTEGER') return numbered;
    const literal: Expression = { kind: 'literal', sql: this.#makers.random.pick(['1', '2']), type: 'INTEGER' };
    const shape = this.#makers.random.pick(['($0 = $1)', '($0 <= $1)']);
    const condition: Expression = { kind: 'call', shape, operands: [columnNamed(column), literal], type: 'BOOLEAN' };
    return { kind: 'filter', input: numbered, condition };
  }

  volatile(input: Query): Query {
    const expression = this.#makers.expressions.literal(this.#makers.random.chance(0.8) ? 'RANDOM' : 'UUID');
    return { kind: 'project', input, items: [{ name: this.#makers.fresh('r'), expression }], adds: true };
  }

  filter(input: Query): Query {
    const columns = columnsOf(input);
    const condition = this.#makers.random.chance(0.15)
      ? this.#makers.expressions.truthOfQuery(columns)
      : this.#makers.expressions.scalar('BOOLEAN', columns, 2);
    return { kind: 'filter', input, condition };
  }

  /** Uses only some columns, so that rows are duplicates. */
  distinct(input: Query): Query {
    const on = this.#makers.random.chance(0.15) ? this.#sortable(input, 1) : [];
    if (on.length > 0)
      return { kind: 'distinct', input: { kind: 'order', input, keys: allKeys(input), direction: '' }, on };
    return { kind: 'distinct', input: this.#makers.random.chance(0.7) ? this.narrow(input) : input, on: [] };
  }

  narrow(input: Query): Query {
    const columns = columnsOf(input);
    const kept = columns.filter(() => this.#makers.random.chance(0.5));
    const some = kept.length > 0 ? kept : columns.slice(0, 1);
    const items = some.map(column => ({ name: column.name, expression: columnNamed(column) }));
    return { kind: 'project', input, items, adds: false };
  }

  aggregate(input: Query): Query {
    const { random } = this.#makers;
    const columns = columnsOf(input);
    const keys = Array.from({ length: random.below(3) }, () => this.#key(columns));
    const named = [...new Map(keys.map(key => [key.name, key])).values()];
    const calls = Array.from({ length: 1 + random.below(2) }, () => ({
      name: this.#makers.fresh('g'),
      expression: this.#makers.expressions.aggregate(columns),
    }));
    return {
      kind: 'aggregate',
      input,
      keys: named,
      calls,
      sets: named.length > 0 && random.chance(0.12) ? random.pick(['ROLLUP', 'CUBE']) : '',
    };
  }

  /** Usually a plain column. */
  #key(columns: readonly NamedColumn[]): Item {
    const { random, expressions } = this.#makers;
    const column = random.chance(0.8) ? random.any(columns) : null;
    if (column) return { name: column.name, expression: columnNamed(column) };
    return {
      name: this.#makers.fresh('g'),
      expression: expressions.scalar(random.pick<Type>(['INTEGER', 'BOOLEAN']), columns, 1),
    };
  }

  #sortable(input: Query, count: number): readonly Expression[] {
    const columns = columnsOf(input).filter(column => !RANDOM_TYPES.has(column.type));
    return Array.from({ length: count }, () => this.#makers.random.any(columns)).flatMap(column =>
      column ? [columnNamed(column)] : [],
    );
  }

  order(input: Query): Query {
    const keys = this.#sortable(input, 1 + this.#makers.random.below(2));
    if (keys.length === 0) return input;
    return { kind: 'order', input, keys, direction: this.#makers.random.pick(['', '', ' DESC', ' DESC NULLS FIRST']) };
  }

  limit(input: Query): Query {
    const bounds = this.#makers.random.pick(['1', '2', '3', '100', '2 OFFSET 1', '0']);
    const keys = allKeys(input);
    const sorted: Query =
      keys.length > 0 && this.#makers.random.chance(0.8) ? { kind: 'order', input, keys, direction: '' } : input;
    return { kind: 'limit', input: sorted, bounds };
  }

  unnest(input: Query): Query {
    const { random, expressions } = this.#makers;
    const type = random.pick<Type>(['INTEGER[]', 'INTEGER[]', 'DOUBLE[]', 'INTEGER']);
    const list = expressions.scalar(type, columnsOf(input), 1);
    const ways =
      type === 'INTEGER' ? (['RANGE', 'LEFT RANGE'] as const) : (['CROSS', 'LEFT', 'SELECT', 'LATERAL'] as const);
    return {
      kind: 'unnest',
      input,
      list,
      name: this.#makers.fresh('u'),
      how: random.pick<QueryOf<'unnest'>['how']>(ways),
    };
  }
}
