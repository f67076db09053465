import type { Column, SourceNode } from '../../../core/definition/nodes/node.ts';
import type { EarlierReading, SourceChange } from '../../../core/plan/sources/source-inspection.ts';
import { failureTextOf } from '../../../diagnostics/failure-text.ts';
import { ToolError } from '../../../diagnostics/tool-error.ts';
import type { Relation } from './relation.ts';

interface ReadNow {
  readonly relation: Relation;
  /** As they will be stored. */
  readonly columns: readonly Column[];
}

/** Columns that were lost or retyped since the last reading with the same definition. */
export function schemaChange(
  source: SourceNode,
  earlier: EarlierReading | null,
  { relation, columns }: ReadNow,
): SourceChange | null {
  if (!earlier?.sameDefinition) return null;
  const now = new Map(columns.map(column => [column.name.toLowerCase(), column]));
  const lost = earlier.columns.filter(({ name }) => !now.has(name.toLowerCase()));
  const retyped = earlier.columns.flatMap(({ name, type }) => {
    const to = now.get(name.toLowerCase())?.type;
    return to === undefined || to === type
      ? []
      : [`column '${name}' changed from ${type} to ${to} in ${relation.label}`];
  });
  const phrases = [...(lost.length > 0 ? [lostPhrase(lost, relation)] : []), ...retyped];
  if (phrases.length === 0) return null;
  const text = phrases.join('; ');
  return { text, refusal: source.onSchemaChange === 'fail' ? failureTextOf(refused(source, text)) : null };
}

/** Whether data with these columns can be merged, whatever their order. */
export const sameColumns = (one: readonly Column[], other: readonly Column[]): boolean => {
  const types = new Map(one.map(({ name, type }) => [name, type]));
  return one.length === other.length && other.every(({ name, type }) => types.get(name) === type);
};

function lostPhrase(lost: readonly Column[], { label }: Relation): string {
  const names = lost.map(({ name, type }) => `'${name}' (${type})`).join(', ');
  return `${lost.length === 1 ? `column ${names} is` : `columns ${names} are`} missing from ${label}`;
}

const refused = ({ id, file }: SourceNode, text: string): ToolError =>
  new ToolError('schema-changed', `${id} cannot be read as before: ${text}.`, {
    hint: `Restore the columns, or set \`on_schema_change: evolve\` in ${file} to accept the change.`,
  });
