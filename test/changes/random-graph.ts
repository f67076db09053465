import { Choices } from './choices.ts';
import type { Graph, GraphColumn, GraphQuery, Item, Kind } from './graph.ts';
import { columnsOf, TYPE_OF } from './graph.ts';
import { condition, expression, KINDS, reachOf, type Reach } from './random-expression.ts';

/** Columns of the tables in the source pool, by id. */
export type Pool = ReadonlyMap<string, readonly GraphColumn[]>;

/** Largest table to join, because joins of joins grow. */
const MOST_ROWS = 250;
const SOURCE_ROWS = 7;

/** Builds a graph from decisions: first for the sources, then for each node. */
export function randomGraph(sources: readonly number[], nodes: readonly (readonly number[])[], pool: Pool): Graph {
  const ids = [...pool.keys()];
  let graph: Graph = { sources: [...new Set(sources.map(at => ids[at % ids.length] ?? ''))], nodes: [] };
  for (const [index, values] of nodes.entries()) {
    const query = randomQuery(new Choices(values), { graph, pool, prefix: `n${index}` });
    graph = { ...graph, nodes: [...graph.nodes, { name: `n${index}`, query }] };
  }
  return graph;
}

export interface Surroundings {
  /** What the query may read. */
  readonly graph: Graph;
  readonly pool: Pool;
  /** Part of the names of new columns, unique per node. */
  readonly prefix: string;
}

export function randomQuery(choices: Choices, around: Surroundings): GraphQuery {
  const tables = tablesOf(around);
  const from = recent(choices, tables);
  const join = choices.percent(35) ? randomJoin(choices, from, tables) : null;
  const reach = [...reachOf('l', from.columns), ...(join ? reachOf('r', join.table.columns) : [])];
  const grouped = choices.percent(25);
  const base: GraphQuery = {
    from: from.id,
    join: join && { kind: join.kind, table: join.table.id, on: join.on },
    star: !grouped && choices.percent(20),
    items: grouped ? groupedItems(choices, reach, around.prefix) : plainItems(choices, reach, around),
    where: Array.from({ length: choices.below(3) }, () => condition(choices, reach)),
    grouped,
    distinct: false,
    union: null,
    tail: '',
    style: 0,
  };
  return decorated(choices, base, { tables, from });
}

interface Table {
  readonly id: string;
  readonly columns: readonly GraphColumn[];
  readonly rows: number;
}

/** With an estimate of the most rows that each can have. */
function tablesOf({ graph, pool }: Surroundings): readonly Table[] {
  const columns = columnsOf(graph, pool);
  const rows = new Map<string, number>();
  for (const id of graph.sources) rows.set(id, SOURCE_ROWS);
  for (const { name, query } of graph.nodes) {
    const of = (id: string | undefined) => (id === undefined ? 1 : (rows.get(id) ?? MOST_ROWS));
    const product = of(query.from) * of(query.join?.table) + (query.union ? of(query.union.from) : 0);
    rows.set(`transform.${name}`, query.grouped ? Math.ceil(product / 2) : product);
  }
  return [...columns].map(([id, list]) => ({ id, columns: list, rows: rows.get(id) ?? MOST_ROWS }));
}

/** Prefers later tables, so that graphs become deep. */
const recent = (choices: Choices, tables: readonly Table[]): Table =>
  choices.percent(60) ? choices.of(tables.slice(-2)) : choices.of(tables);

const JOINS = ['JOIN', 'LEFT JOIN', 'RIGHT JOIN', 'FULL JOIN'];

function randomJoin(choices: Choices, from: Table, tables: readonly Table[]) {
  const table = choices.percent(40) ? from : choices.of(tables);
  if (table.rows * from.rows > MOST_ROWS) return null;
  const kind = choices.of(['whole', 'text'] as const);
  const left = expression(choices, kind, reachOf('l', from.columns), 0);
  const right = expression(choices, kind, reachOf('r', table.columns), 0);
  const more = choices.percent(15) ? ` AND ${condition(choices, reachOf('l', from.columns), 0)}` : '';
  return { table, kind: choices.of(JOINS), on: `${left} = ${right}${more}` };
}

function plainItems(choices: Choices, reach: readonly Reach[], around: Surroundings): readonly Item[] {
  return Array.from({ length: 1 + choices.below(4) }, (_, index) => randomItem(choices, reach, { ...around, index }));
}

/** Another column of a query over the available columns. */
export function randomItem(
  choices: Choices,
  reach: readonly Reach[],
  { graph, pool, prefix, index }: Surroundings & { readonly index: number },
): Item {
  const name = `${prefix}c${index}`;
  if (choices.percent(12)) return { name, kind: 'whole', sql: windowCall(choices, reach) };
  if (choices.percent(8)) return { name, kind: 'whole', sql: subquery(choices, reach, { graph, pool }) };
  const kind: Kind = choices.percent(60) && reach.length > 0 ? choices.of(reach).kind : choices.of(KINDS);
  return { name, kind, sql: expression(choices, kind, reach) };
}

function windowCall(choices: Choices, reach: readonly Reach[]): string {
  const partition = expression(choices, choices.of(['whole', 'text'] as const), reach, 0);
  const all = reach.map(column => column.sql).join(', ');
  return choices.of([
    `count(*) OVER (PARTITION BY ${partition})`,
    `rank() OVER (ORDER BY ${partition})`,
    `row_number() OVER (PARTITION BY ${partition} ORDER BY ${all || '1'})`,
    `max(${expression(choices, 'whole', reach, 0)}) OVER (PARTITION BY ${partition} ORDER BY ${all || '1'})`,
    // With ties, the first row depends on the order of the input.
    `row_number() OVER (ORDER BY ${partition})`,
  ]);
}

function subquery(choices: Choices, reach: readonly Reach[], { graph, pool }: Pick<Surroundings, 'graph' | 'pool'>) {
  const table = choices.of(tablesOf({ graph, pool, prefix: '' }));
  const inner = reachOf('l', table.columns).map(column => ({ ...column, sql: column.sql.replace('l.', 'i.') }));
  const outer = expression(choices, 'whole', reach, 0);
  const column = expression(choices, 'whole', inner, 0);
  return choices.of([
    `(SELECT count(*) FROM ${table.id} i WHERE ${column} = ${outer})`,
    `(SELECT max(${column}) FROM ${table.id} i)`,
    `CASE WHEN EXISTS (SELECT 1 FROM ${table.id} i WHERE ${column} < ${outer}) THEN 1 ELSE 0 END`,
    `CASE WHEN ${outer} IN (SELECT ${column} FROM ${table.id} i) THEN 1 END`,
  ]);
}

function groupedItems(choices: Choices, reach: readonly Reach[], prefix: string): readonly Item[] {
  const keys = Array.from({ length: choices.below(3) }, (_, index): Item => {
    const kind = choices.of(['whole', 'text', 'date', 'flag'] as const);
    return { name: `${prefix}k${index}`, kind, sql: expression(choices, kind, reach, 1) };
  });
  const calls = Array.from({ length: 1 + choices.below(3) }, (_, index) =>
    aggregateItem(choices, reach, `${prefix}a${index}`),
  );
  return [...keys, ...calls];
}

export function aggregateItem(choices: Choices, reach: readonly Reach[], name: string): Item {
  const of = (kind: Kind) => expression(choices, kind, reach, 1);
  const filter = choices.percent(15) ? ` FILTER (WHERE ${condition(choices, reach, 0)})` : '';
  const whole = (sql: string): Item => ({ name, kind: 'whole', sql: `${sql}${filter}` });
  return choices.of([
    () => whole('count(*)'),
    () => whole(`sum(${of('whole')})`),
    () => whole(`max(${of('whole')})`),
    () => whole(`count(DISTINCT ${of('text')})`),
    (): Item => ({ name, kind: 'number', sql: `avg(${of('whole')})${filter}` }),
    (): Item => ({ name, kind: 'text', sql: `min(${of('text')})${filter}` }),
    (): Item => ({ name, kind: 'flag', sql: `bool_or(${of('flag')})${filter}` }),
    // The first row depends on the order of the input.
    (): Item => ({ name, kind: 'text', sql: `string_agg(${of('text')}, '-')${filter}` }),
    (): Item => ({ name, kind: 'text', sql: `first(${of('text')})${filter}` }),
  ])();
}

function decorated(
  choices: Choices,
  query: GraphQuery,
  { tables, from }: { readonly tables: readonly Table[]; readonly from: Table },
): GraphQuery {
  switch (choices.below(9)) {
    case 1:
      return { ...query, distinct: true };
    case 2:
    case 3:
      return query.star || query.grouped
        ? query
        : withUnion(choices, query, choices.percent(50) ? from : choices.of(tables));
    case 4:
      return { ...query, tail: ` ORDER BY ALL LIMIT ${1 + choices.below(6)}` };
    case 5:
      return { ...query, tail: choices.percent(50) ? ` LIMIT ${1 + choices.below(6)}` : ' ORDER BY 1' };
    default:
      return query;
  }
}

const UNIONS = ['UNION ALL', 'UNION', 'EXCEPT', 'INTERSECT', 'UNION ALL'];

function withUnion(choices: Choices, query: GraphQuery, table: Table): GraphQuery {
  const reach = reachOf('l', table.columns);
  const items = query.items.map(item => `CAST(${expression(choices, item.kind, reach, 0)} AS ${TYPE_OF[item.kind]})`);
  return { ...query, union: { operator: choices.of(UNIONS), from: table.id, items } };
}
