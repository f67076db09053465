import type { Json, JsonObject } from '../core/json.ts';
import type { ParameterContext, UsedParameter } from '../core/parameters/parameter-scope.ts';
import { redactDiagnostic, secretsOf } from '../core/parameters/redact.ts';
import { parseOverride } from '../core/parameters/parse-override.ts';
import type { NodeId, Project, ProjectNode } from '../core/definition/nodes/node.ts';
import { resolveSource } from '../core/definition/nodes/resolve-source.ts';
import { resolveSql } from '../core/definition/sql/resolve-sql.ts';
import { type Diagnostic, diagnostic } from '../diagnostics/diagnostic.ts';
import { didYouMean } from '../diagnostics/suggest.ts';
import { ToolError } from '../diagnostics/tool-error.ts';
import type { Generation } from '../core/state/generation.ts';
import type { NodeParameters } from '../core/parameters/node-parameters.ts';
import type { ResolvedNode } from '../core/definition/nodes/desired-node.ts';
import type { DesiredNode } from '../core/definition/nodes/desired-node.ts';
import type { World } from '../core/world.ts';

/** Flags that decide parameters. */
export interface ParameterOptions {
  /** `name=value`. */
  readonly params?: readonly string[];
  /** `YYYY-MM-DD`. */
  readonly date?: string;
}

/** What decides a node's parameters beside the definitions themselves. */
export interface GivenParameters {
  /** What `{{ today }}` is. */
  readonly date: string;
  /** `--params`, as given. */
  readonly overrides: JsonObject;
}

/** What each node is given: nodes of one project may be built on different days. */
export type ParametersOf = (id: NodeId) => GivenParameters;

/** Today's parameters, as a run takes them. */
export function freshParameters(world: World, options: ParameterOptions): GivenParameters {
  return { date: dateOf(world, options.date), overrides: overridesOf(options.params ?? []) };
}

/** Those that each node of production was built with, unless flags say otherwise. */
export function environmentParameters(
  world: World,
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

/** Those that each node of production was built with; what is not in production gets the given ones. */
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

/** What each node was built with. One that is new, or did not ask for the day, gets the latest day of the others. */
export function pinnedParameters(nodes: readonly Built[], day: string): ParametersOf {
  const known = new Map(nodes.map(({ id, parameters }) => [id, parameters]));
  const dates = nodes.flatMap(({ parameters }) => parameters?.date ?? []);
  const latest = dates.toSorted().at(-1) ?? day;
  return id => ({ date: known.get(id)?.date ?? latest, overrides: known.get(id)?.overrides ?? {} });
}

/** All nodes of a project with nothing left to fill in; what cannot be is listed. */
export function resolveProject(
  project: Project,
  parametersOf: ParametersOf,
  world: World,
): { readonly nodes: readonly DesiredNode[]; readonly diagnostics: readonly Diagnostic[] } {
  const known = project.nodes.map(node => node.id);
  const outcomes = project.nodes.map(node =>
    resolveNode(node, contextOf(parametersOf(node.id), world, project.common), known),
  );
  return {
    nodes: outcomes.flatMap(outcome => outcome.node ?? []),
    diagnostics: outcomes.flatMap(outcome => outcome.diagnostics),
  };
}

/** A parameter that was given and that no node uses is likely a slip of the hand. */
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
        message: `--params ${name}: no ${what} uses a parameter of this name.`,
        hint: didYouMean(name, nodes.flatMap(namesOf)),
      }),
    );
}

const namesOf = ({ resolved, values }: DesiredNode): readonly string[] => [
  ...Object.keys(values),
  ...Object.keys(resolved.node.params),
];

/** Nodes without a mistake that their output depends on: what is found in the others would only follow from it. */
export function soundNodes(nodes: readonly DesiredNode[], found: readonly Diagnostic[]): readonly DesiredNode[] {
  const broken = new Set(
    found.filter(entry => entry.severity === 'error' && entry.aside !== true).map(entry => entry.node),
  );
  return nodes.filter(node => !broken.has(node.resolved.node.id));
}

/** One node; null where a diagnostic is an error. */
export function resolveNode(
  node: ProjectNode,
  context: ParameterContext,
  known: readonly NodeId[],
): { readonly node: DesiredNode | null; readonly diagnostics: readonly Diagnostic[] } {
  const { resolved, used, diagnostics } = fillIn(node, context, known);
  return {
    node: resolved && { resolved, values: givenValues(used), parameters: nodeParameters(context.date, used) },
    diagnostics,
  };
}

interface Filled {
  readonly resolved: ResolvedNode | null;
  readonly used: readonly UsedParameter[];
  readonly diagnostics: readonly Diagnostic[];
}

function fillIn(node: ProjectNode, context: ParameterContext, known: readonly NodeId[]): Filled {
  if (node.kind === 'source') {
    const { node: source, used, diagnostics } = resolveSource(node, context);
    const secrets = secretsOf(used, context.environment);
    return {
      resolved: source && { kind: 'source', node: { ...source, secrets } },
      used,
      diagnostics: diagnostics.map(entry => redactDiagnostic(entry, secrets)),
    };
  }
  const { sql, used, diagnostics } = resolveSql(node, context, known);
  const secrets = secretsOf(used, context.environment);
  return {
    resolved: sql && { kind: 'query', node: { ...node, secrets }, sql },
    used,
    diagnostics: diagnostics.map(entry => redactDiagnostic(entry, secrets)),
  };
}

export const contextOf = (
  parameters: GivenParameters,
  world: World,
  common: Readonly<Record<string, Json>>,
): ParameterContext => ({
  date: parameters.date,
  environment: world.variables,
  overrides: parameters.overrides,
  common,
});

/** Values that stand outside the node's own definition: these are stored with it, and a change of one is a change. */
function givenValues(used: readonly UsedParameter[]): JsonObject {
  const outside = used.filter(({ origin }) => origin === 'override' || origin === 'common');
  return inOrder(outside.map(({ name, given }) => [name, given] as const));
}

function inOrder<T>(entries: readonly (readonly [string, T])[]): Readonly<Record<string, T>> {
  return Object.fromEntries(entries.toSorted(([a], [b]) => (a < b ? -1 : 1)));
}

function nodeParameters(date: string, used: readonly UsedParameter[]): NodeParameters {
  const overrides = used.filter(({ origin }) => origin === 'override').map(({ name, given }) => [name, given] as const);
  const variables = used
    .filter(({ origin }) => origin === 'variable')
    .map(({ name, value }) => {
      const { sha256 } = value as { readonly sha256: string };
      return [name.slice('env:'.length), sha256] as const;
    });
  return {
    ...(used.some(({ origin }) => origin === 'date') ? { date } : {}),
    ...(overrides.length > 0 ? { overrides: inOrder(overrides) } : {}),
    ...(variables.length > 0 ? { variables: inOrder(variables) } : {}),
  };
}

export interface StoredNode {
  readonly values: JsonObject;
  readonly parameters: NodeParameters;
}

/** A stored definition, filled in with what it was built with. Throws `variable-changed` where that is no longer known. */
export function resolveStored(node: ProjectNode, stored: StoredNode, world: World): DesiredNode {
  const date = stored.parameters.date ?? utcDate(world.now());
  // A value that was given under a path is looked up under that very path.
  const context: ParameterContext = { date, environment: world.variables, overrides: stored.values, common: {} };
  const { resolved, used, diagnostics } = fillIn(node, context, []);
  const parameters = nodeParameters(date, used);
  const variables = Object.keys(stored.parameters.variables ?? {});
  const changed = variables.filter(name => parameters.variables?.[name] !== stored.parameters.variables?.[name]);
  if (changed.length > 0) throw variableChanged(node.id, changed);
  if (resolved === null)
    throw new Error(`the stored definition of ${node.id} cannot be filled in: ${diagnostics[0]?.message}`);
  return { resolved, values: stored.values, parameters: stored.parameters };
}

const variableChanged = (id: NodeId, names: readonly string[]): ToolError =>
  new ToolError(
    'variable-changed',
    `${id} was built with another value of the environment variable ${names.join(', ')}.`,
    {
      hint: 'Set it to its previous value, or plan again.',
    },
  );

function dateOf(world: World, date: string | undefined): string {
  if (date === undefined) return utcDate(world.now());
  const time = /^\d{4}-\d{2}-\d{2}$/.test(date) ? Date.parse(`${date}T00:00:00Z`) : Number.NaN;
  if (!Number.isNaN(time) && utcDate(new Date(time)) === date) return date;
  throw new ToolError('bad-option', `--date takes a date such as 2026-01-31, not '${date}'.`);
}

const utcDate = (now: Date): string => now.toISOString().slice(0, 10);

function overridesOf(texts: readonly string[]): JsonObject {
  const entries = texts.map(text => {
    const parsed = parseOverride(text);
    if (parsed) return [parsed.name, parsed.value] as const;
    throw new ToolError('bad-option', `--params takes name=value, not '${text}'.`);
  });
  return Object.fromEntries(entries);
}
