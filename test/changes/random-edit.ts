import type { Choices } from './choices.ts';
import { columnsOf, type Graph, type GraphNode, type GraphQuery, STYLE_COUNT } from './graph.ts';
import { condition, expression, reachOf, type Reach } from './random-expression.ts';
import { aggregateItem, type Pool, randomItem, randomQuery } from './random-graph.ts';

interface Editing {
  readonly choices: Choices;
  readonly graph: Graph;
  readonly pool: Pool;
  readonly at: number;
  readonly reach: readonly Reach[];
  /** Part of the names of new columns. */
  readonly mark: string;
}

type Edit = (query: GraphQuery, editing: Editing) => GraphQuery;

/** Edits of one node, including those after which its readers no longer bind. */
const EDITS: readonly Edit[] = [
  (query, { choices }) => ({ ...query, style: choices.below(STYLE_COUNT) }),
  (query, { choices, reach }) => ({ ...query, where: [...query.where, condition(choices, reach)] }),
  query => ({ ...query, where: query.where.slice(1) }),
  query => ({ ...query, where: query.where.map((text, index) => (index === 0 ? nextLiteral(text) : text)) }),
  addItem,
  (query, { choices }) => withoutItem(query, choices.below(query.items.length)),
  (query, editing) => withItem(query, editing),
  (query, { choices }) => withItems(query, rotated(query.items, choices.below(query.items.length))),
  query => ({ ...query, distinct: !query.distinct && !query.grouped }),
  query => (query.union ? { ...query, union: { ...query.union, operator: turned(query.union.operator) } } : query),
  swapSides,
  (query, { choices }) =>
    query.join
      ? { ...query, join: { ...query.join, kind: choices.of(['JOIN', 'LEFT JOIN', 'RIGHT JOIN', 'FULL JOIN']) } }
      : query,
  (query, { choices }) => ({
    ...query,
    tail: choices.of(['', ' ORDER BY 1', ' ORDER BY ALL LIMIT 3', ' LIMIT 2', ' LIMIT 4']),
  }),
  query => ({ ...query, star: !query.star && !query.grouped && query.union === null }),
  (_, { choices, graph, pool, at, mark }) =>
    randomQuery(choices, { graph: { ...graph, nodes: graph.nodes.slice(0, at) }, pool, prefix: `n${at}${mark}` }),
];

/** The graph with one node edited, or with a column renamed everywhere. */
export function randomEdit(choices: Choices, graph: Graph, pool: Pool, mark: string): Graph {
  const at = choices.below(graph.nodes.length);
  const node = graph.nodes[at];
  if (!node) return graph;
  if (choices.percent(8)) return renamedEverywhere(graph, node, choices);
  const { query } = node;
  const columns = columnsOf(graph, pool);
  const right = query.join ? reachOf('r', columns.get(query.join.table) ?? []) : [];
  const reach = [...reachOf('l', columns.get(query.from) ?? []), ...right];
  const edited = choices.of(EDITS)(query, { choices, graph, pool, at, reach, mark });
  return { ...graph, nodes: graph.nodes.map((other, index) => (index === at ? { ...other, query: edited } : other)) };
}

function addItem(query: GraphQuery, { choices, graph, pool, at, reach, mark }: Editing): GraphQuery {
  if (query.union) return query;
  const prefix = `n${at}${mark}`;
  const earlier = { ...graph, nodes: graph.nodes.slice(0, at) };
  const item = query.grouped
    ? aggregateItem(choices, reach, `${prefix}x`)
    : randomItem(choices, reach, { graph: earlier, pool, prefix, index: 9 });
  return { ...query, items: [...query.items, item] };
}

function withoutItem(query: GraphQuery, gone: number): GraphQuery {
  if (query.items.length < 2) return query;
  const keep = <T>(list: readonly T[]) => list.filter((_, index) => index !== gone);
  return {
    ...query,
    items: keep(query.items),
    union: query.union && { ...query.union, items: keep(query.union.items) },
  };
}

/** Another expression of the same kind for one column. */
function withItem(query: GraphQuery, { choices, reach }: Editing): GraphQuery {
  const at = choices.below(query.items.length);
  const items = query.items.map((item, index) => {
    if (index !== at) return item;
    if (!query.grouped) return { ...item, sql: expression(choices, item.kind, reach) };
    const other = aggregateItem(choices, reach, item.name);
    return other.kind === item.kind ? other : item;
  });
  return query.union && query.grouped ? query : { ...query, items };
}

const withItems = (query: GraphQuery, items: GraphQuery['items']): GraphQuery =>
  query.union ? query : { ...query, items };

const rotated = <T>(list: readonly T[], by: number): readonly T[] => [...list.slice(by), ...list.slice(0, by)];

const turned = (operator: string): string => (operator === 'UNION' ? 'UNION ALL' : 'UNION');

const nextLiteral = (text: string): string => text.replace(/\b[0-9]\b/, digit => String((Number(digit) + 1) % 10));

/** In a self-join, reads the columns of one side from the other. */
function swapSides(query: GraphQuery): GraphQuery {
  if (query.join?.table !== query.from) return query;
  const swap = (sql: string): string =>
    sql.replace(/\b([lr])\.(?=n|[a-z])/g, (_, side) => (side === 'l' ? 'r.' : 'l.'));
  return { ...query, items: query.items.map(item => ({ ...item, sql: swap(item.sql) })) };
}

/** Renames a column in its node and in all its readers. */
function renamedEverywhere(graph: Graph, { query }: GraphNode, choices: Choices): Graph {
  const item = query.items[choices.below(query.items.length)];
  if (!item) return graph;
  const renamed = JSON.stringify(graph.nodes).replaceAll(new RegExp(`\\b${item.name}\\b`, 'g'), `${item.name}z`);
  return { ...graph, nodes: JSON.parse(renamed) as Graph['nodes'] };
}
