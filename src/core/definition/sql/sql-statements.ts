import { didYouMean } from '../../../diagnostics/suggest.ts';
import { type Edit, edited, type MappedText, originalOffset, sliced } from '../yaml/mapped-text.ts';
import { lexSql, type SqlToken, unclosedComment, unquoted } from './sql-lexer.ts';
import { QUERY_STARTS } from './sql-tables.ts';
import type { SqlMistake } from './sql-templates.ts';

const UNCLOSED = 'Close it with */; every nested /* needs its own */.';
const WRITES = new Set(['INSERT', 'UPDATE', 'DELETE', 'MERGE']);
const QUERY = 'A query begins with SELECT, WITH, FROM, VALUES, PIVOT or UNPIVOT.';
const ALLOWED = 'Only CREATE TABLE … AS, CREATE VIEW and CREATE MACRO are allowed before the last statement.';

/** An object that an earlier statement creates, for this node only. */
export interface PreparingText {
  readonly kind: 'table' | 'view' | 'macro';
  readonly name: string;
  /** Creates a temporary object. */
  readonly sql: MappedText;
  /** The SELECT of a table or view, which is the end of the statement. */
  readonly query: string | null;
}

/** The statements of a transform; `query` is null if it is missing or refused. */
export interface SplitSql {
  readonly prepare: readonly PreparingText[];
  readonly query: MappedText | null;
  readonly mistakes: readonly SqlMistake[];
}

/** The statements of a transform: the preparing ones, and the last one, which is the result. Comments at the ends are dropped. */
export function splitStatements(sql: MappedText): SplitSql {
  const mistakes: SqlMistake[] = commentMistakes(sql);
  const refuse: Refuse = (code, message, token, hint) => {
    const offset = originalOffset(sql, token.from);
    mistakes.push({ code, message, offset, length: Math.max(1, originalOffset(sql, token.to) - offset), hint });
    return null;
  };
  const statements = groups(lexSql(sql.text));
  const last = statements.pop();
  const prepare = statements.map(tokens => readPreparing(sql, tokens, refuse)).filter(statement => statement !== null);
  if (!last) mistakes.push(NO_QUERY);
  const query = last && isQuery(last, refuse) ? slicedTo(sql, last) : null;
  return { prepare, query, mistakes };
}

const NO_QUERY: SqlMistake = {
  code: 'no-query',
  message: 'This SQL contains no statement.',
  offset: 0,
  length: 1,
  hint: 'Add a query; the last statement is the result.',
};

function commentMistakes(sql: MappedText): SqlMistake[] {
  const comment = unclosedComment(sql.text);
  if (comment === null) return [];
  const message = 'The comment that begins here is never closed.';
  return [{ code: 'sql-syntax', message, offset: originalOffset(sql, comment), length: 2, hint: UNCLOSED }];
}

type Refuse = (code: string, message: string, token: SqlToken, hint: string | null) => null;

function groups(tokens: readonly SqlToken[]): SqlToken[][] {
  const found: SqlToken[][] = [[]];
  for (const token of tokens) {
    if (token.upper === ';') found.push([]);
    else found.at(-1)?.push(token);
  }
  return found.filter(statement => statement.length > 0);
}

const slicedTo = (sql: MappedText, tokens: readonly SqlToken[]): MappedText =>
  sliced(sql, tokens[0]?.from ?? 0, tokens.at(-1)?.to ?? 0);

function isQuery(tokens: readonly SqlToken[], refuse: Refuse): boolean {
  const first = tokens.find(token => token.upper !== '(');
  if (!first || !QUERY_STARTS.has(first.upper)) {
    const begins = first?.upper || first?.text || '()';
    const message = `The last statement of a transform must be a query; this one begins with ${begins}.`;
    const hint = didYouMean(begins, [...QUERY_STARTS], QUERY);
    refuse('not-a-query', message, first ?? (tokens[0] as SqlToken), hint);
    return false;
  }
  const write = first.upper === 'WITH' ? writeAfterWith(tokens) : undefined;
  if (write) refuse('not-a-query', `A transform cannot ${write.upper}.`, write, QUERY);
  return write === undefined;
}

/** The writing keyword after common table expressions, as in `WITH … INSERT`. */
function writeAfterWith(tokens: readonly SqlToken[]): SqlToken | undefined {
  let depth = 0;
  for (const [index, token] of tokens.entries()) {
    if (token.upper === '(') depth += 1;
    else if (token.upper === ')') depth -= 1;
    else if (depth === 0 && tokens[index - 1]?.upper === ')') {
      if (WRITES.has(token.upper)) return token;
      if (QUERY_STARTS.has(token.upper)) return undefined;
    }
  }
  return undefined;
}

function readPreparing(sql: MappedText, tokens: readonly SqlToken[], refuse: Refuse): PreparingText | null {
  const head = readHead(tokens);
  const [first] = tokens;
  if (!first) return null;
  if (!head)
    return refuse('statement-not-allowed', `${wordsOf(tokens)} is not allowed in a transform.`, first, ALLOWED);
  const { kind, noun, nameIndex } = head;
  const name = tokens[nameIndex];
  const text = name?.kind === 'word' ? name.text : name && unquoted(name);
  if (!name || !text) return refuse('statement-not-allowed', 'This statement has no name.', first, ALLOWED);
  if (tokens[nameIndex + 1]?.upper === '.') {
    return refuse(
      'qualified-name',
      `A transform cannot create objects in a schema such as '${text}': they belong to this node only.`,
      name,
      'Use a name without a dot.',
    );
  }
  const query = kind === 'macro' ? null : queryOf(sql, tokens, nameIndex);
  if (query === null && kind !== 'macro')
    return refuse('statement-not-allowed', `CREATE ${kind.toUpperCase()} needs AS and a query.`, first, ALLOWED);
  return { kind, name: text, sql: temporary(sql, tokens, noun), query };
}

interface Head {
  readonly kind: PreparingText['kind'];
  /** TABLE, VIEW, MACRO or FUNCTION. */
  readonly noun: SqlToken;
  readonly nameIndex: number;
}

/** CREATE [OR REPLACE] [TEMP | TEMPORARY] TABLE | VIEW | MACRO | FUNCTION [IF NOT EXISTS]; null for all else. */
function readHead(tokens: readonly SqlToken[]): Head | null {
  const words = tokens.slice(0, 9).map(token => token.upper);
  let index = 1;
  if (words[0] !== 'CREATE') return null;
  if (words[index] === 'OR' && words[index + 1] === 'REPLACE') index += 2;
  if (words[index] === 'TEMP' || words[index] === 'TEMPORARY') index += 1;
  const noun = tokens[index];
  const kind = KINDS.get(noun?.upper ?? '');
  if (!noun || !kind) return null;
  index += 1;
  if (words[index] === 'IF' && words[index + 1] === 'NOT' && words[index + 2] === 'EXISTS') index += 3;
  return { kind, noun, nameIndex: index };
}

const KINDS: ReadonlyMap<string, PreparingText['kind']> = new Map([
  ['TABLE', 'table'],
  ['VIEW', 'view'],
  ['MACRO', 'macro'],
  ['FUNCTION', 'macro'],
]);

/** The query after AS and an optional list of column names. */
function queryOf(sql: MappedText, tokens: readonly SqlToken[], nameIndex: number): string | null {
  let index = nameIndex + 1;
  if (tokens[index]?.upper === '(') {
    while (index < tokens.length && tokens[index]?.upper !== ')') index += 1;
    index += 1;
  }
  if (tokens[index]?.upper !== 'AS') return null;
  const rest = tokens.slice(index + 1);
  const start = rest.find(token => token.upper !== '(');
  const ending = rest
    .slice(-3)
    .map(token => token.upper)
    .join(' ');
  if (!start || !QUERY_STARTS.has(start.upper) || writeAfterWith(rest) || /WITH (NO )?DATA$/.test(ending)) return null;
  return slicedTo(sql, rest).text;
}

/** Makes the object temporary, so that it does not outlive the node. */
function temporary(sql: MappedText, tokens: readonly SqlToken[], noun: SqlToken): MappedText {
  const statement = slicedTo(sql, tokens);
  const isTemporary = tokens.some(token => token.to <= noun.from && /^TEMP(ORARY)?$/.test(token.upper));
  const at = noun.from - (tokens[0]?.from ?? 0);
  const edits: readonly Edit[] = isTemporary ? [] : [{ from: at, to: at, text: 'TEMP ' }];
  return edited(statement, edits);
}

const wordsOf = (tokens: readonly SqlToken[]): string => {
  const words = tokens
    .slice(0, 2)
    .filter(token => token.kind === 'word')
    .map(token => token.upper);
  return words.length === 0 ? 'This statement' : words.join(' ');
};
