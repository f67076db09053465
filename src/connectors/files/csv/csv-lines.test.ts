import { describe, expect, it } from 'vitest';
import { fieldCounts, firstRecord } from './csv-lines.ts';

const COMMA = { delim: ',', quote: null, escape: null };

describe('firstRecord', () => {
  it.each([
    ['id,name', ['id', 'name']],
    ['id,"a, b",c', ['id', 'a, b', 'c']],
    ['"say ""hi""",x', ['say "hi"', 'x']],
    ['5" pipe,x', ['5" pipe', 'x']],
    ['a,,', ['a', '', '']],
    ['', ['']],
  ])('takes %j apart', (line, fields) => {
    expect(firstRecord([line], COMMA)).toEqual(fields);
  });

  it('continues a quoted name on the next line and stops at the end of the record', () => {
    expect(firstRecord(['id,"two', 'lines"', '1,2'], COMMA)).toEqual(['id', 'two\nlines']);
    expect(firstRecord(['a;b', '1;2'], { delim: ';', quote: '"', escape: '\\' })).toEqual(['a', 'b']);
    expect(firstRecord(['a||"b"'], { delim: '||', quote: '', escape: null })).toEqual(['a', '"b"']);
  });

  it('counts the fields of each line', () => {
    expect(fieldCounts(['a,b', '', 'a', '"a,b",c,d'], COMMA)).toEqual([2, 0, 1, 3]);
  });
});
