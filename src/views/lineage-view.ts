import type { LineageDocument } from '../core/documents/lineage-document.ts';
import { alignColumns } from './text/columns.ts';
import { renderNoNodes } from './nodes-view.ts';
import type { Style } from './text/style.ts';

/** `to` reads `from`. */
export interface Edge {
  readonly from: string;
  readonly to: string;
}

/** The graph of a project by node ids. */
export interface LineageGraph {
  readonly nodes: readonly string[];
  readonly edges: readonly Edge[];
}

type Direction = 'up' | 'down';

/** Renders the graph of the project as trees from its sources; each line ends with a newline. */
export function renderGraph(graph: LineageGraph, style: Style): string {
  if (graph.nodes.length === 0) return renderNoNodes(style);
  const read = new Set(graph.edges.map(edge => edge.to));
  const roots = graph.nodes.filter(node => !read.has(node));
  const drawn = new Set<string>();
  return roots
    .map(root => `${[root, ...branches(root, { graph, direction: 'down', drawn }, '')].join('\n')}\n`)
    .join('');
}

/** Renders a node's inputs and consumers, and the origins of its columns. */
export function renderLineage(document: LineageDocument, graph: LineageGraph, style: Style): string {
  const up = branches(document.node, { graph, direction: 'up', drawn: new Set() }, '');
  const down = branches(document.node, { graph, direction: 'down', drawn: new Set() }, '');
  const columns = document.columns.map(column => [column.name, column.type, sourcesOf(column.value, column.condition)]);
  return [
    style.strong(document.node),
    ...(up.length > 0 ? ['  reads', ...up.map(line => `  ${line}`)] : []),
    ...(down.length > 0 ? ['  read by', ...down.map(line => `  ${line}`)] : []),
    ...(columns.length > 0 ? ['  columns', ...alignColumns(columns, '    ')] : []),
    ...readerLines(document),
    ...(document.rows.length > 0 ? ['  rows', `    ← ${document.rows.join(', ')}`] : []),
    '',
  ].join('\n');
}

/** The consumers of a column; shown only for a single column, to keep the output short. */
function readerLines({ columns: [column, ...more] }: LineageDocument): readonly string[] {
  const readers = more.length === 0 ? column?.readers : undefined;
  if (!readers) return [];
  const line = (label: string, names: readonly string[]): readonly string[] =>
    names.length === 0 ? [] : [`    ${label} ${names.join(', ')}`];
  const lines = [
    ...line('→', readers.value),
    ...line('filters or derives', readers.condition),
    ...line('determines the rows of', readers.rows),
  ];
  return lines.length === 0 ? [] : ['  goes to', ...lines];
}

const sourcesOf = (value: readonly string[], condition: readonly string[]): string => {
  const selected = condition.length > 0 ? `if ${condition.join(', ')}` : '';
  return [value.length > 0 ? `← ${value.join(', ')}` : '', selected].filter(part => part !== '').join(' ');
};

interface Drawing {
  readonly graph: LineageGraph;
  readonly direction: Direction;
  /** Nodes whose branches are already drawn; drawing shared branches again would double the output at every level. */
  readonly drawn: Set<string>;
}

function branches(node: string, drawing: Drawing, indent: string): readonly string[] {
  const { graph, direction, drawn } = drawing;
  if (drawn.has(node)) return [];
  drawn.add(node);
  const next =
    direction === 'down'
      ? graph.edges.filter(edge => edge.from === node).map(edge => edge.to)
      : graph.edges.filter(edge => edge.to === node).map(edge => edge.from);
  const ordered = [...new Set(next)].sort();
  return ordered.flatMap((child, index) => {
    const last = index === ordered.length - 1;
    const again = drawn.has(child) && graph.edges.some(edge => (direction === 'down' ? edge.from : edge.to) === child);
    const line = `${indent}${last ? '└── ' : '├── '}${child}${again ? ' (above)' : ''}`;
    return [line, ...branches(child, drawing, `${indent}${last ? '    ' : '│   '}`)];
  });
}
