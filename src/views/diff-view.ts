import type { DiffDocument, DiffNode, DiffSamples } from '../core/documents/diff-document.ts';
import { renderBoxTable } from './text/box-table.ts';
import { alignColumns, plural } from './text/columns.ts';
import type { Style } from './text/style.ts';
import { singleLine } from './text/text-width.ts';

/** Renders the differences between the data of two environments, node by node; each line ends with a newline. */
export function renderDiff(document: DiffDocument, style: Style): string {
  const { left, right, nodes } = document;
  const differing = nodes.filter(node => node.change !== 'none');
  if (differing.length === 0) {
    const [only] = nodes;
    const what = only
      ? `${singleLine(only.id)} is the same in ${left} and ${right}: ${plural(only.rows.both, 'row')}.`
      : `No differences between ${left} and ${right}.`;
    return `${style.good('✓')} ${what}\n`;
  }
  const heads = alignColumns(differing.map(node => [`${SIGN[node.change]} ${singleLine(node.id)}`, summaryOf(node)]));
  const blocks = differing.map((node, index) => blockOf(node, heads[index] ?? '', { left, right, style }));
  return `${style.note('ℹ')} ${style.strong(`Data: ${left} → ${right}`)}\n\n${blocks.join('').trimEnd()}\n\n${totalOf(differing)}\n`;
}

const SIGN = { new: '+', modified: '~', removed: '-', none: ' ' } as const;

interface Sides {
  readonly left: string;
  readonly right: string;
  readonly style: Style;
}

function summaryOf({ change, rows, columns }: DiffNode): string {
  if (change === 'new') return `new, ${plural(rows.right, 'row')}`;
  if (change === 'removed') return `removed, ${plural(rows.left, 'row')}`;
  const schema = columns.added.length + columns.removed.length + columns.retyped.length;
  if (rows.only_left + rows.only_right > 0)
    return rows.left === rows.right ? plural(rows.right, 'row') : `${rows.left} → ${plural(rows.right, 'row')}`;
  return schema > 0
    ? `${plural(rows.right, 'row')}, equal in the common columns`
    : `${plural(rows.right, 'row')}, equal`;
}

function blockOf(node: DiffNode, head: string, sides: Sides): string {
  const facts = alignColumns([...schemaFacts(node), ...rowFacts(node, sides), ...columnFacts(node)], '    ');
  const samples = node.samples ? samplesOf(node.samples, sides) : '';
  return `${[head, ...facts].map(line => `${line}\n`).join('')}${samples}`;
}

type Fact = readonly [string, string];

/** Column changes are shown only for modified nodes. */
function schemaFacts({ change, columns }: DiffNode): readonly Fact[] {
  if (change !== 'modified') return [];
  const parts: readonly Fact[] = [
    ['added', columns.added.map(singleLine).join(', ')],
    ['removed', columns.removed.map(singleLine).join(', ')],
    ['retyped', columns.retyped.map(({ name, from, to }) => `${singleLine(name)} ${from} → ${to}`).join(', ')],
  ];
  return parts.filter(([, text]) => text !== '');
}

function rowFacts({ change, rows }: DiffNode, { left, right }: Sides): readonly Fact[] {
  if (change !== 'modified' || rows.only_left + rows.only_right === 0) return [];
  return [['rows', `${rows.both} in both, ${rows.only_left} only in ${left}, ${rows.only_right} only in ${right}`]];
}

function columnFacts({ key, rows, changed_columns: changed }: DiffNode): readonly Fact[] {
  if (changed === null || rows.only_left + rows.only_right === 0 || key === null) return [];
  const list = changed.map(({ name, rows: count }) => `${singleLine(name)} in ${plural(count, 'row')}`);
  const text = list.length === 0 ? 'no rows with the same key differ' : list.join(', ');
  return [['changed', `${text} (by ${key.map(singleLine).join(', ')})`]];
}

function samplesOf({ columns, only_left, only_right }: DiffSamples, { left, right, style }: Sides): string {
  const table = (name: string, rows: DiffSamples['only_left']): string =>
    rows.length === 0 || columns.length === 0
      ? ''
      : `\n    ${style.faint(`only in ${name}`)}\n${indented(renderBoxTable(columns, rows))}`;
  const text = `${table(left, only_left)}${table(right, only_right)}`;
  return text === '' ? '' : `${text}\n`;
}

const indented = (text: string): string =>
  text
    .trimEnd()
    .split('\n')
    .map(line => `    ${line}\n`)
    .join('');

function totalOf(nodes: readonly DiffNode[]): string {
  const count = (change: DiffNode['change'], word: string): readonly string[] => {
    const found = nodes.filter(node => node.change === change).length;
    return found === 0 ? [] : [`${found} ${word}`];
  };
  const parts = [...count('modified', 'changed'), ...count('new', 'new'), ...count('removed', 'removed')];
  return `Total: ${plural(nodes.length, 'node')}, ${parts.join(', ')}`;
}
