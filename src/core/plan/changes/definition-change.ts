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
]);

/** The part of a definition that affects the node's data. Aliases of a key are not unified. */
export function semanticDefinition(definition: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(definition).filter(([key]) => !DOCUMENTATION.has(key)));
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
    kindChanged: before.kind !== after.kind,
    sourceTypeChanged: before.kind === 'source' && after.kind === 'source' && before.source !== after.source,
  };
}

function differingKeys(before: JsonObject, after: JsonObject): readonly string[] {
  const keys = [...new Set([...Object.keys(before), ...Object.keys(after)])].sort();
  return keys.filter(key => text(before[key]) !== text(after[key]));
}

const text = (value: Json | undefined): string => (value === undefined ? '' : canonicalJson(value));
