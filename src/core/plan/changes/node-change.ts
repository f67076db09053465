import type { Category, ColumnChanges } from '../../documents/plan-document.ts';
import { canonicalJson } from '../../canonical-json.ts';
import type { JsonObject } from '../../json.ts';
import type { ProjectNode } from '../../definition/nodes/node.ts';
import type { NodeAnalysis, NodeRelation } from '../analysis.ts';
import { compareDefinitions, type DefinitionChange, DOCUMENTATION, semanticDefinition } from './definition-change.ts';

/** One version of a node: its definition and its analysis. */
export interface NodeVersion {
  readonly node: ProjectNode;
  readonly analysis: NodeAnalysis;
  /** Parameters that it uses, with the given values; dates and environment variables are left out. */
  readonly values: JsonObject;
}

export interface NodeChange {
  readonly change: 'modified' | 'none';
  readonly category: Category | null;
  /** Its document differs, and not only the given parameter values. */
  readonly edited: boolean;
  /** Parameters whose given value changed. */
  readonly values: readonly string[];
  readonly columns: ColumnChanges;
  readonly rowsChanged: boolean;
  /** The order of its rows may differ. */
  readonly orderChanged: boolean;
  /** Its list of columns differs: names as they are written, types, or their order. */
  readonly listChanged: boolean;
  /** Columns whose names differ only in case: different for readers of the file, the same for queries. */
  readonly recased: readonly Recased[];
  /** Its own change affects only the case of names. */
  readonly caseOnly: boolean;
  readonly evidence: readonly string[];
}

export interface Recased {
  readonly from: string;
  readonly to: string;
}

/** Classifies the change of a node between two versions: its severity, and what may differ in its data. */
export function classifyChange(before: NodeVersion, after: NodeVersion): NodeChange {
  const definition = compareVersions(before, after);
  const columns = compareColumns(before.analysis.relation, after.analysis.relation);
  const own = { edited: definition.keys.length > 0, values: definition.values ?? [] };
  const recased = recasedColumns(before.analysis.relation, after.analysis.relation);
  const data = { columns, recased, ...wholeChanges(before.analysis, after.analysis) };
  const meaning = ownMeaning(before, after);
  // A source's files belong to it: if they change, the source counts as modified.
  const moved = isSource(before) && isSource(after) && meaning === 'different';
  if (!definition.changed && !moved)
    return { change: 'none', category: null, ...own, ...data, caseOnly: false, evidence: [] };
  return {
    change: 'modified',
    category: severity(definition, { columns, recased }, meaning),
    ...own,
    ...data,
    caseOnly: meaning === 'case',
    evidence: evidenceOf(
      definition,
      { columns, recased, same: isSource(after) ? 'same rows' : 'equivalent query' },
      meaning,
    ),
  };
}

function recasedColumns(before: NodeRelation, after: NodeRelation): readonly Recased[] {
  const old = new Map(before.columns.map(column => [column.name.toLowerCase(), column.name]));
  return after.columns.flatMap(({ name }) => {
    const from = old.get(name.toLowerCase());
    return from === undefined || from === name ? [] : [{ from, to: name }];
  });
}

function wholeChanges(before: NodeAnalysis, after: NodeAnalysis) {
  const list = ({ columns }: NodeAnalysis) => JSON.stringify(columns.map(({ name, type }) => [name, type]));
  return {
    rowsChanged: before.relation.rows !== after.relation.rows,
    orderChanged: before.relation.order !== after.relation.order,
    listChanged: list(before) !== list(after),
  };
}

function compareVersions(before: NodeVersion, after: NodeVersion): DefinitionChange {
  const definition = compareDefinitions(before.node, after.node);
  const names = [...new Set([...Object.keys(before.values), ...Object.keys(after.values)])].sort();
  const values = names.filter(
    name => canonicalJson(before.values[name] ?? null) !== canonicalJson(after.values[name] ?? null),
  );
  return values.length === 0 ? definition : { ...definition, changed: true, values };
}

/** Columns are matched by name, ignoring case as DuckDB does. */
export function compareColumns(before: NodeRelation, after: NodeRelation): ColumnChanges {
  const old = new Map(before.columns.map(column => [column.name.toLowerCase(), column]));
  const now = new Map(after.columns.map(column => [column.name.toLowerCase(), column]));
  const both = after.columns.flatMap(column => {
    const was = old.get(column.name.toLowerCase());
    return was ? [{ name: column.name, was, now: column }] : [];
  });
  return {
    added: after.columns.filter(column => !old.has(column.name.toLowerCase())).map(column => column.name),
    removed: before.columns.filter(column => !now.has(column.name.toLowerCase())).map(column => column.name),
    retyped: both
      .filter(pair => pair.was.type !== pair.now.type)
      .map(pair => ({ name: pair.name, from: pair.was.type, to: pair.now.type })),
    changed: both.filter(pair => pair.was.hash !== pair.now.hash).map(pair => pair.name),
  };
}

/**
 * 'documentation': no edit affects data. 'same': edited, and provably the same result. 'order': only the order of rows or
 * columns may differ. 'case': only the case of names differs.
 */
type Meaning = 'documentation' | 'same' | 'order' | 'case' | 'different';

function ownMeaning(before: NodeVersion, after: NodeVersion): Meaning {
  if (isSource(before) && isSource(after) && !isSameData(before.analysis.relation, after.analysis.relation))
    return 'different';
  const was = canonicalJson(semanticDefinition(before.node.definition));
  const sameText = was === canonicalJson(semanticDefinition(after.node.definition));
  if (sameText && canonicalJson(before.values) === canonicalJson(after.values)) return 'documentation';
  const [old, now] = [before.analysis.local, after.analysis.local];
  if (old.fingerprint === now.fingerprint) return 'same';
  const sameColumns = compareColumns(old, now);
  const unchanged =
    old.rows === now.rows &&
    sameColumns.changed.length + sameColumns.added.length + sameColumns.removed.length + sameColumns.retyped.length ===
      0;
  if (!unchanged) return 'different';
  if (recasedColumns(old, now).length === 0) return 'order';
  return old.order === now.order && sameOrder(old, now) ? 'case' : 'different';
}

function sameOrder(before: NodeRelation, after: NodeRelation): boolean {
  const names = ({ columns }: NodeRelation) => JSON.stringify(columns.map(column => column.name.toLowerCase()));
  return names(before) === names(after);
}

const isOwn = (meaning: Meaning): boolean => meaning !== 'documentation' && meaning !== 'same';

interface ListChanges {
  readonly columns: ColumnChanges;
  readonly recased: readonly Recased[];
}

const isSource = ({ node }: NodeVersion): boolean => node.kind === 'source';

function isSameData(before: NodeRelation, after: NodeRelation): boolean {
  const { added, removed, retyped, changed } = compareColumns(before, after);
  return before.rows === after.rows && added.length + removed.length + retyped.length + changed.length === 0;
}

function severity(definition: DefinitionChange, { columns, recased }: ListChanges, meaning: Meaning): Category {
  const structural = definition.kindChanged || definition.sourceTypeChanged;
  const lost = [...definition.inputsRemoved, ...definition.declaredRemoved, ...definition.targetsRemoved];
  if (structural || lost.length > 0) return 'breaking';
  const own = isOwn(meaning);
  if (own && columns.removed.length + columns.retyped.length + recased.length > 0) return 'breaking';
  const gained = [...definition.inputsAdded, ...definition.targetsAdded, ...definition.targetsChanged];
  return own || gained.length > 0 ? 'non_breaking' : 'metadata';
}

interface Evidence extends ListChanges {
  /** Phrase for an edit that changes no data. */
  readonly same: string;
}

function evidenceOf(definition: DefinitionChange, changes: Evidence, meaning: Meaning): readonly string[] {
  const documented = definition.keys.filter(key => DOCUMENTATION.has(key));
  return [
    ...definition.inputsAdded.map(id => `input ${id} added`),
    ...definition.inputsRemoved.map(id => `input ${id} removed`),
    ...(definition.sourceTypeChanged ? ['source type changed'] : []),
    ...definition.targetsAdded.map(name => `target ${name} added`),
    ...definition.targetsRemoved.map(name => `target ${name} removed`),
    ...definition.targetsChanged.map(name => `target ${name} is written differently`),
    ...definition.declaredRemoved.map(name => `column ${name} is no longer declared`),
    ...(isOwn(meaning) ? describeColumns(changes) : []),
    ...(definition.values ?? []).map(name => `parameter ${name} changed`),
    ...(meaning === 'order' ? ['only the order of columns or rows changed'] : []),
    ...(meaning === 'same' ? [changes.same] : []),
    ...documented.map(key => `${key} changed`),
  ];
}

function describeColumns({ columns, recased }: ListChanges): readonly string[] {
  return [
    ...columns.added.map(name => `column ${name} added`),
    ...columns.removed.map(name => `column ${name} removed`),
    ...columns.retyped.map(column => `column ${column.name} is now ${column.to}, was ${column.from}`),
    ...recased.map(({ from, to }) => `column ${from} is now ${to} (case only)`),
  ];
}
