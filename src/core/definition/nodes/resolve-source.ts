import type { Diagnostic } from '../../../diagnostics/diagnostic.ts';
import { inexact, isExactNumber, isMapping } from '../../exact-number.ts';
import type { Json, JsonObject } from '../../json.ts';
import type { ParameterContext, UsedParameter } from '../../parameters/parameter-scope.ts';
import { resolveValue } from '../../parameters/resolve-value.ts';
import { checkParams } from '../options/check-params.ts';
import { checkOptions } from '../options/check-options.ts';
import type { SourceNode } from './node.ts';
import { nodeMistake, valuePlace } from './node-mistake.ts';

/** A source with the parameters that it uses. */
export interface SourceResolution {
  /** The node with `table` and `options` resolved; null if a diagnostic is an error. */
  readonly node: SourceNode | null;
  readonly used: readonly UsedParameter[];
  readonly diagnostics: readonly Diagnostic[];
}

/** Fills in the parameters of a source's path and reader options; its definition stays as written. */
export function resolveSource(node: SourceNode, context: ParameterContext): SourceResolution {
  const scope = { ...context, params: node.params, aliases: new Map<string, string>() };
  const params = checkParams(node, scope);
  const table = resolveValue(node.table, scope);
  const names = Object.keys(node.options);
  const options = names.map(name => resolveValue(node.options[name] ?? null, scope));
  const diagnostics: Diagnostic[] = [
    ...params.diagnostics,
    ...table.mistakes
      .filter(({ offset, length }) => !params.broken.has(nameAt(node.table, offset, length)))
      .map(({ mistake, offset, length }) =>
        nodeMistake(node, valuePlace(node, ['table'], { offset, length }), mistake),
      ),
  ];
  const used = [...table.used, ...options.flatMap(option => option.used)];
  const resolved = Object.fromEntries(
    names.map((name, index): [string, Json] => [name, optionValue(options[index]?.value ?? null)]),
  );
  diagnostics.push(...checkOptions(node, resolved, params.broken));
  if (diagnostics.length > 0) return { node: null, used, diagnostics };
  return { node: { ...node, table: pathText(table.value), options: resolved as JsonObject }, used, diagnostics };
}

const nameAt = (text: string, offset: number, length: number): string =>
  text.slice(offset + 2, offset + length - 2).trim();

const pathText = (value: Json): string => (isExactNumber(value) ? value.$number : String(value));

/** DuckDB options take numbers by value, whatever their spelling. */
function optionValue(value: Json): Json {
  if (isExactNumber(value)) return inexact(value);
  if (Array.isArray(value)) return value.map(optionValue);
  return isMapping(value)
    ? Object.fromEntries(Object.entries(value).map(([key, item]) => [key, optionValue(item)]))
    : value;
}
