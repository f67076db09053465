import { describe, expect, it } from 'vitest';
import type { Json } from '../../json.ts';
import type { ParameterContext } from '../../parameters/parameter-scope.ts';
import { at, marked, shown } from '../yaml/marked-source.testing.ts';
import type { NodeId, TransformNode } from '../nodes/node.ts';
import { parseNodeFile } from '../nodes/reading/parse-node-file.ts';
import { type ResolvedStatement, resolveSql } from './resolve-sql.ts';
import { placeIn } from './source-map.ts';

const INPUTS = 'inputs:\n  - ref: source.raw\n  - other: ref:transform.the "best"\n';
const KNOWN = ['source.raw', 'source.more', 'transform.the "best"', 'transform.t'] as NodeId[];
const CONTEXT: ParameterContext = { date: '2026-03-01', environment: { REGION: "it's" }, overrides: {}, common: {} };

function nodeOf(sql: string, head = INPUTS): TransformNode {
  const text = `kind: transform\nname: t\n${head}transform: |\n${sql
    .split('\n')
    .map(line => `  ${line}`)
    .join('\n')}\n`;
  const { node, diagnostics } = parseNodeFile({ path: 't.yml', text }, () => null);
  if (node?.kind !== 'transform') throw new Error(diagnostics.map(shown).join('\n'));
  return node;
}

function query(sql: string, head = INPUTS, context: Partial<ParameterContext> = {}): string {
  const resolved = resolveSql(nodeOf(sql, head), { ...CONTEXT, ...context }, KNOWN);
  expect(resolved.diagnostics.map(shown)).toEqual([]);
  return resolved.sql?.query.text ?? '';
}

const withParams = (params: Readonly<Record<string, Json>>) => `${INPUTS}params: ${JSON.stringify(params)}\n`;

/** The places of `source` are within the whole YAML file. */
function expectMistakes(sql: string, expected: readonly string[], head = INPUTS): void {
  const source = marked(sql);
  const offset = head.split('\n').length - 1 + 3;
  const places = source.places.map(place => ({ line: place.line + offset, column: place.column + 2 }));
  const { diagnostics } = resolveSql(nodeOf(source.text, head), CONTEXT, KNOWN);
  expect(diagnostics.map(shown)).toEqual(at({ ...source, places }, expected));
}

describe('references', () => {
  it.each([
    ["SELECT * FROM ref('source.raw')", 'SELECT * FROM "source"."raw"'],
    ['SELECT * FROM REF ( /* c */ "source.raw" ) r', 'SELECT * FROM "source"."raw" r'],
    [`SELECT * FROM "ref"('source.raw')`, 'SELECT * FROM "source"."raw"'],
    ['SELECT * FROM "REF" -- c\n ( "source.raw" ) AS r', 'SELECT * FROM "source"."raw" AS r'],
    [
      `WITH a AS (SELECT * FROM "ref"('source.raw')), b AS (FROM a JOIN "Ref"(/* c */'source.raw') USING (id)) FROM b`,
      'WITH a AS (SELECT * FROM "source"."raw"), b AS (FROM a JOIN "source"."raw" USING (id)) FROM b',
    ],
    ['SELECT "ref", a."ref" FROM input_0 AS a', 'SELECT "ref", a."ref" FROM "source"."raw" AS a'],
    ['SELECT "input_0".a, "input_1" FROM "input_0"', 'SELECT "source"."raw".a, "input_1" FROM "source"."raw"'],
    ['WITH "input_0" AS (SELECT 1 AS a) FROM "input_0"', 'WITH "input_0" AS (SELECT 1 AS a) FROM "input_0"'],
    [`SELECT * FROM ref('transform.the "best"')`, 'SELECT * FROM "transform"."the ""best"""'],
    [
      'SELECT input_0.a FROM input_0, INPUT_1 b',
      'SELECT "source"."raw".a FROM "source"."raw", "transform"."the ""best""" b',
    ],
    ['SELECT * FROM {{ other }}', 'SELECT * FROM "transform"."the ""best"""'],
    ['SELECT * FROM source.raw, Source."RAW"', 'SELECT * FROM source.raw, Source."RAW"'],
    [
      "SELECT 'ref(''source.raw'')', 'input_0' FROM input_0 -- input_0 ref('x')",
      "SELECT 'ref(''source.raw'')', 'input_0' FROM \"source\".\"raw\"",
    ],
    [
      'SELECT x.ref(1), x.input_0, $$input_0$$ FROM input_0 x',
      'SELECT x.ref(1), x.input_0, $$input_0$$ FROM "source"."raw" x',
    ],
    [
      'WITH input_0 AS (SELECT 1 AS a) SELECT input_0.a FROM input_0',
      'WITH input_0 AS (SELECT 1 AS a) SELECT input_0.a FROM input_0',
    ],
    ['SELECT input_7 FROM input_0', 'SELECT input_7 FROM "source"."raw"'],
    [
      'SELECT a IS DISTINCT FROM source.b, extract(year FROM transform.c) FROM input_0',
      'SELECT a IS DISTINCT FROM source.b, extract(year FROM transform.c) FROM "source"."raw"',
    ],
  ])('%s', (sql, expected) => {
    expect(query(sql)).toBe(expected);
  });

  it('accepts __THIS__ if there is one input', () => {
    expect(query('FROM __THIS__', 'inputs: [ref: source.raw]\n')).toBe('FROM "source"."raw"');
    expect(query('FROM "__THIS__"', 'inputs: [ref: source.raw]\n')).toBe('FROM "source"."raw"');
  });

  it.each([
    [
      "SELECT *\nFROM ref('~source.more')",
      [
        'reference-not-in-inputs: source.more is not in the inputs of transform.t. (Add `- ref: source.more` to its inputs.)',
      ],
    ],
    [
      `SELECT * FROM "ref"('~source.rwa')`,
      ["reference-not-in-inputs: source.rwa is not in the inputs of transform.t. (Did you mean 'source.raw'?)"],
    ],
    [
      "SELECT 'ü' FROM ref('~source.rwa')",
      ["reference-not-in-inputs: source.rwa is not in the inputs of transform.t. (Did you mean 'source.raw'?)"],
    ],
    [
      "FROM ref('~transform.t')",
      ['reference-not-in-inputs: transform.t cannot read itself. (Read the inputs of the node instead.)'],
    ],
    [
      'FROM a JOIN ~source.more USING (a)',
      [
        'reference-not-in-inputs: source.more is not in the inputs of transform.t. (Add `- ref: source.more` to its inputs.)',
      ],
    ],
    [
      'FROM input_0 a, (SELECT 1), ~SOURCE.More',
      [
        'reference-not-in-inputs: source.more is not in the inputs of transform.t. (Add `- ref: source.more` to its inputs.)',
      ],
    ],
    ['FROM ~ref(source.raw)', ["bad-reference: ref() takes the id of one node as a text. (Write ref('kind.name').)"]],
    [
      "FROM ~ref('source.raw', 1)",
      ["bad-reference: ref() takes the id of one node as a text. (Write ref('kind.name').)"],
    ],
    ['FROM ~input_2', ['unknown-input: input_2 does not exist. (The node has 2: input_0 to input_1.)']],
    [
      'FROM ~__THIS__',
      [
        "this-needs-one-input: __THIS__ needs exactly one input; transform.t has 2. (Write ref('kind.name') or input_0.)",
      ],
    ],
  ])('refuses: %s', expectMistakes);
});

describe('parameters', () => {
  it.each<readonly [Readonly<Record<string, Json>>, string, string]>([
    [{ n: 7 }, 'SELECT {{ n }}, {{n}}', 'SELECT 7, 7'],
    [{ n: '007' }, "SELECT {{ n }}, '{{ n }}'", "SELECT 007, '007'"],
    [
      { a: "it's", b: 'a"b', c: "x\\y'z" },
      "SELECT '<{{ a }}>', \"{{ b }}\", E'{{ c }}', $t$<{{ a }}>$t$",
      `SELECT '<it''s>', "a""b", E'x\\\\y''z', $t$<it's>$t$`,
    ],
    [
      { a: null, b: true, c: ['x', "y'z", 1, null] },
      "SELECT {{ a }}, '{{ a }}', {{ b }}, v IN ({{ c }}), '{{ c }}'",
      "SELECT NULL, '', true, v IN ('x', 'y''z', 1, NULL), 'x, y''z, 1, '",
    ],
    [{ a: { b: { c: 2 } } }, 'SELECT {{ a.b.c }}', 'SELECT 2'],
    [{ n: -1 }, 'SELECT 5-{{ n }}', 'SELECT 5- -1'],
    [
      { from: '{{ today(-7) }}', text: 'since {{ from }}' },
      "SELECT '{{ from }}', '{{ text }}'",
      "SELECT '2026-02-22', 'since 2026-02-22'",
    ],
    [
      { where: "status = 'a' AND id IN (SELECT id FROM ref('source.raw'))" },
      'SELECT 1 WHERE {{ where }}',
      `SELECT 1 WHERE status = 'a' AND id IN (SELECT id FROM "source"."raw")`,
    ],
    [
      {},
      "SELECT DATE '{{ today }}', '{{ today(-1) }}', '{{ today( +1 ) }}'",
      "SELECT DATE '2026-03-01', '2026-02-28', '2026-03-02'",
    ],
    [{}, "SELECT '{{ env:REGION }}', '{{ env:NONE|a b }}', '{{env:NONE|}}'", "SELECT 'it''s', 'a b', ''"],
    [
      {},
      "SELECT {'a': {'b': 1}}, MAP {{'a': 1}: 2}, [{a: {b: 1}}]",
      "SELECT {'a': {'b': 1}}, MAP {{'a': 1}: 2}, [{a: {b: 1}}]",
    ],
    [{}, 'SELECT 1 -- {{ nothing }} \n/* {{ nothing }} */, 2', 'SELECT 1 -- {{ nothing }} \n/* {{ nothing }} */, 2'],
  ])('%j: %s', (params, sql, expected) => {
    expect(query(sql, withParams(params))).toBe(expected);
  });

  it('prefers overrides to the node, and the node to the common values', () => {
    const common = { a: 'common', b: 'common', c: 'common', r: { x: 1, y: 2 } };
    const sql = '{{ a }} {{ b }} {{ c }} {{ r.x }} {{ r.y }}';
    expect(
      query(`SELECT ${sql}`, withParams({ a: 'node', b: 'node' }), { common, overrides: { a: 'given', 'r.x': 9 } }),
    ).toBe('SELECT given node common 9 2');
  });

  it('reports the used parameters, as given and as resolved, without the values of variables', () => {
    const node = nodeOf("SELECT '{{ a }}', '{{ b }}', '{{ today }}'", withParams({ a: 'x{{ n }}', unused: 1 }));
    const { used } = resolveSql(node, { ...CONTEXT, common: { n: 5, b: '{{ env:REGION }}!' } });
    expect(used).toEqual([
      { name: 'a', origin: 'node', given: 'x{{ n }}', value: 'x5' },
      { name: 'n', origin: 'common', given: 5, value: 5 },
      {
        name: 'b',
        origin: 'common',
        given: '{{ env:REGION }}!',
        value: { env: 'REGION', sha256: expect.stringMatching(/^[0-9a-f]{64}$/) },
      },
      {
        name: 'env:REGION',
        origin: 'variable',
        given: null,
        value: { env: 'REGION', sha256: expect.stringMatching(/^[0-9a-f]{64}$/) },
      },
      { name: 'today', origin: 'date', given: null, value: '2026-03-01' },
    ]);
    expect(JSON.stringify(used)).not.toContain("it's");
  });

  it.each([
    [
      'SELECT\n  ~{{ min_revenu }}',
      ["unknown-parameter: Unknown parameter 'min_revenu'. (Did you mean 'min_revenue'?)"],
    ],
    ["SELECT 'ü', 'a ~{{ r.z }}'", ["unknown-parameter: Unknown parameter 'r.z'. (Did you mean 'r.x'?)"]],
    [
      'SELECT ~{{ constructor }}',
      ["unknown-parameter: Unknown parameter 'constructor'. (Known: other, min_revenue, r, r.x, today.)"],
    ],
    [
      'SELECT ~{{ env:NONE }}',
      [
        'unset-variable: The environment variable NONE is not set. (Set it, or give a default: {{ env:NONE|default }}.)',
      ],
    ],
    [
      'SELECT ~{{ a + b }}',
      [
        'bad-template: {{ a + b }} is not a parameter. (Write {{ name }}, {{ a.b }}, {{ today(-1) }} or {{ env:VARIABLE|default }}.)',
      ],
    ],
    [
      'SELECT ~{{ }}',
      [
        'bad-template: {{ }} is not a parameter. (Write {{ name }}, {{ a.b }}, {{ today(-1) }} or {{ env:VARIABLE|default }}.)',
      ],
    ],
    ['SELECT ~{{ r }}', ['bad-parameter: {{ r }} is a mapping, not a value. (Name one of its keys: {{ name.key }}.)']],
    [
      'SELECT ~{{ a }}, ~{{ b }}',
      [
        "unknown-parameter: Unknown parameter 'a'. (Known: other, min_revenue, r, r.x, today.)",
        "unknown-parameter: Unknown parameter 'b'. (Known: other, min_revenue, r, r.x, today.)",
      ],
    ],
  ])('refuses: %s', (sql, expected) => {
    expectMistakes(sql, expected, withParams({ min_revenue: 0, r: { x: 1 } }));
  });

  it('reports a broken parameter once, at its place, used or not', () => {
    const head = `${INPUTS}params:\n  a: "{{ nope }}"\n  b: "{{ c }}"\n  c: "{{ b }}"\n`;
    const { diagnostics } = resolveSql(nodeOf("SELECT {{ a }}, '{{ a }}'", head), CONTEXT);
    expect(diagnostics.map(shown)).toEqual([
      "7:7 unknown-parameter: Unknown parameter 'nope'. (Known: other, a, b, c, today.)",
      '8:7 parameter-cycle: The parameter b refers to itself: b → c → b. (Give one of them a fixed value.)',
      '9:7 parameter-cycle: The parameter c refers to itself: c → b → c. (Give one of them a fixed value.)',
    ]);
  });

  it('refuses a value that would end the text around it', () => {
    expectMistakes(
      'SELECT $t$~{{ a }}$t$',
      ["bad-parameter: The value of {{ a }} would end the text between $t$. (Put it in '…', where it is escaped.)"],
      withParams({ a: 'x$t$' }),
    );
  });
});

describe('statements', () => {
  const split = (sql: string) => {
    const { sql: resolved, diagnostics } = resolveSql(nodeOf(sql), CONTEXT, KNOWN);
    expect(diagnostics.map(shown)).toEqual([]);
    return {
      prepare: resolved?.prepare.map(({ kind, name, text, query: select }) => ({ kind, name, text, query: select })),
      query: resolved?.query.text,
    };
  };

  it('drops empty statements and comments', () => {
    expect(split(';;\n-- first\nSELECT \';\', ";", $$;$$ /* ; */ ; -- last\n;')).toEqual({
      prepare: [],
      query: 'SELECT \';\', ";", $$;$$',
    });
  });

  it('makes the objects of preparing statements temporary', () => {
    const sql = `CREATE TABLE a AS SELECT * FROM input_0;
create or replace temp view "b c"(x) as (select 1);
CREATE TEMPORARY TABLE IF NOT EXISTS d AS FROM a;
CREATE FUNCTION f(x, y := 1) AS x + y;
CREATE MACRO g(t) AS TABLE SELECT 1;
WITH z AS (SELECT 1) SELECT * FROM a`;
    expect(split(sql)).toEqual({
      prepare: [
        {
          kind: 'table',
          name: 'a',
          text: 'CREATE TEMP TABLE a AS SELECT * FROM "source"."raw"',
          query: 'SELECT * FROM "source"."raw"',
        },
        { kind: 'view', name: 'b c', text: 'create or replace temp view "b c"(x) as (select 1)', query: '(select 1)' },
        { kind: 'table', name: 'd', text: 'CREATE TEMPORARY TABLE IF NOT EXISTS d AS FROM a', query: 'FROM a' },
        { kind: 'macro', name: 'f', text: 'CREATE TEMP FUNCTION f(x, y := 1) AS x + y', query: null },
        { kind: 'macro', name: 'g', text: 'CREATE TEMP MACRO g(t) AS TABLE SELECT 1', query: null },
      ],
      query: 'WITH z AS (SELECT 1) SELECT * FROM a',
    });
  });

  it.each([
    'SELECT 1',
    '(SELECT 1)',
    'FROM input_0',
    'VALUES (1)',
    'TABLE x',
    'PIVOT input_0 ON a',
    'UNPIVOT input_0 ON a',
    'WITH a AS (SELECT 1) FROM a',
  ])('accepts %s as the result', sql => {
    expect(split(sql).prepare).toEqual([]);
  });

  const allowed = 'Only CREATE TABLE … AS, CREATE VIEW and CREATE MACRO are allowed before the last statement.';
  const result = 'A query begins with SELECT, WITH, FROM, VALUES, PIVOT or UNPIVOT.';
  it.each([
    [
      '~INSERT INTO x VALUES (1); SELECT 1',
      [`statement-not-allowed: INSERT INTO is not allowed in a transform. (${allowed})`],
    ],
    [
      "SELECT 1;\n~ATTACH 'x'; SELECT 1",
      [`statement-not-allowed: ATTACH is not allowed in a transform. (${allowed})`],
      ['~SELECT 1'],
    ],
    [
      '~CREATE SCHEMA x; SELECT 1',
      [`statement-not-allowed: CREATE SCHEMA is not allowed in a transform. (${allowed})`],
    ],
    ['~CREATE TABLE x (a INT); SELECT 1', [`statement-not-allowed: CREATE TABLE needs AS and a query. (${allowed})`]],
    [
      '~CREATE TABLE x AS SELECT 1 WITH NO DATA; SELECT 1',
      [`statement-not-allowed: CREATE TABLE needs AS and a query. (${allowed})`],
    ],
    [
      'CREATE VIEW ~main.x AS SELECT 1; SELECT 1',
      [
        "qualified-name: A transform cannot create objects in a schema such as 'main': they belong to this node only. (Use a name without a dot.)",
      ],
    ],
    [
      '~DROP TABLE x',
      [`not-a-query: The last statement of a transform must be a query; this one begins with DROP. (${result})`],
    ],
    [
      "~COPY x TO 'y'",
      [`not-a-query: The last statement of a transform must be a query; this one begins with COPY. (${result})`],
    ],
    ['WITH a AS (SELECT 1) ~INSERT INTO x FROM a', [`not-a-query: A transform cannot INSERT. (${result})`]],
    [
      'CREATE TABLE a AS SELECT 1; ~CREATE TABLE b AS SELECT 1',
      [`not-a-query: The last statement of a transform must be a query; this one begins with CREATE. (${result})`],
    ],
    ['~-- nothing\n;', ['no-query: This SQL contains no statement. (Add a query; the last statement is the result.)']],
  ])('refuses: %s', (sql, expected, first = []) => {
    if (first.length === 0) expectMistakes(sql, expected);
    else
      expectMistakes(`~${sql}`, [
        `statement-not-allowed: SELECT is not allowed in a transform. (${allowed})`,
        ...expected,
      ]);
  });
});

/** The place in the file of a unit of a statement's text. */
function placeOf(statement: ResolvedStatement | undefined, offset = 0) {
  return statement?.sourceMap ? placeIn(statement.sourceMap, offset) : null;
}

describe('source map', () => {
  it('leads from the resolved text back to the YAML', () => {
    const source = marked(
      "SELECT 'größe 😀', {{ name }}, ~bad,\n  ref.x FROM ref('source.raw') ref JOIN ~input_1 i ON ~i.é = ~{{ n }}",
    );
    const node = nodeOf(source.text, withParams({ name: "'a much longer text'", n: 7 }));
    const resolved = resolveSql(node, CONTEXT, KNOWN).sql?.query;
    const text = resolved?.text ?? '';
    const places = ['bad', '"transform"', 'i.é', '7'].map(word => placeOf(resolved, text.indexOf(word)));
    expect(places).toEqual(source.places.map(place => ({ line: place.line + 7, column: place.column + 2 })));
  });

  it('works in rewritten statements', () => {
    const source = marked('SELECT 1 AS a FROM input_0');
    const resolved = resolveSql(nodeOf(`CREATE TABLE x AS\n${source.text};\nSELECT\n nope`), CONTEXT, KNOWN).sql;
    const [prepare] = resolved?.prepare ?? [];
    expect(placeOf(prepare, prepare?.text.indexOf('SELECT'))).toEqual({ line: 8, column: 3 });
    expect(placeOf(resolved?.query, resolved?.query.text.indexOf('nope'))).toEqual({ line: 10, column: 4 });
  });

  it('is null for a stored definition', () => {
    const node = nodeOf('SELECT 1');
    expect(resolveSql({ ...node, sql: { ...node.sql, places: null } }, CONTEXT).sql?.query.sourceMap).toBeNull();
  });
});

it('shows the line of the file with a mistake', () => {
  const { diagnostics } = resolveSql(nodeOf("SELECT *\n  FROM ref('source.more')"), CONTEXT, KNOWN);
  expect(diagnostics[0]?.source).toEqual({ text: "    FROM ref('source.more')", length: 11 });
});
