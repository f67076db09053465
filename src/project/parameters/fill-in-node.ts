import type { Json, JsonObject } from '../../core/json.ts';
import type { ResolvedNode } from '../../core/definition/nodes/desired-node.ts';
import type { NodeId, ProjectNode, SourceNode, TransformNode } from '../../core/definition/nodes/node.ts';
import { resolveTargets } from '../../core/definition/nodes/resolve-targets.ts';
import { resolveSource } from '../../core/definition/nodes/resolve-source.ts';
import { resolveSql } from '../../core/definition/sql/resolve-sql.ts';
import type { NodeParameters } from '../../core/parameters/node-parameters.ts';
import type { ParameterContext, UsedParameter } from '../../core/parameters/parameter-scope.ts';
import { redactDiagnostic, secretsOf } from '../../core/parameters/redact.ts';
import type { World } from '../../core/world.ts';
import type { Diagnostic } from '../../diagnostics/diagnostic.ts';
import type { GivenParameters } from './given-parameters.ts';

/** A node with its parameters filled in, and the parameters that it uses. */
export interface FilledNode {
  readonly resolved: ResolvedNode | null;
  readonly used: readonly UsedParameter[];
  readonly diagnostics: readonly Diagnostic[];
}

/** Fills in a node's parameters. `resolved` is null on errors; diagnostics never show values of environment variables. */
export function fillInNode(node: ProjectNode, context: ParameterContext, known: readonly NodeId[]): FilledNode {
  const own = node.kind === 'source' ? fillInSource(node, context) : fillInQuery(node, context, known);
  const { targets, ...aside } = resolveTargets(node, context);
  const used = [...own.used, ...aside.used];
  const secrets = secretsOf(used, context.environment);
  const found = [...own.diagnostics, ...aside.diagnostics.map(entry => ({ ...entry, aside: true }))];
  return {
    resolved: own.resolved && withFields(own.resolved, { secrets, targets }),
    used,
    diagnostics: found.map(entry => redactDiagnostic(entry, secrets)),
  };
}

function fillInSource(node: SourceNode, context: ParameterContext): FilledNode {
  const { node: source, used, diagnostics } = resolveSource(node, context);
  return { resolved: source && { kind: 'source', node: source }, used, diagnostics };
}

function fillInQuery(node: TransformNode, context: ParameterContext, known: readonly NodeId[]): FilledNode {
  const { sql, used, diagnostics } = resolveSql(node, context, known);
  return { resolved: sql && { kind: 'query', node, sql }, used, diagnostics };
}

function withFields(resolved: ResolvedNode, fields: Pick<ProjectNode, 'secrets' | 'targets'>): ResolvedNode {
  if (resolved.kind === 'source') return { ...resolved, node: { ...resolved.node, ...fields } };
  return { ...resolved, node: { ...resolved.node, ...fields } };
}

/** The values available to a node's parameters. */
export const contextOf = (
  parameters: GivenParameters,
  world: Pick<World, 'variables'>,
  common: Readonly<Record<string, Json>>,
): ParameterContext => ({
  date: parameters.date,
  environment: world.variables,
  overrides: parameters.overrides,
  common,
});

/** Values from outside the node's definition: they are stored with it, and a change of one counts as a change of the node. */
export function givenValues(used: readonly UsedParameter[]): JsonObject {
  const outside = used.filter(({ origin }) => origin === 'override' || origin === 'common');
  return inOrder(outside.map(({ name, given }) => [name, given] as const));
}

function inOrder<T>(entries: readonly (readonly [string, T])[]): Readonly<Record<string, T>> {
  return Object.fromEntries(entries.toSorted(([a], [b]) => (a < b ? -1 : 1)));
}

/** A node's parameters as a generation stores them. */
export function nodeParameters(date: string, used: readonly UsedParameter[]): NodeParameters {
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
