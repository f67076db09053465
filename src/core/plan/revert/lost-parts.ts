import type { NodeAnalysis } from '../analysis.ts';
import { entriesOf, type GuardedVersion, tokensOf } from './guarded-version.ts';
import { holdsChange } from './token-changes.ts';

/** What a promotion or a rollback made of a node; null where the node did not exist. */
export interface Brought {
  readonly before: GuardedVersion | null;
  readonly after: GuardedVersion | null;
}

/** The move that is judged: from what production holds to what is wanted. */
export interface Move {
  readonly now: GuardedVersion | null;
  readonly wanted: GuardedVersion | null;
}

/** What else is known of the wanted version. */
export interface Origin {
  /** Its files are older than what was promoted: an edit of the same part is never a further edit. */
  readonly older: boolean;
  /** It comes from the author of the promotion, who knows it. */
  readonly sameAuthor: boolean;
}

/**
 * What a promotion or a rollback brought to a node that production still holds and the wanted version does not, each as
 * a short phrase. Without git, only what it added or changed can tell whether the wanted version was made on top of it.
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

const ORDER = 'the change of its order';

/** A change of columns or rows nearly always changes the order too. */
const withoutOrder = (names: readonly string[]): readonly string[] =>
  names.length > 1 ? names.filter(name => name !== ORDER) : names;

interface Versions {
  readonly before: GuardedVersion;
  readonly after: GuardedVersion;
  readonly now: GuardedVersion;
  readonly wanted: GuardedVersion;
}

/** A part that was brought. `lost`: as it was before. `edited`: neither as before nor as it was brought. */
interface Part {
  readonly name: string;
  readonly state: 'kept' | 'lost' | 'edited';
}

/** One value of the four versions; undefined where a version lacks it. */
interface Values {
  readonly before: string | undefined;
  readonly after: string | undefined;
  readonly now: string | undefined;
  readonly wanted: string | undefined;
}

function stateOf({ before, after, now, wanted }: Values): Part['state'] {
  // What production no longer holds in the old state nor lost since is what there is to lose.
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
    { name: 'the change of its rows', state: stateOf(each(meanings, meaning => meaning.rows)) },
    { name: ORDER, state: orderState(each(meanings, meaning => meaning.order)) },
  ];
}

/** Where what a query means cannot be told, its words are compared. */
function queryPart(versions: Versions): Part {
  return { name: 'the change of its query', state: stateOf(each(versions, version => tokensOf(version).join(' '))) };
}

/** The order follows from much else: only the very order that was replaced counts. */
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
  return { name: `the change of column ${name}`, state: stateOf(values) };
}

/** Names in lower case, as DuckDB compares them, with what each column is. */
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

/** Its keys say all of it. */
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
  // Words about a node may be written anew by anybody.
  const judged = parts.map(part =>
    part.state === 'edited' && !(isSource(after) && READS.test(part.name)) ? { ...part, state: 'kept' as const } : part,
  );
  return judged.map(({ name, state }) => ({ name: name.replace(/ .*/s, ''), state })).filter(firstOfName);
}

const firstOfName = ({ name, state }: Part, index: number, parts: readonly Part[]): boolean =>
  parts.findIndex(part => part.name === name && part.state === state) === index;

/** Whether an edit of what was brought goes on from it, rather than from what it replaced. */
function isFurtherEdit(versions: Versions, { sameAuthor }: Origin): boolean {
  return sameAuthor || holdsChange(tokensOf(versions.before), tokensOf(versions.after), tokensOf(versions.wanted));
}
