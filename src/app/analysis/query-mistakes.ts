import type { Column, TransformNode } from '../../core/project/node.ts';
import { type ResolvedSql, sqlLine, type ResolvedStatement } from '../../core/project/resolve-sql.ts';
import { lexSql } from '../../core/project/sql-lexer.ts';
import type { Refusal } from '../../core/query/query-analysis.ts';
import { type Diagnostic, diagnostic } from '../../diagnostics/diagnostic.ts';
import { didYouMean } from '../../diagnostics/suggest.ts';
import type { QueryMistake } from '../../engine/describe-queries.ts';

/** Why DuckDB does not bind a transform, with the place in the user's file. */
export function queryMistake(node: TransformNode, sql: ResolvedSql, mistake: QueryMistake): Diagnostic {
  const statement = mistake.statement === null ? sql.query : (sql.prepare[mistake.statement] ?? sql.query);
  const { code, message, hint } = describe(node, mistake);
  const listed = listedColumn(mistake);
  if (listed !== null)
    return placed(
      { ...findWord(sql, listed), node, sql, length: listed.length },
      { code: 'unknown-column', message, hint },
    );
  return placed(
    { node, sql, statement, byteOffset: mistake.offset, length: mistake.name?.length ?? 1 },
    { code, message, hint },
  );
}

/** The column that a list behind a star names and that is not there; DuckDB gives it no place. */
const listedColumn = ({ message }: QueryMistake): string | null =>
  /^Column "+(.+?)"+ in (?:EXCLUDE|REPLACE|RENAME) list not found/.exec(message)?.[1] ?? null;

interface Text {
  readonly code: string;
  readonly message: string;
  readonly hint: string | null;
}

function describe(node: TransformNode, mistake: QueryMistake): Text {
  const { type, subtype, name, candidates } = mistake;
  // DuckDB repeats the rest of the query, line breaks included, where a quote is not closed.
  const whole = mistake.message.replace(/^(unterminated .*?) at or near [^]*$/, '$1');
  const [first = '', ...more] = whole.split('\n');
  const quoted = name ?? '';
  if (subtype === 'COLUMN_NOT_FOUND' && name !== null) {
    const known = candidates.map(candidate => candidate.replace(/^.*\./, ''));
    const hint = didYouMean(quoted, known, known.length > 0 ? `There is: ${candidates.join(', ')}.` : null);
    return { code: 'unknown-column', message: `${node.id} reads the column '${quoted}', which is not there.`, hint };
  }
  if (type === 'permission') return readsFiles(node, null);
  if (type === 'catalog' && / with name .* does not exist/.test(first)) {
    const what = /^(\w+)/.exec(first)?.[1]?.toLowerCase() ?? 'entry';
    const hint = what === 'table' ? tableHint(node, quoted) : didYouMean(quoted, candidates);
    const kind = what === 'scalar' || what === 'aggregate' ? 'function' : what;
    return { code: `unknown-${kind}`, message: `${node.id}: ${first}`, hint };
  }
  const rest = more.map(line => line.trim()).filter(line => line !== '');
  return {
    code: type === 'parser' ? 'sql-syntax' : 'query-invalid',
    message: `${node.id}: ${first}`,
    hint: rest.length > 0 ? rest.slice(0, 3).join(' ') : null,
  };
}

function tableHint(node: TransformNode, name: string): string {
  const inputs = node.inputs.map(input => input.id);
  const close = didYouMean(
    name,
    inputs.flatMap(id => [id, id.slice(id.indexOf('.') + 1)]),
  );
  return close ?? "Nodes are read as ref('kind.name'), and stand in `inputs`.";
}

const readsFiles = (node: TransformNode, what: string | null): Text => ({
  code: 'reads-outside',
  message: `${node.id} reads ${what ?? 'a file'} by itself: nothing could tell when its data change.`,
  hint: 'Make it a source, and read that.',
});

/** A transform that reads what is no input of it. */
export function refusedRead(node: TransformNode, sql: ResolvedSql, refusal: Refusal): Diagnostic {
  const what = refusal.what === 'table function' ? `${refusal.name}()` : `the table ${refusal.name}`;
  return placed({ ...findWord(sql, refusal.name), node, sql, length: refusal.name.length }, readsFiles(node, what));
}

/** Row numbers belong to DuckDB's own tables; what a node puts out has none. */
export const unknownRowid = (node: TransformNode, sql: ResolvedSql): Diagnostic =>
  placed(
    { ...findWord(sql, 'rowid'), node, sql, length: 'rowid'.length },
    {
      code: 'unknown-column',
      message: `${node.id} reads the column 'rowid', which is not there.`,
      hint: 'Number the rows where they are made: row_number() OVER (ORDER BY …).',
    },
  );

/** Where a name stands first in the SQL of a node; a plan has no places. */
function findWord(
  sql: ResolvedSql,
  name: string,
): { readonly statement: ResolvedStatement; readonly byteOffset: number | null } {
  const wanted = (name.split('.').at(-1) ?? name).toUpperCase();
  for (const statement of [...sql.prepare, sql.query]) {
    const token = lexSql(statement.text).find(candidate => candidate.upper === wanted);
    if (token) return { statement, byteOffset: Buffer.byteLength(statement.text.slice(0, token.from)) };
  }
  return { statement: sql.query, byteOffset: 0 };
}

/** Two columns of one name; consumers could not tell them apart. */
export const duplicateColumn = (node: TransformNode, sql: ResolvedSql, error: string): Diagnostic =>
  placed(
    { node, sql, statement: sql.query, byteOffset: 0, length: 1 },
    { code: 'duplicate-column', message: `${node.id}: ${error}.`, hint: 'Give one of them another name with AS.' },
  );

export const unstorableColumn = (node: TransformNode, sql: ResolvedSql, column: Column): Diagnostic =>
  placed(
    { node, sql, statement: sql.query, byteOffset: 0, length: 1 },
    {
      code: 'unstorable-type',
      message: `The column '${column.name}' of ${node.id} has type ${column.type}, which cannot be stored.`,
      hint: 'Cast it to another type.',
    },
  );

interface Place {
  readonly node: TransformNode;
  readonly sql: ResolvedSql;
  readonly statement: ResolvedStatement;
  readonly byteOffset: number | null;
  readonly length: number;
}

function placed({ node, sql, statement, byteOffset, length }: Place, text: Text): Diagnostic {
  const at = statement.positionOf(byteOffset ?? 0);
  const offset = at && offsetOf(node, at);
  return diagnostic({
    ...text,
    file: sql.file,
    at: at ?? node.at,
    node: node.id,
    source: at && offset !== null ? sqlLine(node.sql, at, { offset, length }) : null,
  });
}

/** The offset in the node's SQL of a place in its file, in UTF-16 units. */
function offsetOf({ sql }: TransformNode, at: { readonly line: number; readonly column: number }): number | null {
  const lines = sql.lines ?? [];
  const index = lines.findLastIndex(
    start => start.line < at.line || (start.line === at.line && start.column <= at.column),
  );
  const start = lines[index];
  if (!start || start.line !== at.line) return null;
  const before = sql.text.split('\n').slice(0, index);
  return before.reduce((sum, line) => sum + line.length + 1, 0) + at.column - start.column;
}
