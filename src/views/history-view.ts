import type { HistoryDocument, HistoryEntry } from '../core/documents/history-document.ts';
import { alignColumns, plural } from './text/columns.ts';
import { shortTime } from './text/short-time.ts';
import type { Style } from './text/style.ts';

const MOST_NODES = 3;

/** Renders the generations of an environment, the latest first and the current one marked; each line ends with a newline. */
export function renderHistory({ environment, generations, unreadable }: HistoryDocument, style: Style): string {
  const name = environment === null ? 'production' : `'${environment}'`;
  const none = unreadable.length === 0 ? `No generations of ${name} yet` : `No generation of ${name} can be read`;
  if (generations.length === 0) return `${style.note('ℹ')} ${none}.\n`;
  const [head = '', ...rows] = alignColumns([
    ['', 'Serial', 'Time', 'Cause', 'From', 'By', 'Changed'],
    ...generations.map(cells),
  ]);
  const lines = rows.map((row, index) => (generations[index]?.current === true ? style.strong(row) : row));
  const title = `${style.note('ℹ')} ${style.strong(`History of ${name}`)}`;
  return [title, '', style.strong(head), ...lines, '', `Total: ${plural(generations.length, 'generation')}`, ''].join(
    '\n',
  );
}

const cells = (entry: HistoryEntry): readonly string[] => [
  entry.current ? '*' : ' ',
  String(entry.serial),
  shortTime(entry.at),
  entry.cause,
  entry.from ?? '',
  entry.by,
  changedText(entry.nodes_changed),
];

function changedText(nodes: readonly string[]): string {
  const more = nodes.length - MOST_NODES;
  if (nodes.length === 0) return 'nothing';
  return more > 1 ? plural(nodes.length, 'node') : nodes.join(', ');
}
