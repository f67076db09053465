import type { NodeStatus, RunDocument, RunNode } from '../core/documents/run-document.ts';
import { alignColumns, plural } from './text/columns.ts';
import type { Style } from './text/style.ts';
import { targetLines } from './target-lines.ts';
import { singleLine } from './text/text-width.ts';

/** How to render a run, an apply or a promotion. */
export interface RunViewOptions {
  readonly style: Style;
  /** Whether to show reused nodes and every reason. */
  readonly verbose: boolean;
  readonly command: 'run' | 'apply' | 'promote';
  /** The promoted environment. */
  readonly from?: string;
  /** Files of the target that a promotion changes. */
  readonly files?: readonly string[];
  /** The heading of a preview, instead of the one for a dry run. */
  readonly preview?: string;
}

const MOST_FILES = 40;

/** Renders the result or the preview of a run, an apply or a promotion; each line ends with a newline. */
export function renderRun(document: RunDocument, options: RunViewOptions): string {
  const { style, verbose } = options;
  const dry = document.dry_run === true;
  const listed = document.nodes.filter(node => verbose || stateOf(node) !== 'unchanged');
  const lines = nodeLines(listed, { dry, verbose, style });
  const targets = targetLines(document, { style, how: retryOf(document, options) });
  if (document.status === 'nothing_to_do')
    return toText([...(verbose ? lines : []), `${style.good('✓')} ${nothing(options)}`, ...targets]);
  const head = dry ? [`${style.note('ℹ')} ${options.preview ?? 'Dry run: nothing is written.'}`] : [];
  return toText([...head, ...lines, ...fileLines(options.files ?? []), ...targets, closingLine(document, options)]);
}

/** The command that writes the targets that are behind. */
function retryOf({ environment }: RunDocument, { command, from }: RunViewOptions): string {
  if (command === 'promote')
    return `seeknal env promote ${from}${environment === null ? '' : ` ${environment}`} --rematerialize`;
  return environment === null ? 'seeknal run' : `seeknal env apply ${environment}`;
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
    label[stateOf(node)],
    node.rows === null ? '' : plural(node.rows, 'row'),
    node.seconds === null ? '' : `${node.seconds.toFixed(2)}s`,
    needsReason(node, dry || verbose) ? singleLine(reasonOf(node)) : '',
  ]);
  return alignColumns(cells, '  ').map((line, index) => paint(line, nodes[index], style));
}

/** The lines of the targets say why they failed. */
const reasonOf = ({ error, reason, targets }: RunNode): string =>
  error?.code === 'target-failed'
    ? `${plural(targets.filter(({ status }) => status === 'failed').length, 'external target')} failed`
    : (error?.message ?? reason);

const needsReason = (node: RunNode, wanted: boolean): boolean =>
  wanted || !['executed', 'reused', 'promoted'].includes(node.status);

/** The state of a node for people; for a node that did not run, whether its output changed. */
type NodeState = Exclude<NodeStatus, 'reused'> | 'updated' | 'unchanged' | 'verify';

function stateOf({ status, changed, verify }: RunNode): NodeState {
  if (verify === true) return 'verify';
  if (changed && (status === 'reused' || status === 'cut_off')) return 'updated';
  return status === 'reused' ? 'unchanged' : status;
}

const DID: Readonly<Record<NodeState, string>> = {
  executed: 'executed',
  updated: 'updated',
  verify: 'to verify',
  unchanged: 'unchanged',
  cut_off: 'cut off',
  failed: 'failed',
  skipped: 'skipped',
  promoted: 'promoted',
  removed: 'removed',
};
const WOULD: Readonly<Record<NodeState, string>> = {
  executed: 'would run',
  updated: 'would be updated',
  verify: 'would be verified',
  unchanged: 'would stay unchanged',
  cut_off: 'would be cut off',
  failed: 'would fail',
  skipped: 'would be skipped',
  promoted: 'would be promoted',
  removed: 'would be removed',
};

function paint(line: string, node: RunNode | undefined, style: Style): string {
  const status = node && stateOf(node);
  if (status === 'failed') return style.bad(line);
  if (status === 'skipped' || status === 'removed') return style.caution(line);
  return status === 'unchanged' || status === 'cut_off' ? style.faint(line) : line;
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
    return `${style.bad('✗')} ${failure(document, options)}: ${counts}. Successful results are kept for the next run.`;
  if (dry) return `  ${counts}`;
  return `${style.good('✓')} ${success(document, options)}: ${counts}`;
}

function success(document: RunDocument, options: RunViewOptions): string {
  if (options.command === 'run') return 'Run complete';
  if (options.command === 'apply') return `Environment '${document.environment}' applied`;
  if (document.serial === null) return 'External targets are up to date';
  return `Promoted '${options.from}' to ${document.environment === null ? 'production' : `'${document.environment}'`}`;
}

function failure(document: RunDocument, { command }: RunViewOptions): string {
  return command === 'run'
    ? 'Run failed'
    : `${command === 'apply' ? 'Apply of' : 'Promotion to'} '${document.environment}' failed`;
}

const ORDER: readonly NodeState[] = [
  'failed',
  'skipped',
  'executed',
  'promoted',
  'verify',
  'updated',
  'cut_off',
  'unchanged',
  'removed',
];

function countsOf(nodes: readonly RunNode[], dry: boolean): string {
  const counted = ORDER.map(state => [state, nodes.filter(node => stateOf(node) === state).length] as const);
  const words = counted
    .filter(([, count]) => count > 0)
    .map(([state, count]) => `${count} ${dry ? PLANNED[state] : DID[state]}`);
  return words.length === 0 ? '0 nodes' : words.join(', ');
}

const PLANNED: Readonly<Record<NodeState, string>> = {
  ...DID,
  executed: 'to run',
  updated: 'to update',
  promoted: 'to promote',
  removed: 'to remove',
};

const toText = (lines: readonly string[]): string => `${lines.join('\n')}\n`;
