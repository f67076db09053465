import { relative, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { hasReaderPartitions, partitionColumns, partitionExpressions, type PartitionedFiles } from './partitions.ts';

/** Files as a user writes their paths, in a project at `root`. */
const reading = (root: string, paths: readonly string[], options: PartitionedFiles['options'] = {}) => ({
  root,
  options,
  files: paths.map(path => {
    const absolute = resolve(root, path);
    const shown = path.startsWith('/') ? absolute : relative(root, absolute);
    return { path: shown, absolute, size: 1, mtimeMs: 0, ctimeMs: 0, inode: 0 };
  }),
});

describe('partitionColumns', () => {
  it.each<[string, readonly string[], PartitionedFiles['options'], readonly string[]]>([
    ['keys of folders', ['data/city=oslo/a.csv', 'data/city=rome/b.csv'], {}, ['city']],
    ['several', ['y=2024/m=1/a.csv', 'y=2024/m=2/a.csv'], {}, ['m', 'y']],
    ['none if the files differ', ['y=2024/a.csv', 'b.csv'], {}, []],
    ['none if the keys differ', ['y=2024/a.csv', 'z=1/b.csv'], {}, []],
    ['none of the name of a file', ['data/city=oslo.csv'], {}, []],
    ['none of a folder with two signs or none before it', ['a=b=c/x.csv', 'a=b=c/y.csv', '=b/x.csv'], {}, []],
    ['none if disabled', ['y=2024/a.csv'], { hive_partitioning: false }, []],
    ['all if requested', ['y=2024/a.csv', 'b.csv'], { hive_partitioning: true }, ['y']],
    ['none of folders above the project', ['data/a.csv', '../other/b.csv'], {}, []],
    ['those of a path beside the project', ['../lake/y=1/a.csv'], {}, ['y']],
    ['those within the project for an absolute path', ['/shop/env=dev/p/y=1/a.csv'], {}, ['y']],
    ['all of an absolute path that leads elsewhere', ['/lake/y=1/a.csv'], {}, ['y']],
  ])('gives %s', (_, paths, options, columns) => {
    expect(partitionColumns(reading('/shop/env=dev/p', paths, options))).toEqual(columns);
  });
});

describe('hasReaderPartitions', () => {
  it('is false if folders above the project look like partitions', () => {
    expect(hasReaderPartitions(reading('/shop/p', ['y=1/a.csv']))).toBe(true);
    expect(hasReaderPartitions(reading('/shop/env=dev/p', ['y=1/a.csv']))).toBe(false);
    expect(hasReaderPartitions(reading('/shop/env=dev/p', ['../y=1/a.csv']))).toBe(false);
    expect(hasReaderPartitions(reading('/shop/env=dev/p', ['/lake/y=1/a.csv']))).toBe(true);
  });
});

describe('partitionExpressions', () => {
  const typesOf = (values: readonly string[], options: PartitionedFiles['options'] = {}) =>
    partitionExpressions(
      reading(
        '/shop/k=x/p',
        values.map(value => `k=${value}/a.csv`),
        options,
      ),
      'path',
    ).map(text => /AS (\w+)\) AS "k"$/.exec(text)?.[1]);

  it('have the types of their values', () => {
    expect(typesOf(['1', '-2'])).toEqual(['BIGINT']);
    expect(typesOf(['2024-01-31', '2024-02-01'])).toEqual(['DATE']);
    expect(typesOf(['1', 'x'])).toEqual(['VARCHAR']);
    expect(typesOf(['1', '__HIVE_DEFAULT_PARTITION__'])).toEqual(['BIGINT']);
    expect(typesOf(['1'], { hive_types_autocast: false })).toEqual(['VARCHAR']);
    expect(typesOf(['1'], { hive_types: { K: 'INTEGER' } })).toEqual(['INTEGER']);
  });

  it("decode values, and are NULL for Hive's default partition", () => {
    expect(partitionExpressions(reading('/a=b', ['k=a%20b/x.csv', "k=it's/y.csv"]), 'path')).toEqual([
      `CAST(map(['/a=b/k=a%20b/x.csv', '/a=b/k=it''s/y.csv'], ['a b', 'it''s'])["path"] AS VARCHAR) AS "k"`,
    ]);
    expect(partitionExpressions(reading('/a=b', ['k=__HIVE_DEFAULT_PARTITION__/x.csv']), 'path')[0]).toContain(
      '[NULL]',
    );
  });
});
