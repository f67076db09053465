import { canonicalJson } from '../core/canonical-json.ts';
import type { Json } from '../core/json.ts';
import type { PlanInputs } from '../core/plan/plan-fingerprint.ts';
import { ToolError } from '../diagnostics/tool-error.ts';

/** What changed since a plan was made, each as a short phrase: definitions, parameters, the profile, production. */
export function findStale(planned: PlanInputs, now: PlanInputs): readonly string[] {
  return [
    ...changedDefinitions(planned, now),
    ...(same(planned.parameters, now.parameters) ? [] : ['the parameters changed']),
    ...(planned.profile?.sha256 === now.profile?.sha256 ? [] : [profileChange(planned, now)]),
    ...productionChange(planned, now),
  ];
}

/** Refuses an apply of what is no longer what was planned. */
export function staleError(environment: string, stale: readonly string[]): ToolError {
  return new ToolError('stale', `Plan is stale: ${stale.join('; ')}. Run 'seeknal env plan ${environment}' to refresh.`, {
    hint: 'Or pass --force to apply the plan as it was made.',
  });
}

function changedDefinitions(planned: PlanInputs, now: PlanInputs): readonly string[] {
  const ids = [...new Set([...Object.keys(planned.definitions), ...Object.keys(now.definitions)])].sort();
  return ids.flatMap(id => {
    const [was, is] = [planned.definitions[id], now.definitions[id]];
    if (was === undefined) return [`${id} was added`];
    if (is === undefined) return [`${id} was removed`];
    return same(was, is) ? [] : [`${id} changed`];
  });
}

function profileChange(planned: PlanInputs, now: PlanInputs): string {
  const path = planned.profile?.path ?? now.profile?.path ?? 'the profile';
  return now.profile === null ? `profile ${path} is gone` : `profile ${path} changed`;
}

function productionChange(planned: PlanInputs, now: PlanInputs): readonly string[] {
  if (same(planned.base, now.base)) return [];
  const was = planned.base === null ? 'nothing' : `generation ${planned.base.serial}`;
  const is = now.base === null ? 'nothing' : `generation ${now.base.serial}`;
  return [`production moved on from ${was} to ${is}`];
}

const same = (a: Json, b: Json): boolean => canonicalJson(a) === canonicalJson(b);
