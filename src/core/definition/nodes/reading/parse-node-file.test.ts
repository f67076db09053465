import { describe, expect, it } from 'vitest';
import { nodeFromDefinition } from '../node-from-definition.ts';
import { at, marked, shown } from '../../yaml/marked-source.testing.ts';
import { parseNodeFile } from './parse-node-file.ts';
import type { ProjectNode } from '../node.ts';

const FILES: Readonly<Record<string, string>> = {
  'sql/a.sql': 'SELECT\n  1\n',
  'seeknal/beside.sql': 'SELECT 2',
  'empty.sql': ' \n',
};
const readText = (path: string) => (Object.hasOwn(FILES, path) ? { path, text: FILES[path] ?? '' } : null);
const parse = (text: string) => parseNodeFile({ path: 'seeknal/n.yml', text }, readText);

function nodeOf(text: string): ProjectNode {
  const { node, diagnostics } = parse(text);
  expect(diagnostics.map(shown)).toEqual([]);
  if (!node) throw new Error('no node');
  return node;
}

const SOURCE = 'kind: source\nname: raw\nsource: csv\ntable: data/raw.csv\n';
const TRANSFORM = 'kind: transform\nname: t\ntransform: SELECT 1\n';
const CSV_KEYS =
  'Known keys: kind, name, description, owner, tags, columns, params, inputs, materializations, materialization, audits, source, table, schema, on_schema_change, freshness, incremental.';

describe('parseNodeFile', () => {
  it('reads a source with every key', () => {
    const text = `kind: source
name: raw orders
source: csv
table: "data/*.csv"
description: Orders
owner: team-sales
tags: [core, nightly, core]
columns: { order_id: Order identifier, revenue: { description: Net, dtype: "DECIMAL(18,2)" }, plain: }
params: { delimiter: ";", HEADER: true, skip: 2, quote: null, nullstr: [a, b] }
schema:
  - { name: order_id, data_type: VARCHAR }
materializations: []
materialization:
audits: []
freshness: {}
`;
    const { definition, origin, ...node } = nodeOf(text);
    expect(node).toEqual({
      kind: 'source',
      freshness: null,
      incremental: null,
      targets: [],
      id: 'source.raw orders',
      name: 'raw orders',
      file: 'seeknal/n.yml',
      at: { line: 2, column: 7 },
      description: 'Orders',
      owner: 'team-sales',
      tags: ['core', 'nightly'],
      columns: [
        { name: 'order_id', description: 'Order identifier', dtype: null, at: { line: 8, column: 12 } },
        { name: 'revenue', description: 'Net', dtype: 'DECIMAL(18,2)', at: { line: 8, column: 40 } },
        { name: 'plain', description: null, dtype: null, at: { line: 8, column: 95 } },
      ],
      params: { delimiter: ';', HEADER: true, skip: 2, quote: null, nullstr: ['a', 'b'] },
      inputs: [],
      source: 'csv',
      table: 'data/*.csv',
      options: { delim: ';', header: true, skip: 2, nullstr: ['a', 'b'] },
      schema: [{ name: 'order_id', type: 'VARCHAR' }],
      onSchemaChange: 'fail',
    });
    expect(origin?.text).toBe(text);
    expect(definition['params']).toEqual({ delimiter: ';', HEADER: true, skip: 2, quote: null, nullstr: ['a', 'b'] });
    expect(Object.keys(definition)).toContain('materialization');
  });

  it('reads a transform, its inputs and the place of each line of its SQL', () => {
    const node = nodeOf(`kind: transform
name: t
inputs:
  - ref: source.a
  - b: ref:source.the b
params:
tags:
columns:
transform: |

    SELECT *
      FROM ref('source.a')
`);
    expect(node).toMatchObject({
      inputs: [
        { id: 'source.a', alias: null, at: { line: 4, column: 10 } },
        { id: 'source.the b', alias: 'b', at: { line: 5, column: 12 } },
      ],
      params: {},
      tags: [],
      columns: null,
      sql: {
        text: "\nSELECT *\n  FROM ref('source.a')\n",
        file: 'seeknal/n.yml',
        places: [0, 1, 10, 33].map((offset, index) => ({ offset, at: { line: 10 + index, column: 5 } })),
      },
    });
  });

  it.each([
    ['transform: SELECT 1', { line: 3, column: 12 }],
    ['transform: "SELECT 1"', { line: 3, column: 13 }],
    ["transform: 'SELECT 1'", { line: 3, column: 13 }],
    ['transform: >-\n  SELECT 1', { line: 4, column: 3 }],
    ['transform: |2-\n  SELECT 1', { line: 4, column: 3 }],
    ['transform: |\r\n      SELECT 1\r\n', { line: 4, column: 7 }],
  ])('finds the SQL of %j', (line, place) => {
    const node = nodeOf(`kind: transform\nname: t\n${line}`);
    expect(node.kind === 'transform' && node.sql.places?.[0]?.at).toEqual(place);
  });

  it('reads SQL from a file of the project, and keeps its text', () => {
    const node = nodeOf('kind: transform\nname: t\ntransform_file: sql/../sql/a.sql\n');
    expect(node.kind === 'transform' && node.sql).toEqual({
      text: 'SELECT\n  1\n',
      file: 'sql/a.sql',
      places: [0, 7, 11].map((offset, index) => ({ offset, at: { line: 1 + index, column: 1 } })),
      fileText: 'SELECT\n  1\n',
    });
    expect(node.definition).toEqual({
      kind: 'transform',
      name: 't',
      transform_file: 'sql/../sql/a.sql',
      transform: 'SELECT\n  1\n',
    });
  });

  it('keeps values as written: dates and quoted digits are texts, numbers keep their digits', () => {
    const node = nodeOf(
      `${TRANSFORM}params: { a: 2024-01-01, b: "007", c: 007, d: 12345678901234567890, e: 1.50, f: .inf, g: yes, h: ~, i: 0x1F }\n`,
    );
    expect(node.params).toEqual({
      a: '2024-01-01',
      b: '007',
      c: { $number: '007' },
      d: { $number: '12345678901234567890' },
      e: { $number: '1.50' },
      f: '.inf',
      g: 'yes',
      h: null,
      i: { $number: '0x1F' },
    });
  });

  it('accepts anchors', () => {
    const node = nodeOf(`${TRANSFORM}params: { a: &x [1, 2], b: *x }\n`);
    expect(node.params).toEqual({ a: [1, 2], b: [1, 2] });
  });

  it('lets params of a source fill its own path', () => {
    const node = nodeOf(
      'kind: source\nname: s\nsource: json\ntable: data/{{ region }}.json\nparams: { region: eu, format: array }\n',
    );
    expect(node.kind === 'source' && [node.options, node.params]).toEqual([
      { format: 'array' },
      { region: 'eu', format: 'array' },
    ]);
  });

  it.each([
    ['unknown key', `${SOURCE}~ownr: a\n`, ["unknown-key: Unknown key 'ownr' in a source. (Did you mean 'owner'?)"]],
    [
      'key without a close match',
      `${SOURCE}~zzzzz: a\n`,
      [`unknown-key: Unknown key 'zzzzz' in a source. (${CSV_KEYS})`],
    ],
    [
      'key of another kind',
      `${SOURCE}~transform: SELECT 1\n`,
      ["unknown-key: Unknown key 'transform' in a source. (It belongs to a transform.)"],
    ],
    [
      'merge key',
      `${SOURCE}params:\n  ~<<: {}\n`,
      [
        'invalid-yaml: Merge keys (`<<`) do not exist in YAML 1.2. (Write the keys out; `key: *anchor` inserts a whole value.)',
      ],
    ],
    ['no kind', '~name: x\n', ["missing-key: A node needs a 'kind'. (Write one of source, transform.)"]],
    [
      'unknown kind',
      'kind: ~trnsform\nname: x\ntransform: SELECT 1\n',
      ["unknown-kind: Unknown kind 'trnsform'. (Did you mean 'transform'?)"],
    ],
    [
      'later kind',
      'kind: ~exposure\nname: x\n',
      ["not-yet-supported: Nodes of kind 'exposure' are not supported yet. (Supported: source, transform.)"],
    ],
    [
      'no name',
      '~kind: transform\ntransform: SELECT 1\n',
      ["missing-key: A transform needs a 'name'. (Add a name; other nodes read this one as `kind.name`.)"],
    ],
    [
      'empty name',
      'kind: transform\nname: ~""\ntransform: SELECT 1\n',
      ["empty-value: 'name' is empty. (Add a name; other nodes read this one as `kind.name`.)"],
    ],
    [
      'bad name',
      'kind: transform\nname: ~a.b\ntransform: SELECT 1\n',
      [
        "bad-name: \"a.b\" cannot be the name of a node: it contains '.'. (Use any characters except '/', '\\', '.' and control characters.)",
      ],
    ],
    [
      'number as name',
      'kind: transform\nname: ~12\ntransform: SELECT 1\n',
      ["wrong-type: 'name' must be a text, not the number 12. (Put it in quotes.)"],
    ],
    [
      'unknown source type',
      'kind: source\nname: s\nsource: ~cvs\ntable: a\n',
      ["unknown-source-type: Unknown source type 'cvs'. (Did you mean 'csv'?)"],
    ],
    [
      'later source type',
      'kind: source\nname: s\nsource: ~starrocks\ntable: a.b\nparams: { connection: x }\n',
      [
        "not-yet-supported: Sources of type 'starrocks' are not supported yet. (Supported: csv, parquet, json, jsonl, postgresql.)",
      ],
    ],
    [
      'no table',
      '~kind: source\nname: s\nsource: csv\n',
      [
        "missing-key: A source needs a 'table'. (Write a path or glob from the project root, such as `table: data/orders.csv`.)",
      ],
    ],
    [
      'URL',
      'kind: source\nname: s\nsource: csv\ntable: ~s3://bucket/a.csv\n',
      [
        'not-yet-supported: Reading from a URL is not supported yet. (Save the file in the project and write its path.)',
      ],
    ],
    [
      'inputs of a source',
      `${SOURCE}~inputs: [ref: source.a]\n`,
      ['unexpected-inputs: A source has no inputs. (Remove `inputs`, or make the node a transform.)'],
    ],
    [
      'freshness',
      `${SOURCE}~freshness: { time_column: a }\n`,
      ["not-yet-supported: 'freshness' is not supported yet. (Remove it for now, or leave it empty.)"],
    ],
    [
      'incremental',
      `${SOURCE}~incremental: { key: a }\n`,
      ["not-yet-supported: 'incremental' is not supported yet. (Remove it for now, or leave it empty.)"],
    ],
    [
      'an unknown policy',
      `${SOURCE}on_schema_change: ~evolv\n`,
      ["bad-value: 'on_schema_change' must be fail or evolve, not 'evolv'. (Did you mean 'evolve'?)"],
    ],
    [
      'a policy of a transform',
      `${TRANSFORM}~on_schema_change: fail\n`,
      ["unknown-key: Unknown key 'on_schema_change' in a transform. (It belongs to a source.)"],
    ],
    [
      'both target keys',
      `${TRANSFORM}materializations: []\n~materialization: { type: iceberg }\n`,
      [
        "conflicting-keys: 'materialization' and 'materializations' cannot be combined. (Use `materializations`, a list.)",
      ],
    ],
    [
      'audits',
      `${TRANSFORM}~audits: [x]\n`,
      ["not-yet-supported: 'audits' is not supported yet. (Remove it for now, or leave it empty.)"],
    ],
    [
      'tags that are not a list',
      `${TRANSFORM}tags: ~core\n`,
      [
        "wrong-type: 'tags' must be a list, not the text 'core'. (Write `tags: [a, b]`, or one `- item` per line under it.)",
      ],
    ],
    [
      'a tag that is not a text',
      `${TRANSFORM}tags: [a, ~[b]]\n`,
      ["wrong-type: 'tags' must be a text for each tag, not a list. (Write `tags: [core, nightly]`.)"],
    ],
    [
      'params that are not a mapping',
      `${TRANSFORM}params: ~[a]\n`,
      ["wrong-type: 'params' must be a mapping, not a list. (Write `key: value` lines under it, indented.)"],
    ],
    [
      'columns that are not a mapping',
      `${TRANSFORM}columns: ~[a]\n`,
      ["wrong-type: 'columns' must be a mapping, not a list. (Write `key: value` lines under it, indented.)"],
    ],
    [
      'key of a column',
      `${TRANSFORM}columns: { a: { ~dtyp: INT } }\n`,
      ["unknown-key: Unknown key 'dtyp' in column 'a'. (Did you mean 'dtype'?)"],
    ],
    [
      'a repeated column',
      `${TRANSFORM}columns: { a: x, ~A: y }\n`,
      ["duplicate-column: Column 'A' is listed twice, as 'a' and 'A': names ignore case. (Remove one of them.)"],
    ],
    [
      'schema without type',
      `${SOURCE}schema:\n  - ~name: a\n`,
      ["missing-key: A column of the schema needs a 'data_type'. (Write `- { name: order_id, data_type: VARCHAR }`.)"],
    ],
    [
      'schema of texts',
      `${SOURCE}schema: [~a]\n`,
      ['wrong-type: "a" is not a schema column. (Write `- { name: order_id, data_type: VARCHAR }`.)'],
    ],
    [
      'unknown option',
      `${SOURCE}params: { ~haeder: true }\n`,
      ["unknown-option: Unknown option 'haeder' of a csv source. (Did you mean 'header'?)"],
    ],
    [
      'refused option',
      `${SOURCE}params: { ~store_rejects: true }\n`,
      [
        "refused-option: The option 'store_rejects' is refused: it stores rejected lines in tables that no query can read; use ignore_errors. (Remove 'store_rejects'.)",
      ],
    ],
    [
      'the name of an object method as an option',
      `${SOURCE}params: { ~constructor: true }\n`,
      ["unknown-option: Unknown option 'constructor' of a csv source. (See DuckDB's options for reading csv.)"],
    ],
    [
      'one option under two names',
      `${SOURCE}params: { sep: a, ~delimiter: b }\n`,
      ["conflicting-keys: 'sep' and 'delimiter' are the same option. (Remove one.)"],
    ],
    [
      'no SQL',
      '~kind: transform\nname: t\n',
      [
        "missing-key: A transform needs a 'transform'. (Put the SQL under `transform: |`, or name a file with `transform_file: path.sql`.)",
      ],
    ],
    [
      'two places for the SQL',
      `${TRANSFORM}~transform_file: a.sql\n`,
      ["conflicting-keys: 'transform' and 'transform_file' cannot be combined. (Remove one of them.)"],
    ],
    [
      'missing SQL file',
      'kind: transform\nname: t\ntransform_file: ~b.sql\n',
      ['file-not-found: File b.sql does not exist. (Paths start at the project root.)'],
    ],
    [
      'SQL file in the folder of the node',
      'kind: transform\nname: t\ntransform_file: ~beside.sql\n',
      [
        "file-not-found: File beside.sql does not exist. (Paths start at the project root: did you mean 'seeknal/beside.sql'?)",
      ],
    ],
    [
      'empty SQL file',
      'kind: transform\nname: t\ntransform_file: ~empty.sql\n',
      ['empty-file: empty.sql is empty. (Write the query into the file.)'],
    ],
    [
      'an input that is not a mapping',
      `${TRANSFORM}inputs: [~source.a]\n`,
      ['bad-reference: An input must name a node. (Write `- ref: kind.name`, or `- alias: ref:kind.name`.)'],
    ],
    [
      'an input that is not an id',
      `${TRANSFORM}inputs: [ref: ~raw]\n`,
      ["bad-reference: 'raw' is not a reference to a node. (Write `- ref: kind.name`, or `- alias: ref:kind.name`.)"],
    ],
    [
      'alias without ref',
      `${TRANSFORM}inputs: [a: ~source.a]\n`,
      [
        "bad-reference: The input 'a' does not begin with 'ref:'. (Write an input with an alias as `- a: ref:source.a`.)",
      ],
    ],
    [
      'input with two keys',
      `${TRANSFORM}inputs: [{ ref: source.a, ~as: b }]\n`,
      ["unknown-key: Unknown key 'as' in an input. (Write `- ref: kind.name`, or `- alias: ref:kind.name`.)"],
    ],
    [
      'bad alias',
      `${TRANSFORM}inputs: [~a b: ref:source.a]\n`,
      ["bad-alias: 'a b' cannot be used as {{ … }}. (Use letters, digits and underscores.)"],
    ],
    [
      'a repeated input',
      `${TRANSFORM}inputs: [ref: source.a, ref: ~source.a]\n`,
      ['duplicate-input: source.a is listed twice. (Remove one, or give each an alias.)'],
    ],
    [
      'a repeated alias',
      `${TRANSFORM}inputs: [x: ref:source.a, x: ref:~source.b]\n`,
      ["duplicate-alias: The alias 'x' names two inputs. (Give one of them another alias.)"],
    ],
    [
      'a repeated key',
      `${TRANSFORM}~name: u\n`,
      ["duplicate-key: Key 'name' is repeated; it first appears in line 2. (Keep one of the two.)"],
    ],
    ['empty file', '~# nothing\n', ['empty-file: This file is empty. (Add a node, or delete the file.)']],
    ['only null', '~---\nnull\n', ['empty-file: This file is empty. (Add a node, or delete the file.)']],
    [
      'a list',
      '~- a\n',
      [
        'not-a-mapping: This file contains a list instead of a mapping (`key: value`). (A file holds one mapping, such as `kind: source`, `name: …`.)',
      ],
    ],
    [
      'a text',
      '~hello\n',
      [
        "not-a-mapping: This file contains the text 'hello' instead of a mapping (`key: value`). (A file holds one mapping, such as `kind: source`, `name: …`.)",
      ],
    ],
    [
      'two documents',
      `${TRANSFORM}~---\n${TRANSFORM}`,
      ['several-documents: Another document begins here. (Move each node to a file of its own.)'],
    ],
    [
      'tab',
      'kind: transform\nparams:\n~\tname: x\n',
      ['invalid-yaml: Tabs are not allowed here; indent with spaces. (Replace the tab with spaces.)'],
    ],
    [
      'alias to nothing',
      `${TRANSFORM}params: { a: ~*b }\n`,
      ['invalid-yaml: The alias *b does not refer to an earlier anchor. (Put a text that begins with * in quotes.)'],
    ],
    [
      'alias within itself',
      `${TRANSFORM}params: &a ~{ b: *a }\n`,
      ['invalid-yaml: This alias contains itself. (Use the alias outside the value that its anchor names.)'],
    ],
    [
      'several at once',
      '~kind: source\nname: ~a/b\nsource: ~cvs\n~x: 1\ntags: ~1\nparams: { ~skipp: 1 }\nschema: [~a]\n',
      [
        "missing-key: A source needs a 'table'. (Write a path or glob from the project root, such as `table: data/orders.csv`.)",
        "bad-name: \"a/b\" cannot be the name of a node: it contains '/'. (Use any characters except '/', '\\', '.' and control characters.)",
        "unknown-source-type: Unknown source type 'cvs'. (Did you mean 'csv'?)",
        `unknown-key: Unknown key 'x' in a source. (${CSV_KEYS})`,
        "wrong-type: 'tags' must be a list, not the number 1. (Write `tags: [a, b]`, or one `- item` per line under it.)",
        "unknown-option: Unknown option 'skipp' of a csv source. (Did you mean 'skip'?)",
        'wrong-type: "a" is not a schema column. (Write `- { name: order_id, data_type: VARCHAR }`.)',
      ],
    ],
    [
      'other mistakes of a database source',
      'kind: source\nname: s\nsource: ~iceberg\nparams: { connection: c }\n~ownr: a\n~inputs: [ref: x.y]\n',
      [
        "not-yet-supported: Sources of type 'iceberg' are not supported yet. (Supported: csv, parquet, json, jsonl, postgresql.)",
        "unknown-key: Unknown key 'ownr' in a source. (Did you mean 'owner'?)",
        'unexpected-inputs: A source has no inputs. (Remove `inputs`, or make the node a transform.)',
      ],
    ],
    [
      'other mistakes of a node of unknown kind',
      'kind: ~sorce\nname: ~a.b\nsource: ~cvs\ntable: a\ntags: ~x\n',
      [
        "unknown-kind: Unknown kind 'sorce'. (Did you mean 'source'?)",
        "bad-name: \"a.b\" cannot be the name of a node: it contains '.'. (Use any characters except '/', '\\', '.' and control characters.)",
        "unknown-source-type: Unknown source type 'cvs'. (Did you mean 'csv'?)",
        "wrong-type: 'tags' must be a list, not the text 'x'. (Write `tags: [a, b]`, or one `- item` per line under it.)",
      ],
    ],
  ])('refuses: %s', (_, text, expected) => {
    const source = marked(text);
    const { diagnostics } = parse(source.text);
    const byPlace = [...diagnostics].sort((a, b) => (a.line ?? 0) - (b.line ?? 0) || (a.column ?? 0) - (b.column ?? 0));
    expect(byPlace.map(shown)).toEqual(at(source, expected));
  });

  it.each(['../x.sql', '/etc/passwd', 'a/../../x.sql', 'C:\\x.sql', '..\\x.sql'])(
    'does not read %s, which is outside the project',
    path => {
      const { node, diagnostics } = parse(`kind: transform\nname: t\ntransform_file: ${path}\n`);
      expect([node, diagnostics.map(found => found.code)]).toEqual([null, ['bad-path']]);
    },
  );

  it('refuses excessive nesting and aliases', () => {
    const deep = parse(`a: ${'['.repeat(2500)}`);
    expect([deep.node, deep.diagnostics.length > 0]).toEqual([null, true]);
    const lines = Array.from(
      { length: 9 },
      (_, level) => `  x${level + 1}: &x${level + 1} [${Array(10).fill(`*x${level}`).join(', ')}]`,
    );
    const wide = parse(`${TRANSFORM}params:\n  x0: &x0 [a]\n${lines.join('\n')}\n`);
    expect(wide.diagnostics.map(found => found.message)).toEqual([
      'The aliases of this file expand into too many values.',
    ]);
  });

  it('returns the line for a code frame', () => {
    expect(parse(`${SOURCE}ownr: a\n`).diagnostics[0]?.source).toEqual({ text: 'ownr: a', length: 4 });
  });
});

describe('nodeFromDefinition', () => {
  it.each([
    [
      'a source',
      `${SOURCE}params: { delimiter: ";" }\nschema: [{ name: a, data_type: INT }]\ntags: [b]\ncolumns: { a: x }\n`,
    ],
    ['a transform', `${TRANSFORM}inputs: [x: ref:source.a]\nparams: { n: 1 }\n`],
    ['SQL of a file', 'kind: transform\nname: t\ntransform_file: sql/a.sql\n'],
  ])('rebuilds %s, without its places', (_, text) => {
    const node = nodeOf(text);
    const rebuilt = nodeFromDefinition(node.id, node.file, node.definition);
    expect(JSON.parse(JSON.stringify(withoutPlaces(rebuilt)))).toEqual(JSON.parse(JSON.stringify(withoutPlaces(node))));
    expect(rebuilt.at).toBeNull();
  });

  it('throws for a definition of another node or kind', () => {
    const { id, file, definition } = nodeOf(TRANSFORM);
    expect(() => nodeFromDefinition(id, file, { ...definition, name: 'u' })).toThrow('describes transform.u');
    expect(() => nodeFromDefinition(id, file, { ...definition, kind: 'rule' })).toThrow("'rule' are not supported yet");
  });
});

function withoutPlaces(node: ProjectNode): unknown {
  return JSON.parse(
    JSON.stringify(node, (key, value: unknown) =>
      ['at', 'origin', 'places', 'fileText'].includes(key) ? undefined : value,
    ),
  );
}
