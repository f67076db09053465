import { targetLines } from './target-lines.ts';
import type { RollbackDocument } from '../app/environments/rollback.ts';
import type { RunNode } from '../core/documents/run-document.ts';
import { alignColumns, plural } from './text/columns.ts';
import type { Style } from './text/style.ts';

/** Renders the result or the preview of a rollback; each line ends with a newline. */
export function renderRollback(document: RollbackDocument, style: Style): string {
  const { environment, rolled_back_from: from, rolled_back_to: to, dry_run: dry } = document;
  const name = environment === null ? 'production' : `'${environment}'`;
  if (document.status === 'nothing_to_do') {
    const where = from === to ? `at ${to}` : `at ${from}, which equals ${to}`;
    return `${style.good('✓')} Nothing to roll back: ${name} is ${where}.\n`;
  }
  const nodes = document.nodes.filter(node => node.status !== 'reused');
  const lines = alignColumns(
    nodes.map(node => cells(node, dry === true, to)),
    '  ',
  );
  const argument = environment === null ? '' : ` ${environment}`;
  const targets = targetLines(document, { style, how: `seeknal env rollback${argument} --to ${to} --rematerialize` });
  if (dry === true) {
    const head = `${style.note('ℹ')} Rolling ${name} back from generation ${from} to ${to} changes:`;
    return [head, ...(lines.length === 0 ? ['  no node'] : lines), ...targets, ''].join('\n');
  }
  return [...lines, ...targets, closingLine(document, `${plural(nodes.length, 'node')} changed`, style), ''].join('\n');
}

function closingLine(document: RollbackDocument, changes: string, style: Style): string {
  const { environment, serial, rolled_back_to: to } = document;
  const of = environment === null ? '' : ` of '${environment}'`;
  const said =
    serial === null
      ? `Generation ${to}${of} stays`
      : `Restored generation ${to}${of} as generation ${serial}: ${changes}`;
  if (document.status === 'failed') return `${style.bad('✗')} ${said}; not all external targets were written.`;
  return `${style.good('✓')} ${said}${serial === null ? '; external targets are up to date' : ''}.`;
}

function cells({ id, status, rows }: RunNode, dry: boolean, to: number): readonly string[] {
  if (status === 'removed') return [id, dry ? 'would be removed' : 'removed'];
  return [
    id,
    `${dry ? 'would be restored' : 'restored'} from generation ${to}`,
    rows === null ? '' : plural(rows, 'row'),
  ];
}
