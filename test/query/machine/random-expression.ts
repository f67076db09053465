import { columnNamed, type Expression, type NamedColumn, type Query, type Type } from './query-tree.ts';
import type { Random } from './random.ts';
import { AGGREGATES, LITERALS, OVER, SCALARS, type Shape, WINDOWS } from './shapes.ts';

/** Generates queries inside expressions. */
export interface Subqueries {
  /** A query with one column of the type; may read columns of the scope. */
  column(type: Type, scope: readonly NamedColumn[]): Query;
  /** A query with exactly one row. */
  value(type: Type, scope: readonly NamedColumn[]): Query;
}

export class RandomExpressions {
  readonly #random: Random;
  readonly #subqueries: Subqueries;

  constructor(random: Random, subqueries: Subqueries) {
    this.#random = random;
    this.#subqueries = subqueries;
  }

  scalar(type: Type, scope: readonly NamedColumn[], depth: number): Expression {
    const random = this.#random;
    const own = scope.filter(column => column.type === type);
    const column = random.any(own);
    if (column && random.chance(depth <= 0 ? 0.85 : 0.4)) return columnNamed(column);
    const call = depth > 0 ? random.any(SCALARS[type]) : null;
    if (call && random.chance(0.8)) return this.#subquery(type, scope, depth) ?? this.#call(call, type, scope, depth);
    return column && random.chance(0.5) ? columnNamed(column) : this.literal(type);
  }

  literal(type: Type): Expression {
    return { kind: 'literal', sql: this.#random.pick(LITERALS[type]), type };
  }

  #call({ shape: text, operands }: Shape, type: Type, scope: readonly NamedColumn[], depth: number): Expression {
    return {
      kind: 'call',
      shape: text,
      operands: operands.map(operand => this.scalar(operand, scope, depth - 1)),
      type,
    };
  }

  #subquery(type: Type, scope: readonly NamedColumn[], depth: number): Expression | null {
    if (depth < 2 || !this.#random.chance(0.12)) return null;
    if (type === 'BOOLEAN') return this.truthOfQuery(scope);
    if (type !== 'INTEGER' && type !== 'DOUBLE') return null;
    return { kind: 'call', shape: '($q)', operands: [], query: this.#subqueries.value(type, scope), type };
  }

  truthOfQuery(scope: readonly NamedColumn[]): Expression {
    const random = this.#random;
    const text = random.pick([
      'EXISTS ($q)',
      '(NOT EXISTS ($q))',
      '($0 IN ($q))',
      '($0 NOT IN ($q))',
      '($0 >= ANY ($q))',
    ]);
    const query = this.#subqueries.column('INTEGER', scope);
    const operands = text.includes('$0') ? [this.scalar('INTEGER', scope, 0)] : [];
    return { kind: 'call', shape: text, operands, query, type: 'BOOLEAN' };
  }

  aggregate(scope: readonly NamedColumn[]): Expression {
    return this.#anyOf(AGGREGATES, '', scope);
  }

  window(scope: readonly NamedColumn[]): Expression {
    return this.#anyOf(WINDOWS, ` ${this.#random.pick(OVER)}`, scope);
  }

  #anyOf(
    shapes: Readonly<Partial<Record<Type, readonly Shape[]>>>,
    over: string,
    scope: readonly NamedColumn[],
  ): Expression {
    const random = this.#random;
    const type = random.pick(Object.keys(shapes) as readonly Type[]);
    const { shape: text, operands } = random.pick(shapes[type] ?? []);
    const given = operands.map(operand => this.scalar(operand, scope, random.below(2)));
    const sorting = over === '' ? [] : [this.#sortKey(scope), this.#sortKey(scope)];
    const filled = Array.from({ length: 8 }, (_, index) => given[index] ?? this.literal('INTEGER'));
    return { kind: 'call', shape: `${text}${over}`, operands: over === '' ? given : [...filled, ...sorting], type };
  }

  /** An expression to sort or group by; usually a plain column. */
  #sortKey(scope: readonly NamedColumn[]): Expression {
    const column = this.#random.any(scope.filter(each => each.type !== 'RANDOM' && each.type !== 'UUID'));
    return column && this.#random.chance(0.85) ? columnNamed(column) : this.scalar('INTEGER', scope, 1);
  }
}
