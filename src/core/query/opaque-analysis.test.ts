import { describe, expect, it } from 'vitest';
import { opaqueAnalysis } from './opaque-analysis.ts';
import { sourceRelation, symbolicRelation } from './terms/relation.ts';

const COLUMNS = [
  { name: 'id', type: 'INTEGER' },
  { name: 'name', type: 'VARCHAR' },
];
const input = { id: 'source.a', relation: sourceRelation('content', COLUMNS) };
const query = {
  text: 'PIVOT source.a ON name USING count(*)',
  inputs: [input],
  columns: [{ name: 'x', type: 'BIGINT' }],
};

describe('opaqueAnalysis', () => {
  it('reads every input completely, and adds a note', () => {
    const { relation, fingerprint, ...rest } = opaqueAnalysis({ ...query, why: 'PIVOT without IN' });
    const all = ['source.a.id', 'source.a.name'];
    expect(rest).toEqual({
      reads: [{ input: 'source.a', columns: ['id', 'name'], order: true }],
      orderReads: [{ input: 'source.a', columns: ['id', 'name'], order: true }],
      lineage: { columns: [{ name: 'x', value: all, condition: [] }], rows: all, rowInputs: ['source.a'] },
      volatile: { columns: [], rows: false },
      notes: ['opaque PIVOT without IN'],
      refused: [],
    });
    expect(new Set([relation.rows, relation.order, relation.columns[0]?.hash, fingerprint]).size).toBe(4);
  });

  it.each([
    ['its text', { ...query, text: `${query.text} ` }],
    ['the content of an input', { ...query, inputs: [{ ...input, relation: sourceRelation('other', COLUMNS) }] }],
    ['the order of an input', { ...query, inputs: [{ ...input, relation: { ...input.relation, order: 'other' } }] }],
    ['a type', { ...query, columns: [{ name: 'x', type: 'INTEGER' }] }],
    ['a name', { ...query, columns: [{ name: 'y', type: 'BIGINT' }] }],
  ])('depends on %s', (_, changed) => {
    expect(opaqueAnalysis(changed).fingerprint).not.toBe(opaqueAnalysis(query).fingerprint);
  });

  it('finds volatile functions by name in the text', () => {
    const { volatile, notes } = opaqueAnalysis({ ...query, text: 'SELECT Random()' });
    expect([volatile, notes]).toEqual([{ columns: ['x'], rows: true }, ['opaque query', 'volatile random']]);
  });
});

it('names the relation of a source by its content, and a symbolic one by its id', () => {
  const of = (relation: ReturnType<typeof sourceRelation>) => [
    relation.rows,
    relation.order,
    ...relation.columns.map(column => column.hash),
  ];
  const names = [sourceRelation('a', COLUMNS), sourceRelation('b', COLUMNS), symbolicRelation('a', COLUMNS)].flatMap(
    of,
  );
  expect(new Set(names).size).toBe(names.length);
  expect(sourceRelation('a', COLUMNS)).toEqual(sourceRelation('a', COLUMNS));
});
