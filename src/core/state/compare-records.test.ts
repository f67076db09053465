import { expect, it } from 'vitest';
import { compareRecords } from './compare-records.ts';

const COLUMNS = [
  { name: 'id', type: 'BIGINT' },
  { name: 'v', type: 'BIGINT' },
];
const ONE = { columns: COLUMNS, rows: 2, identity: 'x' };
const ALL = { columns: ['id', 'v'], ordered: false };

it.each([
  ['equal content', ONE, ALL, true],
  ['equal content, compared in order', ONE, { ...ALL, ordered: true }, null],
  ['another number of rows', { ...ONE, rows: 3 }, { columns: [], ordered: false }, false],
  ['as many rows, with no column compared', { ...ONE, identity: 'y' }, { columns: [], ordered: false }, true],
  ['other content, with all columns compared', { ...ONE, identity: 'y' }, ALL, false],
  ['other content, with some columns compared', { ...ONE, identity: 'y' }, { columns: ['id'], ordered: false }, null],
  ['a missing column', { ...ONE, columns: COLUMNS.slice(0, 1) }, ALL, false],
  [
    'a column of another type',
    { ...ONE, columns: [COLUMNS[0] ?? { name: '', type: '' }, { name: 'v', type: 'DOUBLE' }] },
    { columns: ['v'], ordered: false },
    false,
  ],
  ['an added column', { ...ONE, columns: [...COLUMNS, { name: 'w', type: 'DATE' }] }, ALL, null],
])('compares records where they can tell: %s', (_, other, compared, expected) => {
  expect(compareRecords(ONE, other, compared)).toBe(expected);
});
