import { type Diagnostic, diagnostic } from '../../diagnostics/diagnostic.ts';
import { ToolError } from '../../diagnostics/tool-error.ts';
import type { TakenBack } from './revert-guard.ts';

const MOST_NODES = 12;

/** `would undo generation 4 (promote, ana): transform.m (column x)`; one clause for each generation. */
export function describeTakenBack(found: readonly TakenBack[]): string {
  const serials = [...new Set(found.map(({ serial }) => serial))];
  return serials.map(serial => clauseOf(found.filter(entry => entry.serial === serial))).join('; ');
}

function clauseOf(entries: readonly TakenBack[]): string {
  const [first] = entries;
  const named = entries.slice(0, MOST_NODES).map(({ node, lost }) => `${node}${partsOf(lost)}`);
  const more = entries.length > MOST_NODES ? ` and ${entries.length - MOST_NODES} more` : '';
  return `would undo generation ${first?.serial} (${first?.cause}, ${first?.by}): ${named.join(', ')}${more}`;
}

const partsOf = (lost: readonly string[]): string => (lost.length === 0 ? '' : ` (${lost.join(', ')})`);

/** Warnings for a plan, one per generation. */
export function takenBackWarnings(found: readonly TakenBack[]): readonly Diagnostic[] {
  const serials = [...new Set(found.map(({ serial }) => serial))];
  return serials.map(serial => {
    const entries = found.filter(entry => entry.serial === serial);
    const only = entries.length === 1 ? entries[0]?.node : undefined;
    return diagnostic({
      code: 'takes-back',
      severity: 'warning',
      message: `This ${clauseOf(entries)}.`,
      hint: hintOf(entries),
      ...(only === undefined ? {} : { node: only }),
    });
  });
}

/** The error for undoing a change without consent. */
export const takesBack = (found: readonly TakenBack[]): ToolError =>
  new ToolError('takes-back', `This ${describeTakenBack(found)}.`, { hint: hintOf(found) });

/** Updating the files does not help if only data would change. */
const hintOf = (found: readonly TakenBack[]): string =>
  found.every(({ lost }) => lost.every(part => part === 'its data'))
    ? 'Pass --allow-revert to run or promote if that is intended.'
    : 'Update the files to match production, or pass --allow-revert to run or promote if that is intended.';
