import { describe, expect, it } from 'vitest';
import { type TestProject } from './harness.ts';
import { emptyProject, type Mistake, mistakesOf } from './mistakes.ts';

const RAW = 'id,amount,status\n1,10.5,ok\n2,3.5,bad\n';

/** A project with one source, and one file per given text. */
function projectWith(texts: readonly string[]): TestProject {
  const project = emptyProject();
  project.write('data/raw.csv', RAW);
  project.write('seeknal/raw.yml', 'kind: source\nname: raw\nsource: csv\ntable: data/raw.csv\n');
  texts.forEach((text, index) => project.write(`seeknal/n${String(index).padStart(2, '0')}.yml`, text));
  return project;
}

const shown = ({ code, message, hint }: Mistake): string => `${code}: ${message} (${hint})`;
const placed = (mistake: Mistake): string => `${mistake.line}:${mistake.column} ${shown(mistake)}`;

/** Every file has one mistake, and none hides another. */
async function expectOneEach(texts: readonly string[], expected: readonly string[]): Promise<void> {
  const found = await mistakesOf(projectWith(texts));
  const files = texts.map((_, index) => `seeknal/n${String(index).padStart(2, '0')}.yml`);
  expect(files.map(file => found.filter(entry => entry.file === file).map(placed))).toEqual(
    expected.map(text => [text]),
  );
  expect(found.length).toBe(texts.length);
}

const transform = (index: number, sql: string): string =>
  `kind: transform\nname: t${index}\ninputs:\n  - ref: source.raw\ntransform: |\n  ${sql.replaceAll('\n', '\n  ')}\n`;

describe('SQL that DuckDB refuses', () => {
  const CASES: readonly (readonly [string, string])[] = [
    ['SELECT idd FROM input_0', "6:10 unknown-column: Column 'idd' does not exist. (Did you mean 'id'?)"],
    [
      'SELECT id FROM input_0\nWHERE status = "fine"',
      "7:18 unknown-column: Column 'fine' does not exist. (Use single quotes for a text: 'fine'.)",
    ],
    ['SELECT y.idd FROM input_0 y', "6:12 unknown-column: y has no column 'idd'. (Did you mean 'id'?)"],
    [
      'SELECT * EXCLUDE (ids) FROM input_0',
      "6:21 unknown-column: Column 'ids' of EXCLUDE does not exist. (Did you mean 'id'?)",
    ],
    ['SELECT x.id FROM input_0 y', "6:10 unknown-table: Table 'x' does not exist. (Tables: y.)"],
    ['SELECT id FROM raw', "6:18 unknown-table: Table 'raw' does not exist. (Write ref('source.raw').)"],
    ['SELECT id FROM inptu_0', "6:18 unknown-table: Table 'inptu_0' does not exist. (Did you mean 'input_0'?)"],
    [
      'SELECT summ(id) AS s FROM input_0',
      "6:10 unknown-function: Function 'summ' does not exist. (Did you mean 'sum'?)",
    ],
    [
      'SELECT id::INTEGR AS i FROM input_0',
      "6:14 unknown-type: Type 'INTEGR' does not exist. (Did you mean 'INTEGER'?)",
    ],
    [
      'SELECT substr(amount) AS s FROM input_0',
      '6:10 query-invalid: substr() does not take (DOUBLE). (It takes substr(VARCHAR, BIGINT, BIGINT) or substr(VARCHAR, BIGINT); cast the argument with CAST(… AS …).)',
    ],
    [
      'SELECT id + status AS s FROM input_0',
      '6:13 query-invalid: + cannot be used on BIGINT and VARCHAR. (Cast the other operand: CAST(… AS …).)',
    ],
    [
      'SELECT id FROM input_0 a JOIN input_0 b ON a.id = b.id',
      "6:10 ambiguous-column: Column 'id' is ambiguous: several tables have it. (Write a.id or b.id.)",
    ],
    [
      'SELECT status, sum(amount) AS s\nFROM input_0',
      "6:10 query-invalid: The column 'status' is neither in GROUP BY nor within an aggregate. (Add it to GROUP BY, or write any_value(status) if any of its values will do.)",
    ],
    [
      'SELECT id FROM input_0 WHERE sum(amount) > 1',
      '6:32 query-invalid: WHERE cannot contain an aggregate. (Use HAVING for conditions on aggregates.)',
    ],
    [
      'SELECT id\nFROM input_0\nUNION ALL SELECT 1, 2',
      '8:3 query-invalid: The two sides of a set operation have different numbers of columns. (Select the same columns on both sides, or write UNION BY NAME.)',
    ],
    [
      'SELECT id, id FROM input_0',
      "6:14 duplicate-column: transform.t15 has two output columns named 'id'. (Give one of them another name with AS.)",
    ],
    ['SELECT id FROM input_0 WHER id', "6:31 sql-syntax: Syntax error at 'id'. (Did you mean WHERE for 'WHER'?)"],
    ['SELECT id FROM input_0 ORDER id', "6:32 sql-syntax: Syntax error at 'id'. (Did you mean ORDER BY?)"],
    [
      'SELECT id FROM input_0\nWHERE (id = 1',
      "7:16 sql-syntax: The SQL ends too early, after '1'. (A ) is missing: '(id = 1' in line 2 of the SQL is never closed.)",
    ],
    ['SELECT id FROM input_0)', '6:25 sql-syntax: This ) has no matching (. (Remove it, or add the missing (.)'],
    [
      "SELECT 'id FROM input_0",
      "6:10 sql-syntax: The text that begins here is never closed. (Close it with '; within it, a ' is written twice.)",
    ],
    [
      'SELECT id /* FROM input_0',
      '6:13 sql-syntax: The comment that begins here is never closed. (Close it with */; every nested /* needs its own */.)',
    ],
    [
      'SELECT id FROM input_0 WHERE id = $1',
      '6:37 query-invalid: The placeholder (? or $1) has no value. (Use {{ name }}, and set its value under `params`.)',
    ],
    ["SELECT id FROM ref('raw')", "6:22 bad-reference: 'raw' is not a node id. (Write ref('source.raw').)"],
    [
      'SELCT id FROM input_0',
      "6:3 not-a-query: The last statement of a transform must be a query; this one begins with SELCT. (Did you mean 'SELECT'?)",
    ],
    [
      "SELECT * FROM 'data/raw.csv'",
      '6:17 reads-outside: transform.t25 reads a file directly, so changes to its data would go unnoticed. (Add a source for it, and read that source.)',
    ],
    [
      'SELECT table_name FROM information_schema.tables',
      "6:26 reads-outside: transform.t26 reads DuckDB's catalogue directly, so changes to its data would go unnoticed. (Add a source for it, and read that source.)",
    ],
    [
      'SELECT y.id FROM input_0 y JOIN (SELECT 1 AS k) z USING (id)',
      "6:53 unknown-column: Column 'id' of USING does not exist on the right side of the join. (Both sides need it; if its names differ, write ON a.x = b.y.)",
    ],
  ];

  it('is reported in plain words with position and hint, all mistakes at once', async () => {
    await expectOneEach(
      CASES.map(([sql], index) => transform(index, sql)),
      CASES.map(([, expected]) => expected),
    );
  });
});

describe('YAML that cannot be read', () => {
  const rest = 'transform: SELECT 1 AS a\n';
  const CASES: readonly (readonly [string, string])[] = [
    [
      `kind: transform\nname: a\ndescription: this: that\n${rest}`,
      '3:14 invalid-yaml: This value contains a colon and a space, which YAML reads as another `key: value`. (Put the value in quotes, or indent SQL under `transform: |`.)',
    ],
    [
      "kind: transform\nname: 'b\ntransform: SELECT 1 AS a\n",
      "2:7 invalid-yaml: This text is never closed: a ' is missing. (Within '…' a single quote is written twice.)",
    ],
    [
      `kind: transform\nname c\n${rest}`,
      '2:1 invalid-yaml: This line is not `key: value`. (Write `key: value`; indent a text of several lines under `key: |`.)',
    ],
    [
      `kind: transform\nname: d\n tags: [x]\n${rest}`,
      '2:7 invalid-yaml: The next line is indented as if it belonged to this one. (Keys of one mapping, and items of one list, begin in the same column.)',
    ],
    [
      `kind: transform\nname: e\ntags: [x\n${rest}`,
      '4:1 invalid-yaml: A list that was opened above is not closed: ] is missing. (Put ] before this place.)',
    ],
    [
      `kind: transform\nname: f\nowner: @ana\n${rest}`,
      '3:8 invalid-yaml: A value cannot begin with @ in YAML. (Put the value in quotes.)',
    ],
    [
      'kind: transform\nname: g\nparams: { day: 1 }\nowner: {{ day }}\n' + rest,
      '4:8 invalid-yaml: {{ day }} needs quotes: YAML reads the braces as a mapping. (Write "{{ day }}".)',
    ],
    [
      'kind: source\nname: h\nsource: csv\ntable: data/raw.csv\ndescription: *.csv\n',
      '5:14 invalid-yaml: The alias *.csv does not refer to an earlier anchor. (Put a text that begins with * in quotes.)',
    ],
    [
      `kind: transform\nname: i\nowner: a\nowner: b\n${rest}`,
      "4:1 duplicate-key: Key 'owner' is repeated; it first appears in line 3. (Keep one of the two.)",
    ],
    [
      'kind:transform\n',
      "1:1 not-a-mapping: This file contains the text 'kind:transform' instead of a mapping (`key: value`). (Add a space after the colon of the key.)",
    ],
    [
      `kind: transform\nname: k\nx: ${'['.repeat(5000)}`,
      '3:800 invalid-yaml: This file is nested too deeply. (Use only a few levels of nesting.)',
    ],
  ];

  it('is reported in plain words with the position of the mistake', async () => {
    const texts = CASES.map(([text]) => text);
    const found = await mistakesOf(projectWith(texts));
    const inPlain = found.map(placed).map(text => text.replace(/^3:\d{3,4} /, '3:800 '));
    expect(inPlain).toEqual(CASES.map(([, expected]) => expected));
  });
});

describe('options of sources', () => {
  const source = (name: string, rest: string): string =>
    `kind: source\nname: ${name}\nsource: csv\ntable: data/raw.csv\n${rest}\n`;
  const CASES: readonly (readonly [string, string])[] = [
    [
      'params: { header: maybe }',
      "5:19 bad-option: The option 'header' must be true or false, not 'maybe'. (Write true or false, or leave 'header' out.)",
    ],
    [
      'params: { skip: -1 }',
      "5:17 bad-option: The option 'skip' must be a whole number of at least 0, not -1. (Write a whole number of at least 0, or leave 'skip' out.)",
    ],
    [
      'params:\n  Delimiter: [";"]',
      "6:14 bad-option: The option 'Delimiter' must be one to four characters, not a list. (Write one to four characters, or leave 'Delimiter' out.)",
    ],
    [
      'params: { encoding: klingon }',
      "5:21 bad-option: DuckDB rejects the option 'encoding': The CSV Reader does not support the encoding: \"klingon\". (Correct 'encoding', or leave it out.)",
    ],
    ['params: { types: { id: INTEGR } }', "5:24 bad-option: Type 'INTEGR' does not exist. (Did you mean INTEGER?)"],
    [
      'params: { types: { idd: BIGINT } }',
      "5:20 bad-option: The option 'types' names the column 'idd', which the file does not have. (Use the names of the header; they are case-sensitive.)",
    ],
    [
      'schema:\n  - { name: id, data_type: "STRNG" }\n  - { name: amount, data_type: DOUBLE }\n  - { name: status, data_type: DATE }',
      "6:28 bad-option: Type 'STRNG' does not exist. (Did you mean STRING?)",
    ],
    [
      'schema: [{ name: idd, data_type: BIGINT }]',
      "5:1 schema-mismatch: The data of source.s7 does not match its schema: it lacks idd and has id, amount, status, which the schema does not declare. (Correct `schema` to match the files, or remove it to use the reader's names and types.)",
    ],
    [
      'params: { quote: "{{ what }}", what: ab }',
      "5:18 bad-option: The option 'quote' must be one character or empty, not 'ab'. (Write one character or empty, or leave 'quote' out.)",
    ],
    [
      'params: { nullstr: [a, "{{ tody }}"] }',
      "5:25 unknown-parameter: Unknown parameter 'tody'. (Did you mean 'today'?)",
    ],
  ];

  it('are checked, with their position and the accepted values', async () => {
    const texts = CASES.map(([text], index) => source(`s${index}`, text));
    const found = await mistakesOf(projectWith(texts));
    expect(found.map(placed)).toEqual(CASES.map(([, expected]) => expected));
  });
});

describe('mistakes of all kinds', () => {
  it('are reported all at once, including several in one file and those below a broken file', async () => {
    const project = projectWith([
      'kind: transform\nname: a\nonwer: x\ntags: y\ninputs: [ref: source.raw]\ntransform: SELECT id, amont FROM input_0\n',
      'kind: source\nname: b\nsource: csv\ntable: data/raw.csv\naudits: [x]\ncolumns: { idd: { dtype: BIGINT } }\n',
      'kind: transform\nname: c\ninputs: [ref: source.b]\ntransform: SELECT idd FROM input_0\n',
      'kind: transform\nname: d\ninputs: [ref: transform.e]\ntransform: SELECT 1 AS a\n',
      'kind: transform\nname: e\n\ttransform: SELECT 1\n',
    ]);
    project.write('seeknal_project.yml', 'nam: x\n');
    project.write('seeknal/common/c.yml', '- a\n');
    for (const command of [['validate'], ['plan'], ['run'], ['env', 'plan', 'dev'], ['run', '--dry-run']]) {
      const found = await mistakesOf(project, ...command);
      expect(
        found.map(({ file, line, column, code }) => `${file}:${line}:${column} ${code}`),
        command.join(' '),
      ).toEqual([
        'seeknal/common/c.yml:1:1 not-a-mapping',
        'seeknal/n00.yml:3:1 unknown-key',
        'seeknal/n00.yml:4:7 wrong-type',
        'seeknal/n00.yml:6:23 unknown-column',
        'seeknal/n01.yml:5:1 not-yet-supported',
        'seeknal/n01.yml:6:12 unknown-column',
        'seeknal/n02.yml:4:19 unknown-column',
        'seeknal/n04.yml:3:1 invalid-yaml',
        'seeknal_project.yml:1:1 unknown-key',
        'seeknal_project.yml:1:1 missing-key',
      ]);
      expect(found.filter(entry => entry.hint === null || entry.hint === '')).toEqual([]);
      expect(project.exists('target/store')).toBe(false);
    }
  });

  it('are reported all at once for a file outside the project', async () => {
    const project = projectWith([]);
    const head = 'kind: transform\nname: m\nonwer: x\n';
    const found = async (text: string, command: string): Promise<readonly string[]> => {
      project.write('m.yml', text);
      return (await mistakesOf(project, command, 'm.yml')).map(entry => `${entry.line}:${entry.column} ${entry.code}`);
    };
    for (const command of ['dry-run', 'apply']) {
      const unbound = `${head}inputs: [ref: source.raw]\ntransform: SELECT idd FROM input_0\n`;
      expect(await found(unbound, command)).toEqual(['3:1 unknown-key', '5:19 unknown-column']);
      const unknown = `${head}inputs: [ref: source.rw]\ntransform: SELECT {{ nope }} AS a FROM input_0\n`;
      expect(await found(unknown, command)).toEqual([
        '3:1 unknown-key',
        '4:15 unknown-reference',
        '5:19 unknown-parameter',
      ]);
    }
    expect(project.exists('seeknal/transforms')).toBe(false);
  });

  it('show the line of the file with the right characters marked', async () => {
    const project = projectWith([
      "kind: transform\nname: a\ninputs: [ref: source.raw]\ntransform: SELECT '数据 🎉' AS x, amont FROM input_0\n",
      'kind: transform\nname: b\ninputs: [ref: source.raw]\ntransform: "SELECT \\"id\\",\n  amont FROM input_0"\n',
      'kind: transform\nname: c\ninputs: [ref: source.raw]\nparams: { day: "{{ tody }}" }\ntransform: SELECT 1 AS a\n',
    ]);
    const { code, stdout, stderr } = await project.run(['validate']);
    expect([code, stdout, stderr]).toEqual([
      1,
      '',
      [
        "seeknal/n00.yml:4:33: error[unknown-column]: Column 'amont' does not exist.",
        "  4 | transform: SELECT '数据 🎉' AS x, amont FROM input_0",
        '    |                                   ^^^^^',
        "  hint: Did you mean 'amount'?",
        "seeknal/n01.yml:5:3: error[unknown-column]: Column 'amont' does not exist.",
        '  5 |   amont FROM input_0"',
        '    |   ^^^^^',
        "  hint: Did you mean 'amount'?",
        "seeknal/n02.yml:4:17: error[unknown-parameter]: Unknown parameter 'tody'.",
        '  4 | params: { day: "{{ tody }}" }',
        '    |                 ^^^^^^^^^^',
        "  hint: Did you mean 'today'?",
        'error[invalid-project]: The project has 3 mistakes.',
        '',
      ].join('\n'),
    ]);
  });
});

describe('a failure during a run', () => {
  it('names the value, the position and what to do', async () => {
    const project = projectWith([
      transform(0, 'SELECT id,\n  CAST(status AS INTEGER) AS n\nFROM input_0'),
      transform(1, "SELECT strptime(status, '%Y') AS n FROM input_0"),
      transform(2, 'SELECT (SELECT id FROM input_0) AS n'),
      'kind: source\nname: s\nsource: csv\ntable: data/raw.csv\nschema:\n  - { name: id, data_type: BIGINT }\n  - { name: amount, data_type: DOUBLE }\n  - { name: status, data_type: DATE }\n',
    ]);
    const outcome = await project.run(['run', '--continue-on-error', '--json']);
    const { diagnostics } = JSON.parse(outcome.stdout) as { diagnostics: Mistake[] };
    expect([outcome.code, diagnostics.map(placed).sort()]).toEqual([
      1,
      [
        "6:10 query-failed: transform.t1 failed: 'ok' does not fit the format '%Y'. (Use try_strptime, which returns NULL for such values.)",
        '6:3 query-failed: transform.t2 failed: A subquery returns more than one row instead of one value. (Select one row with an aggregate such as max(), or with ORDER BY and LIMIT 1.)',
        "7:10 query-failed: transform.t0 failed: 'ok' in the column 'status' cannot be cast to INTEGER. (Use TRY_CAST, which returns NULL for such values, or filter and clean them first.)",
        "8:32 source-unreadable: source.s cannot be read: 'ok' in line 2 of data/raw.csv is not a valid DATE (column 'status'). (Correct the line, give the column another type under `schema`, or set `nullstr` under `params` to the text that means NULL.)",
      ],
    ]);
  });
});
