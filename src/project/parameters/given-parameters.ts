import type { JsonObject } from '../../core/json.ts';
import type { NodeId } from '../../core/definition/nodes/node.ts';
import type { NodeParameters } from '../../core/parameters/node-parameters.ts';
import { parseOverride } from '../../core/parameters/parse-override.ts';
import type { Generation } from '../../core/state/generation.ts';
import type { World } from '../../core/world.ts';
import { type Diagnostic, diagnostic } from '../../diagnostics/diagnostic.ts';
import { didYouMean } from '../../diagnostics/suggest.ts';
import { ToolError } from '../../diagnostics/tool-error.ts';
import type { DesiredNode } from '../../core/definition/nodes/desired-node.ts';

/** Flags that set parameters. */
export interface ParameterOptions {
  /** `name=value`. */
  readonly params?: readonly string[];
  /** `YYYY-MM-DD`. */
  readonly date?: string;
}

/** Parameter values from outside the definitions. */
export interface GivenParameters {
  /** Value of `{{ today }}`. */
  readonly date: string;
  /** `--params`, as given. */
  readonly overrides: JsonObject;
}

/** The parameters of each node: nodes of one project may be built on different days. */
export type ParametersOf = (id: NodeId) => GivenParameters;

/** The parameters of a run: today's date unless given. Throws `bad-option`. */
export function freshParameters(world: Pick<World, 'now'>, options: ParameterOptions): GivenParameters {
  return { date: dateOf(world, options.date), overrides: overridesOf(options.params ?? []) };
}

/** The parameters that each node of production was built with, overridden by flags; fresh ones with `refresh`. */
export function environmentParameters(
  world: Pick<World, 'now'>,
  options: ParameterOptions & { readonly refresh?: boolean },
  production: Generation | null,
): ParametersOf {
  const fresh = freshParameters(world, options);
  if (production === null || options.refresh === true) return () => fresh;
  const pinned = pinnedParameters(production.nodes, production.at.slice(0, 10));
  return id => {
    const { date, overrides } = pinned(id);
    return {
      date: options.date === undefined ? date : fresh.date,
      overrides: { ...overrides, ...fresh.overrides },
    };
  };
}

/** The parameters that each node of production was built with; `fresh` ones for other nodes. */
export function keptParameters(fresh: GivenParameters, production: Generation | null): ParametersOf {
  const known = new Map((production?.nodes ?? []).map(({ id, parameters }) => [id, parameters ?? {}]));
  return id => {
    const kept = known.get(id);
    return kept ? { date: kept.date ?? fresh.date, overrides: kept.overrides ?? {} } : fresh;
  };
}

interface Built {
  readonly id: NodeId;
  readonly parameters?: NodeParameters;
}

/** The parameters that each node was built with. A node without a date gets the latest date of the others, or `day`. */
export function pinnedParameters(nodes: readonly Built[], day: string): ParametersOf {
  const known = new Map(nodes.map(({ id, parameters }) => [id, parameters]));
  const dates = nodes.flatMap(({ parameters }) => parameters?.date ?? []);
  const latest = dates.toSorted().at(-1) ?? day;
  return id => ({ date: known.get(id)?.date ?? latest, overrides: known.get(id)?.overrides ?? {} });
}

/** Warns about given parameters that no node uses, which are probably typing errors. */
export function unusedParameters(
  options: ParameterOptions,
  nodes: readonly DesiredNode[],
  what = 'node',
): readonly Diagnostic[] {
  const used = [...new Set(nodes.flatMap(node => Object.keys(node.values)))];
  const uses = (name: string): boolean => used.some(other => other === name || other.startsWith(`${name}.`));
  return Object.keys(overridesOf(options.params ?? []))
    .filter(name => !uses(name))
    .map(name =>
      diagnostic({
        code: 'unused-parameter',
        severity: 'warning',
        message: `--params ${name}: no ${what} uses this parameter.`,
        hint: didYouMean(name, nodes.flatMap(namesOf)),
      }),
    );
}

const namesOf = ({ resolved, values }: DesiredNode): readonly string[] => [
  ...Object.keys(values),
  ...Object.keys(resolved.node.params),
];

function dateOf(world: Pick<World, 'now'>, date: string | undefined): string {
  if (date === undefined) return utcDate(world.now());
  const time = /^\d{4}-\d{2}-\d{2}$/.test(date) ? Date.parse(`${date}T00:00:00Z`) : Number.NaN;
  if (!Number.isNaN(time) && utcDate(new Date(time)) === date) return date;
  throw new ToolError('bad-option', `--date takes a date such as 2026-01-31, not '${date}'.`);
}

/** `YYYY-MM-DD`. */
export const utcDate = (now: Date): string => now.toISOString().slice(0, 10);

function overridesOf(texts: readonly string[]): JsonObject {
  const entries = texts.map(text => {
    const parsed = parseOverride(text);
    if (parsed) return [parsed.name, parsed.value] as const;
    throw new ToolError('bad-option', `--params takes name=value, not '${text}'.`);
  });
  return Object.fromEntries(entries);
}
