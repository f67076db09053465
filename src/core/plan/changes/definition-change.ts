import type { Json, JsonObject } from '../../json.ts';
import { canonicalJson } from '../../canonical-json.ts';
import type { ProjectNode } from '../../definition/nodes/node.ts';

/** What differs between two definitions of one node, without a look at its data. */
export interface DefinitionChange {
  readonly changed: boolean;
  /** Keys of the document that differ, in alphabetical order. */
  readonly keys: readonly string[];
  readonly inputsAdded: readonly string[];
  readonly inputsRemoved: readonly string[];
  readonly declaredRemoved: readonly string[];
  /** External targets, as `type connection table`; a target that points elsewhere is removed and added. */
  readonly targetsAdded: readonly string[];
  readonly targetsRemoved: readonly string[];
  /** Targets that are written in another way. */
  readonly targetsChanged: readonly string[];
  readonly kindChanged: boolean;
  readonly sourceTypeChanged: boolean;
  /** Parameters whose given value changed. */
  readonly values?: readonly string[];
}

/** Keys that never affect a node's data. */
export const DOCUMENTATION: ReadonlySet<string> = new Set([
  'description',
  'owner',
  'tags',
  'columns',
  'audits',
  'version',
  'on_schema_change',
  'freshness',
]);

/** Keys that say where a node's data are written, not what they are. */
const TARGETS: ReadonlySet<string> = new Set(['materialization', 'materializations']);

/** The part of a definition that affects the node's data. Aliases of a key are not unified. */
export function semanticDefinition(definition: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(definition).filter(([key]) => !DOCUMENTATION.has(key) && !TARGETS.has(key)));
}

/** Compares two definitions of one node id; inputs are compared as sets. */
export function compareDefinitions(before: ProjectNode, after: ProjectNode): DefinitionChange {
  const keys = differingKeys(before.definition, after.definition);
  const inputsBefore = before.inputs.map(input => input.id);
  const inputsAfter = after.inputs.map(input => input.id);
  const declaredAfter = new Set((after.columns ?? []).map(column => column.name.toLowerCase()));
  return {
    changed: keys.length > 0,
    keys,
    inputsAdded: inputsAfter.filter(id => !inputsBefore.includes(id)),
    inputsRemoved: inputsBefore.filter(id => !inputsAfter.includes(id)),
    declaredRemoved: (before.columns ?? [])
      .map(column => column.name)
      .filter(name => !declaredAfter.has(name.toLowerCase())),
    ...compareTargets(before, after),
    kindChanged: before.kind !== after.kind,
    sourceTypeChanged: before.kind === 'source' && after.kind === 'source' && before.source !== after.source,
  };
}

function compareTargets(before: ProjectNode, after: ProjectNode) {
  const [was, is] = [targetsByName(before), targetsByName(after)];
  return {
    targetsAdded: [...is.keys()].filter(name => !was.has(name)),
    targetsRemoved: [...was.keys()].filter(name => !is.has(name)),
    targetsChanged: [...is.keys()].filter(name => was.has(name) && was.get(name) !== is.get(name)),
  };
}

const targetsByName = ({ targets }: ProjectNode): ReadonlyMap<string, string> =>
  new Map(
    targets.map(({ type, connection, table, mode, createTable, cascade }) => [
      `${type} ${connection} ${table}`,
      JSON.stringify([mode, createTable, cascade]),
    ]),
  );

function differingKeys(before: JsonObject, after: JsonObject): readonly string[] {
  const keys = [...new Set([...Object.keys(before), ...Object.keys(after)])].sort();
  return keys.filter(key => text(before[key]) !== text(after[key]));
}

const text = (value: Json | undefined): string => (value === undefined ? '' : canonicalJson(value));
