import { describe, expect, it } from 'vitest';
import { sha256Hex, canonicalJson } from '../../canonical-json.ts';
import type { JsonObject } from '../../json.ts';
import type { GuardedVersion } from './guarded-version.ts';
import { lostParts } from './lost-parts.ts';

/** A query with the given columns (`name: expression`) and filter. */
function query(columns: Readonly<Record<string, string>>, rows = 'a', words: JsonObject = {}): GuardedVersion {
  const list = Object.entries(columns);
  const sql = `SELECT ${list.map(([name, text]) => `${text} AS ${name}`).join(', ')} FROM a WHERE ${rows}`;
  const hashed = list.map(([name, text]) => ({ name, type: 'INTEGER', hash: text }));
  const meaning = { columns: hashed, rows, order: 'o', fingerprint: canonicalJson([columns, rows]) };
  return { ...version({ kind: 'transform', name: 'm', transform: sql, ...words }), meaning };
}

const version = (document: JsonObject, values: JsonObject = {}): GuardedVersion => ({
  definition: sha256Hex(canonicalJson({ document, values })),
  document,
  values,
  meaning: null,
});

const OTHER = { older: false, sameAuthor: false };
const ID = query({ id: 'id', v: 'v' });

/** What is lost of a promotion that production still holds. */
const lost = (
  before: GuardedVersion | null,
  after: GuardedVersion | null,
  wanted: GuardedVersion | null,
  origin: Partial<typeof OTHER> = {},
) => lostParts({ before, after }, { now: after, wanted }, { ...OTHER, ...origin });

describe('a change that a promotion brought', () => {
  const withX = query({ id: 'id', v: 'v', x: 'v * 2' });
  const doubled = query({ id: 'id', v: 'v * 2' });

  it('is lost if the version that it replaced comes back', () => {
    expect(lost(ID, withX, ID)).toEqual(['column x']);
    expect(lost(ID, doubled, ID, { sameAuthor: true })).toEqual(['the change to column v']);
    expect(
      lost(query({ id: 'id' }, 'a', { version: 1 }), query({ id: 'id' }), query({ id: 'id' }, 'a', { version: 1 })),
    ).toEqual(['its definition']);
  });

  it('is lost if the replaced version comes back with another description or an extra column', () => {
    expect(lost(ID, doubled, query({ id: 'id', v: 'v' }, 'a', { description: 'orders' }))).toEqual([
      'the change to column v',
    ]);
    expect(lost(ID, doubled, query({ id: 'id', v: 'v', k: '1' }), { sameAuthor: true })).toEqual([
      'the change to column v',
    ]);
    expect(lost(ID, query({ id: 'id', v: 'v' }, 'b'), query({ id: 'id', v: 'v', k: '1' }))).toEqual([
      'the change to its rows',
    ]);
  });

  it('is lost if a column that it added is missing, or one that it removed is back', () => {
    expect(lost(ID, withX, query({ id: 'id', v: 'v + 1' }), { sameAuthor: true })).toEqual(['column x']);
    expect(lost(withX, ID, query({ id: 'id', v: 'v + 1', X: 'v * 2' }))).toEqual(['the removal of column x']);
  });

  it('is lost if another author edits the same part without building on it', () => {
    expect(lost(ID, doubled, query({ id: 'id', v: 'v + 1' }))).toEqual(['the change to column v']);
    expect(lost(ID, doubled, query({ id: 'id', v: 'v + 1' }), { sameAuthor: true })).toEqual([]);
    expect(lost(ID, doubled, query({ id: 'id', v: 'v + 1' }), { sameAuthor: true, older: true })).toEqual([
      'the change to column v',
    ]);
  });

  it('may be an order alone, which is not listed next to changed columns', () => {
    const ordered = (order: string, words: JsonObject = {}): GuardedVersion => {
      const { meaning, document } = query({ id: 'id' }, 'a', words);
      return { ...version(document, { order }), meaning: meaning && { ...meaning, order } };
    };
    const [older, newer] = [ordered('id'), ordered('v')];
    const edited = {
      ...ordered('id', { owner: 'kim' }),
      ...version(ordered('v', { owner: 'kim' }).document, { order: 'v' }),
    };
    expect(lost(older, newer, { ...edited, meaning: older.meaning })).toEqual(['the change to its order']);
    expect(lost(ID, { ...doubled, meaning: doubled.meaning && { ...doubled.meaning, order: 'p' } }, ID)).toEqual([
      'the change to column v',
    ]);
  });

  it('is kept by an edit that builds on it', () => {
    expect(lost(ID, doubled, query({ id: 'id', v: 'v * 2 + 1' }))).toEqual([]);
    expect(lost(ID, doubled, query({ id: 'id', v: 'v * 2', k: '1' }))).toEqual([]);
    expect(lost(ID, doubled, query({ id: 'id + 1', v: 'v * 2' }, 'b', { description: 'orders' }))).toEqual([]);
    expect(lost(ID, withX, query({ x: 'v * 3', id: 'id' }))).toEqual([]);
    expect(lost(ID, doubled, doubled)).toEqual([]);
  });

  it('is not reported if a later version of production already removed it', () => {
    const now = query({ id: 'id', v: 'v', k: '1' });
    const wanted = query({ id: 'id', v: 'v', l: '1' });
    expect(lostParts({ before: ID, after: withX }, { now, wanted }, OTHER)).toEqual([]);
    expect(lostParts({ before: ID, after: doubled }, { now, wanted }, OTHER)).toEqual([]);
  });

  it('is judged by its tokens if its meaning is not known', () => {
    const unknown = (sql: string, words: JsonObject = {}) => version({ kind: 'transform', transform: sql, ...words });
    const [older, newer] = [unknown('PIVOT a ON b'), unknown('PIVOT a ON c')];
    const what = ['the change to its query'];
    expect(lost(older, newer, unknown('pivot a on b -- as before', { owner: 'kim' }))).toEqual(what);
    expect(lost(older, newer, unknown('PIVOT a ON b USING sum(d)'))).toEqual(what);
    expect(lost(older, newer, unknown('PIVOT a ON c USING sum(d)'))).toEqual([]);
    expect(lost(older, newer, unknown('PIVOT a ON c', { owner: 'kim' }))).toEqual([]);
  });

  it('is not reported if production already went back', () => {
    const now = query({ id: 'id', v: 'v', k: '1' });
    expect(lostParts({ before: ID, after: doubled }, { now, wanted: ID }, OTHER)).toEqual([]);
  });

  it('is found beneath later edits', () => {
    const now = query({ id: 'id', v: 'v * 2 + 1' });
    expect(lostParts({ before: ID, after: doubled }, { now, wanted: ID }, OTHER)).toEqual(['the change to column v']);
    expect(lostParts({ before: ID, after: doubled }, { now, wanted: query({ id: 'id', v: 'v * 5' }) }, OTHER)).toEqual(
      [],
    );
  });

  it('may be a new node, or the removal of a node', () => {
    expect(lost(null, ID, null)).toEqual(['the node itself']);
    expect(lost(null, ID, query({ id: 'id' }))).toEqual([]);
    expect(lost(ID, null, ID)).toEqual(['its removal']);
    expect(lost(ID, null, query({ id: 'id' }))).toEqual(['its removal']);
    expect(lost(ID, withX, null)).toEqual(['the node itself']);
    expect(lost(ID, withX, null, { sameAuthor: true })).toEqual([]);
  });

  it('may be a description or a tag', () => {
    const described = query({ id: 'id', v: 'v' }, 'a', { description: 'orders', tags: ['a', 'b'] });
    const tagged = query({ id: 'id', v: 'v' }, 'a', { tags: ['a'] });
    expect(lost(tagged, described, query({ id: 'id', v: 'v + 1' }, 'a', { tags: ['a'] }))).toEqual([
      'description',
      'tags',
    ]);
    const other = query({ id: 'id', v: 'v' }, 'a', { description: 'all orders', tags: ['a', 'b', 'c'] });
    expect(lost(tagged, described, other)).toEqual([]);
  });

  it('may be a given value or a parameter', () => {
    const given = (limit: number, low: number) => ({
      ...version({ kind: 'transform', transform: 'SELECT {{ low }}', params: { low } }, { limit }),
      meaning: query({ id: `${limit} ${low}` }).meaning,
    });
    expect(lost(given(1, 1), given(2, 1), given(1, 7), { sameAuthor: true })).toEqual(['parameter.limit']);
    expect(lost(given(1, 1), given(1, 2), given(7, 1), { sameAuthor: true })).toEqual(['params.low']);
    expect(lost(given(1, 1), given(1, 2), given(7, 2))).toEqual([]);
  });
});

describe('a change that a promotion brought to a source', () => {
  const source = (table: string, params: JsonObject = {}): GuardedVersion =>
    version({ kind: 'source', source: 'csv', table, params });

  it('is judged by its keys', () => {
    expect(lost(source('a.csv'), source('b.csv'), source('a.csv', { skip: 1 }), { sameAuthor: true })).toEqual([
      'table',
    ]);
    expect(lost(source('a.csv'), source('b.csv'), source('b.csv', { skip: 1 }))).toEqual([]);
    expect(lost(source('a.csv'), source('b.csv'), source('c.csv'))).toEqual(['table']);
    expect(lost(source('a.csv'), source('b.csv'), source('c.csv'), { sameAuthor: true })).toEqual([]);
    expect(lost(source('a.csv'), source('a.csv', { skip: 1 }), source('a.csv', { delim: ';' }))).toEqual([
      'params.skip',
    ]);
  });
});
