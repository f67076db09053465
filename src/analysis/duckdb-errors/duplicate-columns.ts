import { lexSql, type SqlToken, unquoted } from '../../core/definition/sql/sql-lexer.ts';

/** The second occurrence of an output name, with a hint. */
export interface DuplicateName {
  /** null if no token of the query contains it. */
  readonly at: SqlToken | null;
  readonly hint: string;
}

const RENAME = 'Give one of them another name with AS';

/** Explains why two outputs of a query have the same name. The hint mentions EXCLUDE only if a star contains the column. */
export function duplicateName(query: string, name: string): DuplicateName {
  const tokens = lexSql(query);
  const items = selectItems(tokens);
  const named = items.flatMap(item => nameIn(item, name) ?? []);
  const stars = items.flatMap(item => starOf(item) ?? []);
  const [star] = stars.slice(-1);
  const isExpression = named.length === 0 && !/^\w+$/.test(name);
  const at = named[1] ?? named[0] ?? (isExpression ? null : star?.at) ?? null;
  const column = sqlName(name);
  if (tokens[0]?.upper === 'FROM' && items.length === 0)
    return {
      at,
      hint: `Join with USING (${column}), or SELECT the columns by name and give one another name with AS.`,
    };
  if (star === undefined || named.length > 1 || isExpression || (named.length > 0 && stars.length > 1))
    return { at, hint: `${RENAME}.` };
  if (named.length > 0)
    return { at, hint: `${RENAME}, or leave it out of the star: ${star.text} EXCLUDE (${column}).` };
  const without = stars.length > 1 ? `${star.text} EXCLUDE (${column})` : `a.*, b.* EXCLUDE (${column})`;
  return { at, hint: `Join with USING (${column}), or leave it out of one table's star: ${without}.` };
}

/** The items of the outermost SELECT of a query, up to its FROM. */
function selectItems(tokens: readonly SqlToken[]): readonly (readonly SqlToken[])[] {
  const outer = outermost(tokens);
  const start = outer.find(index => tokens[index]?.upper === 'SELECT');
  if (start === undefined) return [];
  const end = outer.find(index => index > start && ENDS.has(tokens[index]?.upper ?? '')) ?? tokens.length;
  const commas = outer.filter(index => index > start && index < end && tokens[index]?.upper === ',');
  const edges = [start, ...commas, end];
  return edges.slice(1).map((edge, index) => tokens.slice((edges[index] ?? 0) + 1, edge));
}

const ENDS = new Set(['FROM', 'WHERE', 'GROUP', 'ORDER', 'LIMIT', 'UNION', 'INTERSECT', 'EXCEPT']);

/** Indexes of the tokens outside parentheses. */
function outermost(tokens: readonly SqlToken[]): readonly number[] {
  let depth = 0;
  return tokens.flatMap((token, index) => {
    if (/^[)\]}]$/.test(token.upper)) depth -= 1;
    const isOuter = depth === 0;
    if (/^[([{]$/.test(token.upper)) depth += 1;
    return isOuter ? [index] : [];
  });
}

/** The token that names an item, which is its last one; null if the item has another name. */
function nameIn(item: readonly SqlToken[], name: string): SqlToken | null {
  const last = item.at(-1);
  return last && (unquoted(last) ?? last.text).toUpperCase() === name.toUpperCase() ? last : null;
}

interface Star {
  readonly at: SqlToken;
  /** The name as written, with its qualifier. */
  readonly text: string;
}

/** Whether an item is `*` or `t.*`, with or without EXCLUDE, REPLACE and the like. */
function starOf(item: readonly SqlToken[]): Star | null {
  const listed = item.filter(token => token.upper !== 'DISTINCT' && token.upper !== 'ALL');
  const index = listed.findIndex(token => token.upper === '*');
  const [before, at] = [listed.slice(0, index), listed[index]];
  if (!at || !before.every((token, place) => (place % 2 === 1) === (token.upper === '.')) || before.length % 2 === 1)
    return null;
  return { at, text: `${before.map(token => token.text).join('')}*` };
}

/** In quotes unless the name certainly needs none. */
const sqlName = (name: string): string =>
  /^[a-z_][a-z0-9_]*$/i.test(name) && !RESERVED.has(name.toUpperCase()) ? name : `"${name.replaceAll('"', '""')}"`;

const RESERVED = new Set(
  (
    'ALL ANALYSE ANALYZE AND ANY ARRAY AS ASC ASYMMETRIC BOTH CASE CAST CHECK COLLATE COLUMN CONSTRAINT CREATE DEFAULT ' +
    'DEFERRABLE DESC DESCRIBE DISTINCT DO ELSE END EXCEPT FALSE FETCH FOR FOREIGN FROM GROUP HAVING IN INITIALLY ' +
    'INTERSECT INTO LAMBDA LATERAL LEADING LIMIT NOT NULL OFFSET ON ONLY OR ORDER PIVOT PLACING PRIMARY QUALIFY ' +
    'REFERENCES RETURNING SELECT SHOW SOME SUMMARIZE SYMMETRIC TABLE THEN TO TRAILING TRUE UNION UNIQUE UNPIVOT USING ' +
    'VARIADIC WHEN WHERE WINDOW WITH'
  ).split(' '),
);
