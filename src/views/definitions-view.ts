import type { DefinitionsDocument, DefinitionsNode } from '../core/documents/definitions-document.ts';
import { alignColumns, plural } from './text/columns.ts';
import type { Style } from './text/style.ts';
import { singleLine } from './text/text-width.ts';

const SIGN = { new: '+', modified: '~', removed: '-', none: ' ' } as const;
const WORD = { new: 'new', modified: 'modified', removed: 'deleted', none: 'none' } as const;
const MOST_IDS = 5;

/** How to render differences of definitions. */
export interface DefinitionsViewOptions {
  readonly style: Style;
  /** One line a node. */
  readonly stat: boolean;
  /** Whether the node was named: it is then shown even without changes. */
  readonly named: boolean;
}

/** Renders how definitions on disk differ from production; each line ends with a newline. */
export function renderDefinitions(document: DefinitionsDocument, options: DefinitionsViewOptions): string {
  const { style, stat, named } = options;
  const changed = document.nodes.filter(node => node.change !== 'none');
  if (changed.length === 0) {
    const what = named
      ? `${document.nodes.map(node => singleLine(node.id)).join(', ')} matches production.`
      : 'the definitions match production.';
    return `${style.good('✓')} No changes: ${what}\n`;
  }
  const from = document.base === null ? 'nothing built yet' : `production (${document.base.serial})`;
  const heads = alignColumns(changed.map(headCells));
  const blocks = changed.map((node, index) => {
    const head = heads[index] ?? '';
    return stat ? `${head}\n` : `${style.strong(head)}\n${factsOf(node)}${linesOf(node, style)}\n`;
  });
  return `${style.note('ℹ')} ${style.strong(`Definitions: ${from} → disk`)}\n\n${blocks.join('')}${stat ? '\n' : ''}${totalOf(changed)}\n`;
}

const headCells = (node: DefinitionsNode): readonly string[] => [
  `${SIGN[node.change]} ${singleLine(node.id)}`,
  WORD[node.change],
  node.category?.replace('_', '-') ?? '',
  `+${node.added} -${node.removed}`,
];

function factsOf(node: DefinitionsNode): string {
  const evidence = node.evidence.map(singleLine).join('; ');
  const facts = [
    ['file', singleLine(node.file)],
    ...(evidence === '' ? [] : [['reason', evidence]]),
    ['rebuilds', rebuildsText(node.rebuilds)],
  ];
  return alignColumns(facts, '    ')
    .map(line => `${line}\n`)
    .join('');
}

function rebuildsText(ids: readonly string[]): string {
  if (ids.length === 0) return 'nothing';
  const more = ids.length - MOST_IDS;
  const shown = ids.slice(0, MOST_IDS).map(singleLine).join(', ');
  return more > 0 ? `${shown} and ${more} more` : shown;
}

function linesOf({ lines }: DefinitionsNode, style: Style): string {
  const shown = lines.map(line => {
    const text = `    ${singleLine(line)}`.trimEnd();
    if (line.startsWith('+')) return style.good(text);
    return line.startsWith('-') ? style.bad(text) : text;
  });
  return shown.length === 0 ? '' : `\n${shown.map(line => `${line}\n`).join('')}`;
}

function totalOf(nodes: readonly DefinitionsNode[]): string {
  const counts = (['new', 'modified', 'removed'] as const).flatMap(change => {
    const found = nodes.filter(node => node.change === change).length;
    return found === 0 ? [] : [`${found} ${WORD[change]}`];
  });
  return `Total: ${plural(nodes.length, 'node')}, ${counts.join(', ')}`;
}
