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
  const dry = document.dry_run === true;
  const lines = targets.map(target => targetLine(target, { style, dry }));
  const behind = targets.filter(({ status }) => status === 'behind').length;
  if (behind === 0 || dry) return lines;
  const what = behind === 1 ? 'it' : 'them';
  return [...lines, `${style.note('ℹ')} ${plural(behind, 'target')} behind; '${how}' writes ${what}.`];
}

function targetLine(
  { id, type, physical, status, rows, seconds, error, steps = [] }: RunTarget & { readonly id: string },
  { style, dry }: { readonly style: Style; readonly dry: boolean },
): string {
  const label = singleLine(`${id} → ${type} ${physical}`);
  if (status === 'written' && dry)
    return singleLine(`  would be written: ${[label, ...(steps.length > 0 ? [steps.join('; ')] : [])].join(': ')}`);
  if (status === 'written')
    return `  ${style.good('✓')} ${[label, plural(rows ?? 0, 'row'), ...secondsOf(seconds)].join('   ')}`;
  if (status === 'failed') return style.bad(`  ✗ ${label}: ${singleLine(error?.message ?? 'failed')}`);
  const why = error === null ? '' : `: ${singleLine(error.message)}`;
  return style.caution(`  ${status}: ${label}${why}`);
}

const secondsOf = (seconds: number | null): readonly string[] => (seconds === null ? [] : [`${seconds.toFixed(2)}s`]);
