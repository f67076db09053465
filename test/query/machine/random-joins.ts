import {
  columnNamed,
  columnsOf,
  type Expression,
  type Query,
  type QueryOf,
  type Type,
  type Item,
  type NamedColumn,
} from './query-tree.ts';
import { type Makers, sortedByAll } from './random-operators.ts';

export const JOINS = ['INNER', 'LEFT', 'RIGHT', 'FULL', 'SEMI', 'ANTI', 'CROSS', 'ASOF', 'ASOF LEFT', 'POSITIONAL'];

/** Generates random joins and set operations of two queries. */
export class RandomJoins {
  readonly #makers: Makers;

  constructor(makers: Makers) {
    this.#makers = makers;
  }

  join(left: Query, right: Query): Query {
    const { random } = this.#makers;
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
      left: sortedByAll(left),
      right: sortedByAll(right),
      on: null,
      using: null,
    };
  }

  /** Joins on the grouping columns of the right side, so that each row matches at most one. */
  lookup(left: Query, right: Query): Query {
    const { random } = this.#makers;
    const key = this.#makers.fresh('g');
    const call = { name: this.#makers.fresh('g'), expression: this.#makers.expressions.aggregate(columnsOf(right)) };
    const keys = [{ name: key, expression: this.integer(right) }];
    const grouped: Query = { kind: 'aggregate', input: right, keys, calls: [call], sets: '' };
    const operands: readonly Expression[] = [this.integer(left), { kind: 'column', name: key, type: 'INTEGER' }];
    const on: Expression = { kind: 'call', shape: '($0 = $1)', operands, type: 'BOOLEAN' };
    const how = random.pick(['LEFT', 'LEFT', 'INNER', 'RIGHT', 'FULL']);
    return { kind: 'join', how, lateral: false, left, right: this.#added(grouped), on, using: null };
  }

  /** Sometimes adds a column. */
  #added(input: Query): Query {
    const { random, expressions } = this.#makers;
    if (random.chance(0.5)) return input;
    const expression = expressions.scalar(random.pick(['INTEGER', 'BOOLEAN', 'DOUBLE']), columnsOf(input), 2);
    return { kind: 'project', input, items: [{ name: this.#makers.fresh('c'), expression }], adds: true };
  }

  usingOf(join: QueryOf<'join'>): Query {
    const [left, right] = [this.integer(join.left), this.integer(join.right)];
    return { ...join, on: null, using: { name: this.#makers.fresh('k'), left, right } };
  }

  /** `coalesce` avoids NULL in an ASOF join, where DuckDB has special rules. */
  condition(left: Query, right: Query, nearest: boolean): Expression {
    const { random } = this.#makers;
    const [one, other] = [this.integer(left), this.integer(right)];
    const equal: Expression = { kind: 'call', shape: '($0 = $1)', operands: [one, other], type: 'BOOLEAN' };
    if (nearest) {
      const [a, b] = [this.integer(left), this.integer(right)];
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
    const drawn = this.#drawn(left, right);
    if (drawn && random.chance(0.5)) return drawn;
    if (random.chance(0.6)) return equal;
    const more = this.#makers.expressions.scalar('BOOLEAN', [...columnsOf(left), ...columnsOf(right)], 1);
    if (random.chance(0.3)) return more;
    return { kind: 'call', shape: '($0 AND $1)', operands: [equal, more], type: 'BOOLEAN' };
  }

  /** Random values are equal only to themselves. */
  #drawn(left: Query, right: Query): Expression | null {
    const [one, other] = [left, right].map(side => columnsOf(side).find(column => column.type === 'RANDOM'));
    if (!one || !other) return null;
    return { kind: 'call', shape: '($0 = $1)', operands: [columnNamed(one), columnNamed(other)], type: 'BOOLEAN' };
  }

  /** A lateral join, whose right side reads columns of the left one. */
  lateral(left: Query, right: Query): Query {
    const { random, expressions } = this.#makers;
    const fresh = (prefix: string): string => this.#makers.fresh(prefix);
    const scope = [...columnsOf(left), ...columnsOf(right)];
    const inner: Query = { kind: 'filter', input: right, condition: this.condition(left, right, false) };
    const makers = [
      (): Query => inner,
      (): Query => {
        const item: Item = { name: fresh('c'), expression: expressions.scalar('INTEGER', scope, 1) };
        return { kind: 'project', input: inner, items: [item], adds: true };
      },
      (): Query => {
        const call = { name: fresh('g'), expression: expressions.aggregate(columnsOf(right)) };
        return { kind: 'aggregate', input: inner, keys: [], calls: [call], sets: '' };
      },
      (): Query => ({ kind: 'limit', input: sortedByAll(inner), bounds: random.pick(['1', '2']) }),
    ];
    const how = random.pick(['INNER', 'LEFT']);
    const on: Expression = { kind: 'literal', sql: 'true', type: 'BOOLEAN' };
    return { kind: 'join', how, lateral: true, left, right: random.pick(makers)(), on, using: null };
  }

  set(left: Query, right: Query): Query {
    const { random } = this.#makers;
    const operator = random.pick(['UNION ALL', 'UNION', 'UNION', 'INTERSECT', 'EXCEPT', 'INTERSECT ALL', 'EXCEPT ALL']);
    const types = random.any([
      ['INTEGER'],
      ['DOUBLE'],
      ['INTEGER', 'DOUBLE'],
      ['INTEGER', 'VARCHAR'],
      ['RANDOM'],
      ['INTEGER', 'RANDOM'],
    ] as readonly (readonly Type[])[]);
    const columns = (types ?? []).map((type): NamedColumn => ({ name: this.#makers.fresh('n'), type }));
    const arm = (input: Query) => ({
      input,
      values: columns.map(({ type }) => this.#makers.expressions.scalar(type, columnsOf(input), random.below(2))),
    });
    return { kind: 'set', operator, columns, arms: [arm(left), arm(right)] };
  }

  integer(input: Query): Expression {
    const columns = columnsOf(input);
    return this.#makers.expressions.scalar(
      'INTEGER',
      columns.filter(column => column.type === 'INTEGER'),
      0,
    );
  }
}
