/** Replacements for a word or symbol of SQL. */
const SWAPS: Readonly<Record<string, readonly string[]>> = {
  '=': ['<>', '<'],
  '<>': ['='],
  '<': ['<=', '>'],
  '>': ['>=', '<'],
  '<=': ['<'],
  '>=': ['>'],
  '+': ['-', '*'],
  '-': ['+'],
  '*': ['+'],
  AND: ['OR'],
  OR: ['AND'],
  IN: ['NOT IN'],
  EXISTS: ['NOT EXISTS'],
  LEFT: ['INNER', 'RIGHT', 'FULL'],
  RIGHT: ['LEFT', 'INNER'],
  FULL: ['LEFT', 'INNER'],
  JOIN: ['LEFT JOIN'],
  SEMI: ['ANTI'],
  ANTI: ['SEMI'],
  UNION: ['UNION ALL', 'EXCEPT', 'INTERSECT'],
  ALL: ['ANY', ''],
  EXCEPT: ['INTERSECT', 'EXCEPT ALL'],
  DESC: ['ASC', 'DESC NULLS FIRST'],
  SELECT: ['SELECT DISTINCT'],
  max: ['min', 'first'],
  sum: ['max', 'avg'],
  count: ['max'],
  upper: ['lower'],
  list: ['max', 'first'],
  arg_max: ['arg_min'],
  row_number: ['rank', 'dense_rank'],
  lag: ['lead'],
  greatest: ['least'],
  range: ['generate_series'],
  ROWS: ['RANGE', 'GROUPS'],
  PRECEDING: ['FOLLOWING'],
  VARCHAR: ['INTEGER'],
  DAY: ['MONTH'],
  ok: ['x'],
  LIKE: ['ILIKE', 'NOT LIKE'],
  BETWEEN: ['NOT BETWEEN'],
  DISTINCT: ['', 'ALL'],
  NULL: ['NOT NULL'],
  NOT: [''],
  ASC: ['DESC'],
  INTERSECT: ['EXCEPT', 'INTERSECT ALL'],
  ROLLUP: ['CUBE'],
  CUBE: ['ROLLUP'],
  FOLLOWING: ['PRECEDING'],
  RANGE: ['ROWS', 'GROUPS'],
  MONTH: ['DAY'],
  min: ['max'],
  avg: ['sum', 'median'],
  first: ['last'],
  last: ['first'],
  lower: ['upper'],
  lead: ['lag'],
  rank: ['dense_rank', 'row_number'],
  dense_rank: ['rank'],
  arg_min: ['arg_max'],
  bool_and: ['bool_or'],
  coalesce: ['greatest'],
  nullif: ['coalesce'],
  struct_pack: ['row'],
  string_agg: ['max'],
  length: ['ascii'],
};

const TOKEN = /'(?:[^']|'')*'|"[^"]*"|<>|<=|>=|\d+|\w+|[-=<>+*]/g;

/** Every query that differs from the given one in a single literal, operator, function, keyword, alias or column. */
export function mutantsOf(sql: string, columns: readonly string[]): readonly string[] {
  const mutants: string[] = [];
  let last = '';
  for (const match of sql.matchAll(TOKEN)) {
    const [token] = match;
    for (const swap of swapsOf(token, last, columns)) {
      mutants.push(sql.slice(0, match.index) + swap + sql.slice(match.index + token.length));
    }
    last = token;
  }
  return [...new Set(mutants)].filter(mutant => mutant !== sql);
}

function swapsOf(token: string, last: string, columns: readonly string[]): readonly string[] {
  const known = SWAPS[token] ?? SWAPS[token.toUpperCase()];
  if (known) return known;
  if (/^\d+$/.test(token)) return [String(Number(token) + 1), '0'];
  if (token.startsWith("'")) return ["'x'", "'ok'"].filter(text => text !== token);
  if (last.toUpperCase() === 'AS') return [`${token.replaceAll('"', '')}_other`];
  const at = columns.indexOf(token);
  if (at < 0) return [];
  return [columns[(at + 1) % columns.length], columns[(at + 3) % columns.length]].flatMap(name => name ?? []);
}
