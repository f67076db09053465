import { describe, expect, it } from 'vitest';
import { shownTableName, tableMistake, tableNameParts } from './table-name.ts';

describe('the name of a table on a server', () => {
  it.each([
    ['orders', ['orders']],
    ['shop.Orders', ['shop', 'Orders']],
    [' shop.orders ', ['shop', 'orders']],
    ['"My Schema"."T.x"', ['My Schema', 'T.x']],
    ['shop."say ""hi"""', ['shop', 'say "hi"']],
    ['größe.t$1-2', ['größe', 't$1-2']],
    ['a.b.c', ['a', 'b', 'c']],
  ])('%s', (text, parts) => {
    expect(tableNameParts(text)).toEqual(parts);
  });

  it.each(['', 'a.', '.b', 'a..b', '"a', '""', '"a"b', 'a"b"', 'my table', ' shop . orders', '1a', "a'b"])(
    'is not %j',
    text => {
      expect(tableNameParts(text)).toBeNull();
      expect(tableMistake(text)).toBe(`'${text}' is not a valid table name.`);
    },
  );

  it('has one or two parts', () => {
    expect(['orders', 'shop.orders'].map(tableMistake)).toEqual([null, null]);
    expect(tableMistake('a.b.c')).toBe("'a.b.c' has 3 parts; a table is named as schema.table.");
  });

  it('is read as it is shown', () => {
    expect(shownTableName(['shop', 'orders'])).toBe('shop.orders');
    expect(shownTableName(['My Schema', 'a"b.c'])).toBe('"My Schema"."a""b.c"');
    expect(tableNameParts(shownTableName(['My Schema', 'a"b.c']))).toEqual(['My Schema', 'a"b.c']);
  });
});
