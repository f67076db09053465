import type { Diagnostic } from '../../../diagnostics/diagnostic.ts';
import { isExactNumber } from '../../exact-number.ts';
import type { Json } from '../../json.ts';
import type { ParameterContext, UsedParameter } from '../../parameters/parameter-scope.ts';
import { resolveValue } from '../../parameters/resolve-value.ts';
import type { ProjectNode } from './node.ts';
import { nodeMistake } from './node-mistake.ts';
import { TABLE_FORM, tableMistake } from './table-name.ts';
import type { TargetDefinition } from './target-definition.ts';

/** The targets of a node with the parameters that they use. */
export interface TargetResolution {
  readonly targets: readonly TargetDefinition[];
  readonly used: readonly UsedParameter[];
  readonly diagnostics: readonly Diagnostic[];
}

/** Fills in the parameters of the targets' tables and connections; a target with a mistake is left out. */
export function resolveTargets(node: ProjectNode, context: ParameterContext): TargetResolution {
  const resolved = node.targets.map(target => resolveTarget(node, target, context));
  return {
    targets: resolved.flatMap(({ targets }) => targets),
    used: resolved.flatMap(({ used }) => used),
    diagnostics: resolved.flatMap(({ diagnostics }) => diagnostics),
  };
}

function resolveTarget(node: ProjectNode, target: TargetDefinition, context: ParameterContext): TargetResolution {
  const scope = { ...context, params: node.params, aliases: new Map<string, string>() };
  const table = resolveValue(target.table, scope);
  const connection = resolveValue(target.connection, scope);
  const used = [...table.used, ...connection.used];
  const place = target.at && { at: target.at, length: 1 };
  const mistakes = [...table.mistakes, ...connection.mistakes].map(({ mistake }) => nodeMistake(node, place, mistake));
  const name = textOf(table.value);
  const wrong = mistakes.length === 0 && target.type === 'postgresql' ? tableMistake(name) : null;
  if (wrong !== null) {
    const mistake = { code: 'bad-table', message: wrong, hint: TABLE_FORM };
    mistakes.push(nodeMistake(node, place, mistake));
  }
  if (mistakes.length > 0) return { targets: [], used, diagnostics: mistakes };
  return { targets: [{ ...target, table: name, connection: textOf(connection.value) }], used, diagnostics: [] };
}

const textOf = (value: Json): string => (isExactNumber(value) ? value.$number : String(value));
