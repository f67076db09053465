import { canonicalJson } from '../../core/canonical-json.ts';
import type { JsonObject } from '../../core/json.ts';
import { redact } from '../../core/parameters/redact.ts';
import { semanticDefinition } from '../../core/plan/changes/definition-change.ts';
import type { NodeVersion } from '../../core/plan/changes/node-change.ts';
import type { EarlierReading, SourceChange } from '../../core/plan/sources/source-inspection.ts';
import type { SourceReading } from '../../core/plan/sources/source-reading.ts';
import { compareSchemas } from '../../core/plan/changes/compare-schemas.ts';
import type { Column, NodeId, ProjectNode, SourceNode } from '../../core/definition/nodes/node.ts';
import { sourceRelation } from '../../core/query/terms/relation.ts';
import type { Diagnostic } from '../../diagnostics/diagnostic.ts';
import type { StateSnapshot } from '../../core/state/state-snapshot.ts';
import type { BaseNode } from '../../core/plan/plan.ts';

/** How the base read a source; null if it does not have it. */
export function earlierReading(
  state: Pick<StateSnapshot, 'artefact'>,
  before: BaseNode | undefined,
  now: { readonly node: SourceNode; readonly values: JsonObject },
): EarlierReading | null {
  const record = before?.node.kind === 'source' ? state.artefact(before.artefact) : null;
  if (!before || !record) return null;
  const { columns, rows, dialect = null, place, endpoints, bookmark = null } = record;
  const data = { place, endpoint: endpoints[0] ?? null, bookmark };
  return { sameDefinition: isSameDefinition(before, now), columns, rows, dialect, data };
}

/** The date may differ under the same definition; a given parameter value may not. */
const isSameDefinition = (before: BaseNode, now: { readonly node: SourceNode; readonly values: JsonObject }): boolean =>
  meaningOf(before.node.definition, before.values) === meaningOf(now.node.definition, now.values);

const meaningOf = (definition: JsonObject, values: JsonObject): string =>
  canonicalJson({ document: semanticDefinition(definition), values });

/** Suffix of a reason: how the columns of a source changed, and whether it will fail. */
export function schemaReason(node: SourceNode, change: SourceChange | null): string {
  if (change === null) return '';
  const verdict = change.refusal ? '; this will fail, since on_schema_change is fail' : '';
  return `: ${phrasesOf(node, change)}${verdict}`;
}

/** The columns that readers of a refused source are bound against, so that only the source is reported. */
export function offeredColumns(before: readonly Column[], now: readonly Column[]): readonly Column[] {
  const names = new Set(before.map(({ name }) => name.toLowerCase()));
  return [...before, ...now.filter(({ name }) => !names.has(name.toLowerCase()))];
}

/** A source with other columns and another identity. */
export function withColumns(version: NodeVersion, columns: readonly Column[], identity: string): NodeVersion {
  return { ...version, analysis: { ...version.analysis, columns, relation: sourceRelation(identity, columns) } };
}

/** The path of a file may hold a secret. */
const phrasesOf = ({ secrets = [] }: SourceNode, { text }: SourceChange): string => redact(text, secrets);

/** Adds a hint to unknown columns that a source had before. */
export function explainLost(
  found: readonly Diagnostic[],
  sources: ReadonlyMap<NodeId, SourceReading>,
  nodes: readonly ProjectNode[],
): readonly Diagnostic[] {
  return found.map(entry => {
    const node = entry.code === 'unknown-column' ? nodes.find(({ id }) => id === entry.node) : undefined;
    const hints = (node?.inputs ?? []).flatMap(({ id }) => lostHint(entry.message, id, sources.get(id)));
    return hints.length === 0 ? entry : { ...entry, hint: hints.join(' ') };
  });
}

function lostHint(message: string, id: NodeId, source: SourceReading | undefined): readonly string[] {
  if (!source?.inspection.earlier) return [];
  const { columns, earlier, change, version } = source.inspection;
  const { removed } = compareSchemas(earlier.columns, columns);
  if (!removed.some(name => message.includes(`'${name}'`))) return [];
  const why =
    change === null
      ? 'its definition changed'
      : `its ${version === null ? 'table' : 'files'} changed: ${phrasesOf(source.node, change)}`;
  return [`${id} had it until ${why}. Restore it there, or change the query.`];
}
