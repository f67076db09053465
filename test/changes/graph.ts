/** The kind of data in a column. */
export type Kind = 'whole' | 'number' | 'text' | 'date' | 'time' | 'flag' | 'list' | 'struct';

/** The type that columns of a kind are cast to if two must agree. */
export const TYPE_OF: Readonly<Record<Kind, string>> = {
  whole: 'BIGINT',
  number: 'DOUBLE',
  text: 'VARCHAR',
  date: 'DATE',
  time: 'TIMESTAMP',
  flag: 'BOOLEAN',
  list: 'BIGINT[]',
  struct: 'STRUCT(a BIGINT, b VARCHAR)',
};

export interface GraphColumn {
  readonly name: string;
  readonly kind: Kind;
}

/** A column of a query; `sql` reads `l.x` and `r.y`. */
export interface Item extends GraphColumn {
  readonly sql: string;
}

export interface GraphQuery {
  readonly from: string;
  readonly join: { readonly kind: string; readonly table: string; readonly on: string } | null;
  /** All columns of the left side before the items. */
  readonly star: boolean;
  readonly items: readonly Item[];
  readonly where: readonly string[];
  readonly grouped: boolean;
  readonly distinct: boolean;
  readonly union: { readonly operator: string; readonly from: string; readonly items: readonly string[] } | null;
  /** QUALIFY, ORDER BY, LIMIT. */
  readonly tail: string;
  readonly style: number;
}

export interface GraphNode {
  readonly name: string;
  readonly query: GraphQuery;
}

export interface Graph {
  /** Tables of the pool that it reads. */
  readonly sources: readonly string[];
  /** Each node reads sources and earlier nodes. */
  readonly nodes: readonly GraphNode[];
}

/** Equivalent ways to write one query. */
const STYLES: readonly ((query: GraphQuery) => string)[] = [
  query => plain(query),
  query =>
    `-- written otherwise\n${plain(query)
      .replace(/^SELECT/, 'select')
      .replace(' FROM ', '\n  from ')}`,
  query => `WITH q AS (${plain(query)}) SELECT * FROM q`,
  query => `SELECT * FROM (${plain(query)}) AS other`,
  query => plain({ ...query, where: [...query.where].reverse().map(condition => `(${condition})`) }),
  query => renamedSides(plain(query)),
  query => plain({ ...query, where: [...query.where, 'true'] }),
];

export const STYLE_COUNT = STYLES.length;

export function renderQuery(query: GraphQuery): string {
  const style = STYLES[query.style % STYLES.length] ?? plain;
  return style(query);
}

function plain(query: GraphQuery): string {
  const list = (items: readonly string[]) => items.join(', ');
  const items = query.items.map(item => `${typed(query, item)} AS ${item.name}`);
  const head = `SELECT ${query.distinct ? 'DISTINCT ' : ''}${list([...(query.star ? ['l.*'] : []), ...items])}`;
  const join = query.join === null ? '' : ` ${query.join.kind} ${query.join.table} r ON ${query.join.on}`;
  const where = query.where.length === 0 ? '' : ` WHERE ${query.where.join(' AND ')}`;
  const arm = query.union && `SELECT ${list(query.union.items)} FROM ${query.union.from} l`;
  const union = query.union && arm ? ` ${query.union.operator} ${arm}` : '';
  return `${head} FROM ${query.from} l${join}${where}${query.grouped ? ' GROUP BY ALL' : ''}${union}${query.tail}`;
}

/** The arms of a union must have equal types. */
const typed = (query: GraphQuery, item: Item): string =>
  query.union === null ? item.sql : `CAST(${item.sql} AS ${TYPE_OF[item.kind]})`;

const renamedSides = (sql: string): string => sql.replace(/\bl\b/g, 'first_side').replace(/\br\b/g, 'second_side');

/** Columns of every table of a graph, by id. */
export function columnsOf(
  graph: Graph,
  pool: ReadonlyMap<string, readonly GraphColumn[]>,
): ReadonlyMap<string, readonly GraphColumn[]> {
  const columns = new Map(graph.sources.map(id => [id, pool.get(id) ?? []] as const));
  for (const { name, query } of graph.nodes) {
    const star = query.star ? (columns.get(query.from) ?? []) : [];
    columns.set(`transform.${name}`, [
      ...star,
      ...query.items.map(({ name: column, kind }) => ({ name: column, kind })),
    ]);
  }
  return columns;
}

export const queriesOf = (graph: Graph): Readonly<Record<string, string>> =>
  Object.fromEntries(graph.nodes.map(({ name, query }) => [name, renderQuery(query)]));

export const renderGraph = (graph: Graph): string =>
  Object.entries(queriesOf(graph))
    .map(([name, sql]) => `${name}: ${sql}`)
    .join('\n');
