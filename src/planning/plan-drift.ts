import { canonicalJson } from '../core/canonical-json.ts';
import type { Json, JsonObject } from '../core/json.ts';
import type { PlanInputs } from '../core/plan/plan-fingerprint.ts';
import { ToolError } from '../diagnostics/tool-error.ts';

/** Lists what changed since a plan was made, as short phrases: definitions, parameters, the profile, production. */
export function findStale(planned: PlanInputs, now: PlanInputs): readonly string[] {
  return [
    ...changedDefinitions(planned, now),
    ...changedVariables(planned, now),
    ...(planned.profile?.sha256 === now.profile?.sha256 ? [] : [profileChange(planned, now)]),
    ...productionChange(planned, now),
  ];
}

/** The error for applying a stale plan. */
export function staleError(environment: string, stale: readonly string[]): ToolError {
  return new ToolError(
    'stale',
    `Plan is stale: ${stale.join('; ')}. Run 'seeknal env plan ${environment}' to refresh.`,
    {
      hint: 'Or pass --force to apply the plan as it was made.',
    },
  );
}

function changedDefinitions(planned: PlanInputs, now: PlanInputs): readonly string[] {
  const ids = [...new Set([...Object.keys(planned.definitions), ...Object.keys(now.definitions)])].sort();
  return ids.flatMap(id => {
    const [was, is] = [planned.definitions[id], now.definitions[id]];
    if (was === undefined) return [`${id} was added`];
    if (is === undefined) return [`${id} was removed`];
    return same(was, is) ? [] : [changeOf(id, was, is)];
  });
}

/** Phrase for a changed definition: the document changed, or the values of some parameters did. */
function changeOf(id: string, was: Json, is: Json): string {
  const { document: before, values: given } = was as JsonObject;
  const { document: after, values: taken } = is as JsonObject;
  if (!same(before ?? null, after ?? null)) return `${id} changed`;
  const names = differing(given as JsonObject, taken as JsonObject);
  return `parameter ${names.join(', ')} of ${id} changed`;
}

function changedVariables(planned: PlanInputs, now: PlanInputs): readonly string[] {
  const variablesOf = (inputs: PlanInputs, id: string) => inputs.parameters[id]?.variables;
  const nodes = Object.keys(planned.parameters).filter(id => variablesOf(now, id) !== undefined);
  const names = nodes.flatMap(id => differing(variablesOf(planned, id) ?? {}, variablesOf(now, id) ?? {}));
  return [...new Set(names)].sort().map(name => `the environment variable ${name} changed`);
}

function differing(was: JsonObject, is: JsonObject): readonly string[] {
  const names = [...new Set([...Object.keys(was), ...Object.keys(is)])].sort();
  return names.filter(name => !same(was[name] ?? null, is[name] ?? null));
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
