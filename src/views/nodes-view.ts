import type { Column } from '../core/definition/nodes/node.ts';
import { renderBoxTable } from './text/box-table.ts';
import { alignColumns, plural } from './text/columns.ts';
import type { Style } from './text/style.ts';
import { clipText, singleLine } from './text/text-width.ts';

/** The message for a project without nodes; ends with a newline. */
export const renderNoNodes = (style: Style): string =>
  `${style.note('ℹ')} No nodes found. Run 'seeknal draft source NAME' to create one.\n`;

/** One node as `list` shows it. */
export interface NodeLine {
  readonly id: string;
  readonly file: string;
  readonly description: string | null;
  readonly tags: readonly string[];
  readonly inputs: readonly string[];
}

/** One node as `show` shows it. */
export interface NodeDetails extends NodeLine {
  readonly owner: string | null;
  readonly consumers: readonly string[];
  readonly columns: readonly Column[] | null;
  /** The query as written, or the compiled one if requested; null for a source. */
  readonly sql: string | null;
  /** `csv data/orders.csv`; null for a transform. */
  readonly reads: string | null;
  /** `postgresql analytics.orders (full)`. */
  readonly writes: readonly string[];
}

/** Renders all nodes as a table with a total; each line ends with a newline. */
export function renderNodes(nodes: readonly NodeLine[], style: Style): string {
  if (nodes.length === 0) return renderNoNodes(style);
  const rows = nodes.map(node => [
    node.id,
    node.file,
    node.tags.join(', '),
    clipText(singleLine(node.description ?? ''), 60),
  ]);
  const [head = '', ...lines] = alignColumns([['Node', 'File', 'Tags', 'Description'], ...rows]);
  return [style.strong(head), ...lines, '', `Total: ${plural(nodes.length, 'node')}`, ''].join('\n');
}

/** Renders one node in full. */
export function renderNode(node: NodeDetails, style: Style): string {
  const optional: readonly (readonly [string, string | null])[] = [
    ['File', node.file],
    ['Description', node.description],
    ['Owner', node.owner],
    ['Tags', list(node.tags)],
    ['Reads', node.reads ?? list(node.inputs)],
    ['Read by', list(node.consumers)],
    ['Writes', list(node.writes)],
  ];
  const facts = optional.flatMap(([name, text]) => (text === null ? [] : [[`${name}:`, singleLine(text)]]));
  const columns = node.columns === null ? [] : ['', 'Columns:', ...columnLines(node.columns)];
  const sql = node.sql === null ? [] : ['', 'SQL:', ...sqlLines(node.sql)];
  return [style.strong(node.id), ...alignColumns(facts, '  '), ...columns, ...sql, ''].join('\n');
}

const columnLines = (columns: readonly Column[]): readonly string[] =>
  alignColumns(
    columns.map(({ name, type }) => [singleLine(name), type]),
    '  ',
  );

const sqlLines = (sql: string): readonly string[] =>
  sql
    .trimEnd()
    .split('\n')
    .map(line => `  ${line}`.trimEnd());

const list = (names: readonly string[]): string | null => (names.length === 0 ? null : names.join(', '));

/** The result of `dry-run FILE`. */
export interface PreviewedNode {
  readonly id: string;
  readonly columns: readonly Column[];
  /** Rows as texts, with null for NULL; null if only the schema was requested. */
  readonly rows: readonly (readonly (string | null)[])[] | null;
}

/** Renders the result of `dry-run FILE`: the columns, and some rows. */
export function renderPreview(preview: PreviewedNode, style: Style): string {
  const { id, columns, rows } = preview;
  const head = `${style.good('✓')} ${id} is valid: ${plural(columns.length, 'column')}`;
  if (rows === null) return [head, ...columnLines(columns), ''].join('\n');
  return `${head}\n${renderBoxTable(columns, rows)}${plural(rows.length, 'row')} shown, nothing written.\n`;
}
