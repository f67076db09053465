import type { NodeStatus, RunDocument, RunNode } from '../core/documents.ts';
import { alignColumns, plural } from './columns.ts';
import type { Style } from './style.ts';
import { singleLine } from './text-width.ts';

export interface RunViewOptions {
  readonly style: Style;
  /** Reused nodes too, and every reason. */
  readonly verbose: boolean;
  readonly command: 'run' | 'apply' | 'promote';
  /** The environment that is promoted. */
  readonly from?: string;
  /** Files of the target's view that a promotion changes. */
  readonly files?: readonly string[];
  /** What stands above a preview, in place of the words for a dry run. */
  readonly preview?: string;
}

const MOST_FILES = 40;

/** What a run, an apply or a promotion did or would do, for people; each line ended. */
export function renderRun(document: RunDocument, options: RunViewOptions): string {
  const { style, verbose } = options;
  const dry = document.dry_run === true;
  const listed = document.nodes.filter(node => verbose || node.status !== 'reused');
  const lines = nodeLines(listed, { dry, verbose, style });
  if (document.status === 'nothing_to_do')
    return toText([...(verbose ? lines : []), `${style.good('✓')} ${nothing(options)}`]);
  const head = dry ? [`${style.note('ℹ')} ${options.preview ?? 'Dry run: nothing is written.'}`] : [];
  return toText([...head, ...lines, ...fileLines(options.files ?? []), closingLine(document, options)]);
}

function nothing({ command, from }: RunViewOptions): string {
  if (command === 'run') return 'No changes detected. Nothing to run.';
  return command === 'apply'
    ? 'No changes to apply.'
    : `Nothing to promote${from === undefined ? '' : ` from '${from}'`}.`;
}

interface NodeLines {
  readonly dry: boolean;
  readonly verbose: boolean;
  readonly style: Style;
}

function nodeLines(nodes: readonly RunNode[], { dry, verbose, style }: NodeLines): readonly string[] {
  const label = dry ? WOULD : DID;
  const cells = nodes.map(node => [
    node.id,
    label[node.status],
    node.rows === null ? '' : plural(node.rows, 'row'),
    node.seconds === null ? '' : `${node.seconds.toFixed(2)}s`,
    needsReason(node, dry || verbose) ? singleLine(node.error?.message ?? node.reason) : '',
  ]);
  return alignColumns(cells, '  ').map((line, index) => paint(line, nodes[index]?.status, style));
}

const needsReason = (node: RunNode, wanted: boolean): boolean =>
  wanted || !['executed', 'reused', 'promoted'].includes(node.status);

const DID: Readonly<Record<NodeStatus, string>> = {
  executed: 'executed',
  reused: 'reused',
  cut_off: 'cut off',
  failed: 'failed',
  skipped: 'skipped',
  promoted: 'promoted',
  removed: 'removed',
};
const WOULD: Readonly<Record<NodeStatus, string>> = {
  executed: 'would run',
  reused: 'would be reused',
  cut_off: 'would be cut off',
  failed: 'would fail',
  skipped: 'would be skipped',
  promoted: 'would be promoted',
  removed: 'would be removed',
};

function paint(line: string, status: NodeStatus | undefined, style: Style): string {
  if (status === 'failed') return style.bad(line);
  if (status === 'skipped' || status === 'removed') return style.caution(line);
  return status === 'reused' || status === 'cut_off' ? style.faint(line) : line;
}

function fileLines(files: readonly string[]): readonly string[] {
  if (files.length === 0) return [];
  const hidden = files.length - MOST_FILES;
  const more = hidden > 0 ? [`    … and ${hidden} more`] : [];
  return ['  Files:', ...files.slice(0, MOST_FILES).map(file => `    ${file}`), ...more];
}

function closingLine(document: RunDocument, options: RunViewOptions): string {
  const { style } = options;
  const dry = document.dry_run === true;
  const counts = countsOf(document.nodes, dry);
  if (document.status === 'failed')
    return `${style.bad('✗')} ${failure(document, options)}: ${counts}. What succeeded is kept for the next try.`;
  if (dry) return `  ${counts}`;
  return `${style.good('✓')} ${success(document, options)}: ${counts}`;
}

function success(document: RunDocument, options: RunViewOptions): string {
  if (options.command === 'run') return 'Run complete';
  if (options.command === 'apply') return `Environment '${document.environment}' applied`;
  return `Promoted '${options.from}' to ${document.environment === null ? 'production' : `'${document.environment}'`}`;
}

function failure(document: RunDocument, { command }: RunViewOptions): string {
  return command === 'run'
    ? 'Run failed'
    : `${command === 'apply' ? 'Apply of' : 'Promotion to'} '${document.environment}' failed`;
}

const ORDER: readonly NodeStatus[] = ['failed', 'skipped', 'executed', 'promoted', 'cut_off', 'reused', 'removed'];

function countsOf(nodes: readonly RunNode[], dry: boolean): string {
  const counted = ORDER.map(status => [status, nodes.filter(node => node.status === status).length] as const);
  const words = counted
    .filter(([, count]) => count > 0)
    .map(([status, count]) => `${count} ${dry ? PLANNED[status] : DID[status]}`);
  return words.length === 0 ? '0 nodes' : words.join(', ');
}

const PLANNED: Readonly<Record<NodeStatus, string>> = {
  ...DID,
  executed: 'to run',
  reused: 'to reuse',
  promoted: 'to promote',
  removed: 'to remove',
};

const toText = (lines: readonly string[]): string => `${lines.join('\n')}\n`;
