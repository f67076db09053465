import type { NodeAnalysis } from '../analysis.ts';
import { entriesOf, type GuardedVersion, tokensOf } from './guarded-version.ts';
import { holdsChange } from './token-changes.ts';

/** A node before and after a promotion or rollback; null if it did not exist. */
export interface Brought {
  readonly before: GuardedVersion | null;
  readonly after: GuardedVersion | null;
}

/** The move to judge: from production's version to the wanted one; null if the node does not exist there. */
export interface Move {
  readonly now: GuardedVersion | null;
  readonly wanted: GuardedVersion | null;
}

/** Where the wanted version comes from. */
export interface Origin {
  /** Its files are older than the promotion, so an edit of the same part cannot build on it. */
  readonly older: boolean;
  /** Its author also made the promotion, and so knows the change. */
  readonly sameAuthor: boolean;
}

/**
 * Changes that a promotion or rollback brought to a node, and that production holds but the wanted version lacks, as short
 * phrases. Without git, only these changes show whether the wanted version builds on the promotion.
 */
export function lostParts({ before, after }: Brought, move: Move, origin: Origin): readonly string[] {
  const { now, wanted } = move;
  if (wanted?.definition === now?.definition) return [];
  if (before === null) return now !== null && wanted === null ? ['the node itself'] : [];
  if (after === null) return now === null && wanted !== null ? ['its removal'] : [];
  if (now === null) return [];
  if (wanted === null) return origin.sameAuthor && !origin.older ? [] : ['the node itself'];
  const versions = { before, after, now, wanted };
  const [documents, columns] = [documentParts(versions), columnParts(versions)];
  const lost = withoutOrder([...columns, ...documents].filter(part => part.state === 'lost').map(part => part.name));
  if (wanted.definition === before.definition && now.definition === after.definition)
    return lost.length > 0 ? lost : ['its definition'];
  const edited = [...columns, ...documents].filter(part => part.state === 'edited').map(part => part.name);
  if (edited.length === 0 || (!origin.older && isFurtherEdit(versions, origin))) return lost;
  return [...lost, ...edited];
}

const ORDER = 'the change to its order';

/** Leaves out the order next to other changes: a change of columns or rows nearly always changes it too. */
const withoutOrder = (names: readonly string[]): readonly string[] =>
  names.length > 1 ? names.filter(name => name !== ORDER) : names;

interface Versions {
  readonly before: GuardedVersion;
  readonly after: GuardedVersion;
  readonly now: GuardedVersion;
  readonly wanted: GuardedVersion;
}

/** A part of the change. `lost`: as before the promotion. `edited`: neither as before nor as after it. */
interface Part {
  readonly name: string;
  readonly state: 'kept' | 'lost' | 'edited';
}

/** One value in the four versions; undefined if a version lacks it. */
interface Values {
  readonly before: string | undefined;
  readonly after: string | undefined;
  readonly now: string | undefined;
  readonly wanted: string | undefined;
}

function stateOf({ before, after, now, wanted }: Values): Part['state'] {
  // There is nothing to lose if the promotion did not change it, production already lost it, or nothing changes now.
  if (before === after || now === before || wanted === now) return 'kept';
  if (wanted === before) return 'lost';
  return now === after ? 'edited' : 'kept';
}

function columnParts({ before, after, now, wanted }: Versions): readonly Part[] {
  if (isSource(before) || isSource(after)) return [];
  if (!before.meaning || !after.meaning || !now.meaning || !wanted.meaning)
    return [queryPart({ before, after, now, wanted })];
  const meanings = {
    before: before.meaning,
    after: after.meaning,
    now: now.meaning,
    wanted: wanted.meaning,
  };
  const columns = {
    before: columnsOf(meanings.before),
    after: columnsOf(meanings.after),
    now: columnsOf(meanings.now),
    wanted: columnsOf(meanings.wanted),
  };
  const names = [...new Set([...columns.after.keys(), ...columns.before.keys()])];
  return [
    ...names.map(name => columnPart(name, valuesOf(columns, name))),
    { name: 'the change to its rows', state: stateOf(each(meanings, meaning => meaning.rows)) },
    { name: ORDER, state: orderState(each(meanings, meaning => meaning.order)) },
  ];
}

/** Compares the tokens of queries that cannot be analysed. */
function queryPart(versions: Versions): Part {
  return { name: 'the change to its query', state: stateOf(each(versions, version => tokensOf(version).join(' '))) };
}

/** Many edits change the order: only a return to the replaced order counts as lost. */
function orderState(values: Values): Part['state'] {
  const state = stateOf(values);
  return state === 'edited' ? 'kept' : state;
}

function columnPart(name: string, values: Values): Part {
  const { before, after, wanted } = values;
  if (before === undefined) return { name: `column ${name}`, state: wanted === undefined ? stateOf(values) : 'kept' };
  if (after === undefined)
    return {
      name: `the removal of column ${name}`,
      state: values.now === undefined && wanted !== undefined ? 'lost' : 'kept',
    };
  return { name: `the change to column ${name}`, state: stateOf(values) };
}

/** Type and hash of each column, by lower-case name, as DuckDB compares names. */
const columnsOf = (meaning: NodeAnalysis['local']): ReadonlyMap<string, string> =>
  new Map(meaning.columns.map(({ name, type, hash }) => [name.toLowerCase(), `${type} ${hash}`]));

interface Four<T> {
  readonly before: T;
  readonly after: T;
  readonly now: T;
  readonly wanted: T;
}

const each = <T>(four: Four<T>, of: (value: T) => string | undefined): Values => ({
  before: of(four.before),
  after: of(four.after),
  now: of(four.now),
  wanted: of(four.wanted),
});

const valuesOf = (maps: Four<ReadonlyMap<string, string>>, name: string): Values => each(maps, map => map.get(name));

/** Sources have no query: their keys define them completely. */
const isSource = ({ document }: GuardedVersion): boolean => document['kind'] === 'source';

/** Keys of a source that decide what is read. */
const READS = /^(source|table|schema|params|on_schema_change|freshness|incremental)\b/;

function documentParts({ before, after, now, wanted }: Versions): readonly Part[] {
  const entries = {
    before: entriesOf(before),
    after: entriesOf(after),
    now: entriesOf(now),
    wanted: entriesOf(wanted),
  };
  const names = [...new Set([...entries.after.keys(), ...entries.before.keys()])];
  const parts = names.map(name => ({ name, state: stateOf(valuesOf(entries, name)) }));
  // Anybody may rewrite documentation, so an edit of it loses nothing.
  const judged = parts.map(part =>
    part.state === 'edited' && !(isSource(after) && READS.test(part.name)) ? { ...part, state: 'kept' as const } : part,
  );
  return judged.map(({ name, state }) => ({ name: name.replace(/ .*/s, ''), state })).filter(firstOfName);
}

const firstOfName = ({ name, state }: Part, index: number, parts: readonly Part[]): boolean =>
  parts.findIndex(part => part.name === name && part.state === state) === index;

/** Whether an edit builds on the promoted version rather than on the one that it replaced. */
function isFurtherEdit(versions: Versions, { sameAuthor }: Origin): boolean {
  return sameAuthor || holdsChange(tokensOf(versions.before), tokensOf(versions.after), tokensOf(versions.wanted));
}
