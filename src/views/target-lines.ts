import type { RunDocument, RunTarget } from '../core/documents/run-document.ts';
import { plural } from './text/columns.ts';
import type { Style } from './text/style.ts';
import { singleLine } from './text/text-width.ts';

export interface TargetLinesOptions {
  readonly style: Style;
  /** The command that brings targets up to date. */
  readonly how: string;
}

/** The external targets of a result: what was written, what failed, and what is behind. */
export function targetLines(document: RunDocument, { style, how }: TargetLinesOptions): readonly string[] {
  const targets = document.nodes.flatMap(({ id, targets: own }) => own.map(target => ({ id, ...target })));
  const lines = targets.map(target => targetLine(target, style));
  const behind = targets.filter(({ status }) => status === 'behind').length;
  if (behind === 0 || document.dry_run === true) return lines;
  const what = behind === 1 ? 'it' : 'them';
  return [...lines, `${style.note('ℹ')} ${plural(behind, 'target')} behind; '${how}' writes ${what}.`];
}

function targetLine(
  { id, type, physical, status, rows, seconds, error }: RunTarget & { readonly id: string },
  style: Style,
): string {
  const label = singleLine(`${id} → ${type} ${physical}`);
  if (status === 'written')
    return `  ${style.good('✓')} ${[label, plural(rows ?? 0, 'row'), ...secondsOf(seconds)].join('   ')}`;
  if (status === 'failed') return style.bad(`  ✗ ${label}: ${singleLine(error?.message ?? 'failed')}`);
  return style.caution(`  ${status === 'behind' ? 'behind' : 'skipped'}: ${label}`);
}

const secondsOf = (seconds: number | null): readonly string[] => (seconds === null ? [] : [`${seconds.toFixed(2)}s`]);
