import { describe, expect, it } from 'vitest';
import { parseNodeFile } from '../../core/definition/nodes/reading/parse-node-file.ts';
import { sourceMistake } from './source-mistake.ts';

const HEAD = 'kind: source\nname: s\nsource: postgresql\n';
const placeOf = (yaml: string, code: string) => {
  const { node } = parseNodeFile({ path: 'seeknal/s.yml', text: `${HEAD}${yaml}` }, () => null);
  if (node?.kind !== 'source') throw new Error('not a source');
  const { line, column, source } = sourceMistake(node, { code, message: 'm', hint: null, said: null });
  return [line, column, source?.text.slice((column ?? 1) - 1, (column ?? 1) - 1 + source.length)];
};

describe('a mistake of a source in a database', () => {
  it.each([
    ['table: sales.orders\nparams: { connection: shop }\n', 'source-missing', [4, 8, 'sales.orders']],
    ['table: sales.orders\nparams: { connection: shp }\n', 'unknown-connection', [5, 23, 'shp']],
    ['table: sales.orders\n', 'unknown-connection', [4, 8, 'sales.orders']],
    ['params:\n  query: SELECT 1\n', 'source-unreadable', [5, 3, 'query']],
    ['table: sales.orders\nschema: [{ name: a, data_type: INTEGER }]\n', 'schema-mismatch', [5, 1, 'schema']],
  ])('%j, %s', (yaml, code, place) => {
    expect(placeOf(yaml, code)).toEqual(place);
  });
});
