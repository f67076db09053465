import type { FreshnessRule, SourceNode } from '../../../core/definition/nodes/node.ts';
import { ToolError } from '../../../diagnostics/tool-error.ts';
import type { NewestValue } from './newest-value.ts';

/** Warnings about the age of a source's newest row; an empty source is too old. Throws `source-stale`. */
export function checkFreshness(source: SourceNode, rule: FreshnessRule, newest: NewestValue | null): readonly string[] {
  const age = newest?.age ?? Infinity;
  const limit = [rule.errorAfter, rule.warnAfter].find(after => after !== null && age > after);
  if (limit === undefined || limit === null) return [];
  const key = limit === rule.errorAfter ? 'error_after' : 'warn_after';
  const text = `${source.id} is not fresh: ${said(rule, newest)} (${key}: ${duration(limit)}).`;
  if (key === 'warn_after') return [text];
  throw new ToolError('source-stale', text, {
    hint: `Load newer rows into the table, or raise \`freshness.error_after\` in ${source.file}.`,
  });
}

const said = ({ timeColumn }: FreshnessRule, newest: NewestValue | null): string =>
  newest === null
    ? `no row has a time in '${timeColumn}'`
    : `the newest '${timeColumn}' is ${newest.text}, ${duration(newest.age ?? 0)} ago`;

const UNITS = [
  ['day', 86_400_000],
  ['hour', 3_600_000],
  ['minute', 60_000],
  ['second', 1000],
] as const;

/** The two largest units, such as `3 days 2 hours`. */
function duration(milliseconds: number): string {
  let rest = milliseconds;
  const parts = UNITS.flatMap(([unit, size]) => {
    const count = Math.floor(rest / size);
    rest -= count * size;
    return count === 0 ? [] : [`${count} ${unit}${count === 1 ? '' : 's'}`];
  });
  return parts.slice(0, 2).join(' ') || '0 seconds';
}
