import { describe, expect, it } from 'vitest';
import { compareSchemas } from './compare-schemas.ts';

const columns = (...pairs: readonly (readonly [string, string])[]) => pairs.map(([name, type]) => ({ name, type }));

describe('compareSchemas', () => {
  it('matches columns by name in any case and order', () => {
    const before = columns(['id', 'INTEGER'], ['gone', 'DATE'], ['n', 'INTEGER']);
    const after = columns(['new', 'DATE'], ['N', 'BIGINT'], ['ID', 'INTEGER']);
    expect(compareSchemas(before, after)).toEqual({
      added: ['new'],
      removed: ['gone'],
      retyped: [{ name: 'N', from: 'INTEGER', to: 'BIGINT' }],
      common: [{ name: 'ID', type: 'INTEGER' }],
    });
  });

  it('finds no difference between equal schemas, and no common column without overlap', () => {
    const some = columns(['a', 'INTEGER']);
    expect(compareSchemas(some, some)).toEqual({ added: [], removed: [], retyped: [], common: some });
    expect(compareSchemas([], some)).toEqual({ added: ['a'], removed: [], retyped: [], common: [] });
  });
});
