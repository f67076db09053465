import type { ColumnChanges, PlanDocument, PlanNode } from '../core/documents/plan-document.ts';
import { OUTDATED } from '../core/plan/evidence.ts';
import { mayMove } from '../core/plan/changes/moves.ts';
import { alignColumns } from './text/columns.ts';
import type { Style } from './text/style.ts';
import { singleLine } from './text/text-width.ts';

const RULE = '='.repeat(60);
const MOST_NODES = 40;
const MOST_NAMED = 5;

/** How to render a plan. */
export interface PlanViewOptions {
  readonly style: Style;
  /** Whether to show every node with its columns and evidence. */
  readonly verbose: boolean;
  /** The path of the saved plan from the project root; null if it was not saved. */
  readonly savedTo: string | null;
}

/** The line that announces a plan before it is made. */
export const renderPlanning = (environment: string | null, style: Style): string =>
  `${style.note('ℹ')} ${environment === null ? 'Planning production' : `Planning environment '${environment}'`}...\n\n`;

/** Renders a plan for people; each line ends with a newline. */
export function renderPlan(plan: PlanDocument, options: PlanViewOptions): string {
  const { style, verbose, savedTo } = options;
  const title = plan.environment === null ? 'Production Plan' : `Environment Plan: ${plan.environment}`;
  const head = [`${style.note('ℹ')} ${style.strong(title)}`, RULE];
  const saved = savedTo === null ? [] : [`${style.good('✓')} Plan saved to ${savedTo}`];
  const differs = plan.changed || plan.nodes.some(isChanged);
  if (!differs) {
    const all = verbose ? ['', ...nodeLines(plan.nodes, options)] : [];
    return toText([...head, `${style.good('✓')} No changes detected.`, ...pinnedLines(plan, style), ...all]);
  }
  const notes = noteLines(plan).map(line => `${style.note('ℹ')} ${line}`);
  const lines = [...summaryLines(plan), ...pinnedLines(plan, style), ...saved, ...notes];
  return toText([...head, ...lines, '', ...nodeLines(plan.nodes, options)]);
}

/** A note if sources have new data that the plan ignores. */
function pinnedLines({ nodes }: PlanDocument, style: Style): readonly string[] {
  const outdated = nodes.filter(node => node.evidence.includes(OUTDATED)).map(node => node.id);
  if (outdated.length === 0) return [];
  const rest = outdated.length > MOST_NAMED ? ` and ${outdated.length - MOST_NAMED} more` : '';
  const names = `${outdated.slice(0, MOST_NAMED).join(', ')}${rest}`;
  return [`${style.note('ℹ')} New data in ${names}: source data is pinned; --refresh reads it`];
}

/** The plan as a JSON document, without the internal record for apply. */
export function planJson(plan: PlanDocument): PlanDocument {
  const { record: _, ...document } = plan;
  return document;
}

/** Explains the counts: an environment is compared with production, and may already contain all changes. */
function noteLines({ changed, environment, nodes }: PlanDocument): readonly string[] {
  if (!changed) return [heldText(environment, nodes)];
  return nodes.some(mayMove) ? [] : [`No node of '${environment}' moves; an apply only records this plan.`];
}

function heldText(environment: string | null, nodes: readonly PlanNode[]): string {
  const behind = nodes.some(({ targets }) => targets.length > 0);
  if (environment === null) return 'No node moves; a run only writes the external targets that are behind.';
  const held = `Environment '${environment}' already holds these changes`;
  return behind
    ? `${held}; an apply only writes the external targets that are behind.`
    : `${held}; there is nothing to apply.`;
}

function summaryLines({ nodes, summary }: PlanDocument): readonly string[] {
  const counts: readonly (readonly [string, number])[] = [
    ['Non-breaking changes', summary.non_breaking],
    ['Breaking changes', summary.breaking],
    ['Metadata changes', summary.metadata],
    ['New nodes', summary.new],
    ['Removed nodes', summary.removed],
  ];
  const present = counts.filter(([, count]) => count > 0);
  const reached: readonly (readonly [string, number])[] = [
    ['Nodes to update without running', nodes.filter(node => actionOf(node) === 'update').length],
    ['Nodes to verify', summary.to_verify],
  ];
  const total = ['Total nodes to execute', summary.to_execute] as const;
  return [...present, ...reached.filter(([, count]) => count > 0), total].map(
    ([label, count]) => `  ${label}: ${count}`,
  );
}

/** Whether a plan shows a node by default. */
export const isChanged = (node: PlanNode): boolean =>
  node.change !== 'none' || node.action !== 'reuse' || node.targets.length > 0 || mayMove(node);

function nodeLines(nodes: readonly PlanNode[], { style, verbose }: PlanViewOptions): readonly string[] {
  const wanted = verbose ? nodes : nodes.filter(isChanged);
  const shown = verbose ? wanted : wanted.slice(0, MOST_NODES);
  const rows = alignColumns(
    shown.map(node => [`${SIGN[node.change]} ${node.id}`, categoryOf(node), actionOf(node), singleLine(node.reason)]),
    '  ',
  );
  const painted = rows.map((row, index) => paint(row, shown[index], style));
  const details = verbose ? detailLines : lossLines;
  const lines = painted.flatMap((row, index) => [row, ...details(shown[index]), ...targetLines(shown[index])]);
  const hidden = wanted.length - shown.length;
  return hidden > 0 ? [...lines, `  … and ${hidden} more; -v shows all`] : lines;
}

const SIGN = { new: '+', modified: '~', removed: '-', none: ' ' } as const;
const CATEGORY = { breaking: 'breaking', non_breaking: 'non-breaking', metadata: 'metadata' } as const;

const categoryOf = (node: PlanNode): string => (node.category === null ? '' : CATEGORY[node.category]);

function actionOf(node: PlanNode): string {
  if (node.action !== 'reuse') return node.action;
  if (node.verify) return 'verify';
  return node.moves ? 'update' : 'reuse';
}

function paint(row: string, node: PlanNode | undefined, style: Style): string {
  if (node?.category === 'breaking') return style.caution(row);
  return node && !isChanged(node) ? style.faint(row) : row;
}

/** The external targets that an apply writes, by their physical names. */
const targetLines = (node: PlanNode | undefined): readonly string[] =>
  (node?.targets ?? []).map(({ type, physical, steps = [] }) =>
    singleLine(`      → ${type} ${physical}${steps.length > 0 ? `: ${steps.join('; ')}` : ''}`),
  );

/** Always shows the columns that a source loses, because an edit of its file or options may remove them unnoticed. */
function lossLines(node: PlanNode | undefined): readonly string[] {
  if (!node?.id.startsWith('source.') || node.change !== 'modified' || node.columns === null) return [];
  const { removed, retyped } = node.columns;
  return changeLines({ added: [], removed, retyped, changed: [] }).map(line => `      ${singleLine(line)}`);
}

function detailLines(node: PlanNode | undefined): readonly string[] {
  if (!node) return [];
  const rows = node.rows_changed === true ? ['rows may differ'] : [];
  const evidence = node.evidence.length > 0 ? [`evidence: ${node.evidence.join('; ')}`] : [];
  const schema = node.schema
    ? [`columns: ${node.schema.map(column => `${column.name} ${column.type}`).join(', ')}`]
    : [];
  return [...changeLines(node.columns), ...rows, ...evidence, ...schema].map(line => `      ${singleLine(line)}`);
}

function changeLines(columns: ColumnChanges | null): readonly string[] {
  if (columns === null) return [];
  const list = (label: string, names: readonly string[]) => (names.length > 0 ? [`${label}: ${names.join(', ')}`] : []);
  return [
    ...list('added', columns.added),
    ...list('removed', columns.removed),
    ...list(
      'retyped',
      columns.retyped.map(({ name, from, to }) => `${name} ${from} → ${to}`),
    ),
    ...list('values may differ', columns.changed),
  ];
}

const toText = (lines: readonly string[]): string => `${lines.join('\n')}\n`;
