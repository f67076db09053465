import { redactDiagnostic } from '../../core/parameters/redact.ts';
import { unitOffset } from '../../core/definition/yaml/mapped-text.ts';
import type { Column, TransformNode } from '../../core/definition/nodes/node.ts';
import type { ResolvedSql, ResolvedStatement } from '../../core/definition/sql/resolve-sql.ts';
import { stretchIn } from '../../core/definition/sql/source-map.ts';
import { lexSql, type SqlToken, unquoted } from '../../core/definition/sql/sql-lexer.ts';
import type { Refusal } from '../../core/query/query-analysis.ts';
import { type Diagnostic, diagnostic } from '../../diagnostics/diagnostic.ts';
import type { QueryMistake } from '../../engine/analysis/described.ts';
import { duplicateName } from './duplicate-columns.ts';
import { queryText } from './query-words.ts';
import { syntaxText } from './syntax-words.ts';
import { type QueryText, readsOutside } from './unknown-words.ts';

/** A transform as it was sent to DuckDB. */
export interface ReadTransform {
  readonly node: TransformNode;
  readonly sql: ResolvedSql;
  /** Columns by input. */
  readonly columns: ReadonlyMap<string, readonly string[]>;
}

/** The diagnostic for a transform that DuckDB does not bind. */
export function queryMistake(read: ReadTransform, mistake: QueryMistake): Diagnostic {
  const { node, sql, columns } = read;
  const statement = mistake.statement === null ? sql.query : (sql.prepare[mistake.statement] ?? sql.query);
  const pointed = mistake.offset === null ? null : unitOffset(statement.text, mistake.offset);
  if (mistake.type === 'parser') {
    const offset = pointed ?? 0;
    return placed(
      read,
      { statement, ...tokenAt(statement, offset) },
      syntaxText(mistake.message, statement.text, offset),
    );
  }
  const quoted = pointed !== null && statement.text.charAt(pointed) === '"';
  const text = queryText(mistake, { node, columns, quoted });
  const found = findWords(sql, statement, { words: text.words ?? [], from: pointed ?? 0 });
  if (found) return placed(read, found, text);
  if (text.code === 'reads-outside') return placed(read, readAt(sql, statement, pointed), text);
  return placed(read, { statement, ...tokenAt(statement, pointed ?? 0) }, text);
}

/** The place of a file or URL: where DuckDB points, else the first text after FROM. */
function readAt(sql: ResolvedSql, statement: ResolvedStatement, pointed: number | null): Stretch {
  if (pointed !== null) return { statement, ...tokenAt(statement, pointed) };
  for (const each of [...sql.prepare, sql.query]) {
    const tokens = lexSql(each.text);
    const path = tokens.find(
      (token, index) => token.kind === 'text' && /^(FROM|JOIN|,)$/.test(tokens[index - 1]?.upper ?? ''),
    );
    if (path) return { statement: each, from: path.from, to: path.to };
  }
  return { statement, ...tokenAt(statement, 0) };
}

/** Diagnostics for reads outside the inputs. Views of the catalogue appear in plans as their definitions, which are not in the SQL. */
export function refusedReads(read: ReadTransform, refusals: readonly Refusal[]): readonly Diagnostic[] {
  const found = refusals.flatMap(({ what, name }) => {
    const word = searchWord(read.sql, name.split('.').at(-1) ?? name);
    const text = readsOutside(read.node, what === 'table function' ? `${name}()` : `the table ${name}`);
    return word ? [placed(read, word, text)] : [];
  });
  if (found.length > 0) return found;
  const views = [
    'information_schema',
    'pg_catalog',
    'sqlite_master',
    'sqlite_schema',
    ...refusals.map(({ name }) => name),
  ];
  const place = views.flatMap(name => searchWord(read.sql, name) ?? [])[0] ?? wordIn(read.sql, '');
  return [placed(read, place, readsOutside(read.node, "DuckDB's catalogue"))];
}

/** Outputs of nodes have no rowid; only DuckDB's own tables do. */
export const unknownRowid = (read: ReadTransform): Diagnostic =>
  placed(read, wordIn(read.sql, 'rowid'), {
    code: 'unknown-column',
    message: `Column 'rowid' does not exist.`,
    hint: 'Number the rows in the node that makes them: row_number() OVER (ORDER BY …).',
  });

/** Two output columns with the same name. */
export function duplicateColumn(read: ReadTransform, error: string): Diagnostic {
  const name = /named (.+)$/.exec(error)?.[1] ?? '';
  const statement = read.sql.query;
  const { at, hint } = duplicateName(statement.text, name);
  return placed(read, at ? { statement, from: at.from, to: at.to } : { statement, ...tokenAt(statement, 0) }, {
    code: 'duplicate-column',
    message: `${read.node.id} has two output columns named '${name}'.`,
    hint,
  });
}

/** The diagnostic for a column whose type cannot be stored. */
export const unstorableColumn = (read: ReadTransform, column: Column): Diagnostic =>
  placed(read, wordIn(read.sql, column.name), {
    code: 'unstorable-type',
    message: `The column '${column.name}' of ${read.node.id} has type ${column.type}, which cannot be stored.`,
    hint: 'Cast it to another type.',
  });

interface Stretch {
  readonly statement: ResolvedStatement;
  /** UTF-16 units of the statement's text. */
  readonly from: number;
  readonly to: number;
}

const nameOf = (token: SqlToken): string => (unquoted(token) ?? token.text).toUpperCase();

/** The first occurrence of a name in the SQL of a node, else the start of its query; plans contain no positions. */
export const wordIn = (sql: ResolvedSql, name: string): Stretch =>
  searchWord(sql, name) ?? { statement: sql.query, ...tokenAt(sql.query, 0) };

function searchWord(sql: ResolvedSql, name: string): Stretch | null {
  for (const statement of [...sql.prepare, sql.query]) {
    const found = findWord(statement, name, 0);
    if (found) return found;
  }
  return null;
}

function findWord(statement: ResolvedStatement, name: string, from: number): Stretch | null {
  const wanted = name.toUpperCase();
  const token = lexSql(statement.text).find(each => each.to > from && each.kind !== 'text' && nameOf(each) === wanted);
  return token ? { statement, from: token.from, to: token.to } : null;
}

/** The first of several words: after the place where DuckDB points, else anywhere. */
function findWords(
  sql: ResolvedSql,
  statement: ResolvedStatement,
  wanted: { readonly words: readonly string[]; readonly from: number },
): Stretch | null {
  for (const from of [wanted.from, 0]) {
    for (const each of [statement, ...sql.prepare]) {
      const found = wanted.words.flatMap(word => findWord(each, word, each === statement ? from : 0) ?? []);
      const [first] = found.sort((a, b) => a.from - b.from);
      if (first) return first;
    }
  }
  return null;
}

/** The name or symbol at an offset, with the names that dots join to it. */
function tokenAt({ text }: ResolvedStatement, offset: number): { readonly from: number; readonly to: number } {
  const tokens = lexSql(text);
  const index = tokens.findIndex(token => token.to > offset);
  if (index < 0) return { from: text.length, to: text.length };
  let last = index;
  while (tokens[last + 1]?.upper === '.' && tokens[last + 2]) last += 2;
  const token = tokens[index];
  const end = tokens[last];
  return { from: token?.from ?? 0, to: end?.to ?? text.length };
}

/** A diagnostic at a stretch of a node's SQL. */
export function placed(
  { node, sql }: Pick<ReadTransform, 'node' | 'sql'>,
  { statement, from, to }: Stretch,
  text: QueryText,
): Diagnostic {
  const place = statement.sourceMap && stretchIn(statement.sourceMap, from, to);
  const { code, message, hint } = text;
  const found = diagnostic({ code, message, hint, file: sql.file, at: node.at, node: node.id, ...place });
  return redactDiagnostic(found, node.secrets ?? []);
}
