import type { Expression, Item, Query, QueryOf } from './query-tree.ts';

/** SQL of a query; subqueries are named by their position. */
export const printQuery = (query: Query): string => new Printer().select(query);

class Printer {
  #subqueries = 0;

  select(query: Query): string {
    switch (query.kind) {
      case 'scan':
        return `SELECT ${query.columns.map(({ name }) => `${name} AS ${query.id}_${name}`).join(', ')} FROM ${query.table}`;
      case 'values':
        return this.#values(query);
      case 'reference':
        return `SELECT ${query.columns.map(({ name }) => `${name} AS ${query.id}_${name}`).join(', ')} FROM ${query.name}`;
      case 'project':
        return `SELECT ${query.adds ? '*, ' : ''}${this.#items(query.items)} FROM ${this.#from(query.input)}`;
      case 'filter': {
        const condition = this.#text(query.condition);
        return `SELECT * FROM ${this.#from(query.input)} ${condition.includes(' OVER ') ? 'QUALIFY' : 'WHERE'} ${condition}`;
      }
      case 'join':
        return this.#join(query);
      case 'distinct':
        return `SELECT DISTINCT ${query.on.length > 0 ? `ON (${this.#list(query.on)}) ` : ''}* FROM ${this.#from(query.input)}`;
      case 'aggregate':
        return this.#aggregate(query);
      case 'order':
        return `SELECT * FROM ${this.#from(query.input)} ORDER BY ${query.keys.map(key => `${this.#text(key)}${query.direction}`).join(', ')}`;
      case 'limit':
        return query.input.kind === 'order'
          ? `${this.select(query.input)} LIMIT ${query.bounds}`
          : `SELECT * FROM ${this.#from(query.input)} LIMIT ${query.bounds}`;
      case 'set':
        return this.#set(query);
      case 'unnest':
        return this.#unnest(query);
      case 'with':
        return `WITH ${query.name} AS ${query.mode === '' ? '' : `${query.mode} `}(${this.select(query.definition)}) ${this.#body(query.body)}`;
    }
  }

  /** A single row needs no table. */
  #values({ id, columns, rows }: QueryOf<'values'>): string {
    const [row, ...more] = rows;
    const names = columns.map(({ name }) => `${id}_${name}`);
    if (row && more.length === 0)
      return `SELECT ${row.map((value, index) => `${value} AS ${names[index]}`).join(', ')}`;
    return `SELECT * FROM (VALUES ${rows.map(each => `(${each.join(', ')})`).join(', ')}) AS ${id}(${names.join(', ')})`;
  }

  /** A body that starts with WITH needs brackets. */
  #body(query: Query): string {
    return query.kind === 'with' ? `SELECT * FROM ${this.#from(query)}` : this.select(query);
  }

  #from(query: Query): string {
    if (query.kind === 'scan' && query.whole)
      return `${query.table} AS ${query.id}(${query.columns.map(({ name }) => `${query.id}_${name}`).join(', ')})`;
    const name = `q${++this.#subqueries}`;
    return `(${this.select(query)}) AS ${name}`;
  }

  #join({ how, lateral, left, right, on, using }: QueryOf<'join'>): string {
    const word = how === 'INNER' ? 'JOIN' : `${how} JOIN`;
    const [one, other] = [this.#side(left, using?.left, using?.name), this.#side(right, using?.right, using?.name)];
    const condition = using ? ` USING (${using.name})` : on ? ` ON ${this.#text(on)}` : '';
    return `SELECT * FROM ${one} ${word} ${lateral ? 'LATERAL ' : ''}${other}${condition}`;
  }

  #side(query: Query, key: Expression | undefined, name: string | undefined): string {
    if (!key) return this.#from(query);
    return `(SELECT *, ${this.#text(key)} AS ${name} FROM ${this.#from(query)}) AS q${++this.#subqueries}`;
  }

  #aggregate({ input, keys, calls, sets }: QueryOf<'aggregate'>): string {
    const list = this.#list(keys.map(key => key.expression));
    const groups = keys.length === 0 ? '' : ` GROUP BY ${sets === '' ? list : `${sets} (${list})`}`;
    return `SELECT ${this.#items([...keys, ...calls])} FROM ${this.#from(input)}${groups}`;
  }

  #set({ operator, columns, arms }: QueryOf<'set'>): string {
    const texts = arms.map(({ input, values }) => {
      const items = values.map((expression, index) => ({ name: columns[index]?.name ?? `n${index}`, expression }));
      return `(SELECT ${this.#items(items)} FROM ${this.#from(input)})`;
    });
    return texts.join(` ${operator} `);
  }

  #unnest({ input, list, name, how }: QueryOf<'unnest'>): string {
    const [from, text] = [this.#from(input), this.#text(list)];
    if (how === 'SELECT') return `SELECT *, unnest(${text}) AS ${name} FROM ${from}`;
    const table = `u${++this.#subqueries}(${name})`;
    if (how === 'RANGE') return `SELECT * FROM ${from}, range(coalesce(${text}, 1)) AS ${table}`;
    if (how === 'LEFT RANGE') return `SELECT * FROM ${from} LEFT JOIN range(coalesce(${text}, 1)) AS ${table} ON true`;
    if (how === 'CROSS') return `SELECT * FROM ${from} CROSS JOIN unnest(${text}) AS ${table}`;
    if (how === 'LATERAL') return `SELECT * FROM ${from}, LATERAL (SELECT unnest(${text})) AS ${table}`;
    return `SELECT * FROM ${from} LEFT JOIN unnest(${text}) AS ${table} ON true`;
  }

  #items(items: readonly Item[]): string {
    return items.map(({ name, expression }) => `${this.#text(expression)} AS ${name}`).join(', ');
  }

  #list(expressions: readonly Expression[]): string {
    return expressions.map(expression => this.#text(expression)).join(', ');
  }

  #text(expression: Expression): string {
    if (expression.kind === 'column') return expression.name;
    if (expression.kind === 'literal') return expression.sql;
    return expression.shape.replace(/\$(\d|q)/g, (_, at: string) => {
      if (at === 'q') return expression.query ? this.select(expression.query) : '';
      const operand = expression.operands[Number(at)];
      return operand ? this.#text(operand) : 'NULL';
    });
  }
}
