import { type Diagnostic, diagnostic, type Position } from '../../diagnostics/diagnostic.ts';
import type { ParameterContext, UsedParameter } from '../parameters/parameter-scope.ts';
import { checkParams } from './check-params.ts';
import { type MappedText, originalOffset, unitOffset } from './mapped-text.ts';
import type { NodeId, SqlText, TransformNode } from './node.ts';
import { replaceReferences, tableOf } from './sql-references.ts';
import { splitStatements } from './sql-statements.ts';
import { fillTemplates, type SqlMistake } from './sql-templates.ts';

/** One statement as DuckDB gets it. */
export interface ResolvedStatement {
  readonly text: string;
  /** The place in the user's file of an offset into `text` in bytes of UTF-8, as DuckDB counts; null where the file is not known. */
  positionOf(byteOffset: number): Position | null;
}

/** An earlier statement; `text` makes a temporary object. `query` is the SELECT of a table or view and the end of `text`. */
export interface PreparingStatement extends ResolvedStatement {
  readonly kind: 'table' | 'view' | 'macro';
  readonly name: string;
  readonly query: string | null;
}

/** The SQL of a transform with nothing left to resolve. */
export interface ResolvedSql {
  /** The file that positions are in. */
  readonly file: string;
  readonly prepare: readonly PreparingStatement[];
  readonly query: ResolvedStatement;
}

export interface SqlResolution {
  /** null where a diagnostic is an error. */
  readonly sql: ResolvedSql | null;
  /** In the order of use, repeated where used repeatedly. */
  readonly used: readonly UsedParameter[];
  readonly diagnostics: readonly Diagnostic[];
}

/** Fills in parameters, replaces references and splits statements. `known` are all nodes of the project, for suggestions. */
export function resolveSql(
  node: TransformNode,
  context: ParameterContext,
  known: readonly NodeId[] = [],
): SqlResolution {
  const aliases = new Map(
    node.inputs.flatMap(input => (input.alias === null ? [] : [[input.alias, tableOf(input.id)] as const])),
  );
  const scope = { ...context, params: node.params, aliases };
  const params = checkParams(node, scope);
  const filled = fillTemplates(node.sql.text, scope, params.broken);
  const replaced = replaceReferences(filled.sql, node, known);
  const split = splitStatements(replaced.sql);
  const found = [...filled.mistakes, ...replaced.mistakes, ...split.mistakes].sort((a, b) => a.offset - b.offset);
  const diagnostics = [...params.diagnostics, ...found.map(mistake => inSql(node, mistake))];
  if (!split.query || diagnostics.length > 0) return { sql: null, used: filled.used, diagnostics };
  const prepare = split.prepare.map(({ kind, name, sql, query }) => ({
    kind,
    name,
    query,
    ...statement(node.sql, sql),
  }));
  return {
    sql: { file: node.sql.file, prepare, query: statement(node.sql, split.query) },
    used: filled.used,
    diagnostics,
  };
}

function statement(source: SqlText, sql: MappedText): ResolvedStatement {
  return {
    text: sql.text,
    positionOf: byteOffset => positionIn(source, originalOffset(sql, unitOffset(sql.text, byteOffset))),
  };
}

/** Where an offset of a node's SQL, in UTF-16 units, stands in its file. */
export function positionIn(source: SqlText, offset: number): Position | null {
  const before = source.text.slice(0, Math.max(offset, 0)).split('\n');
  const start = source.lines?.[before.length - 1];
  return start ? { line: start.line, column: start.column + (before.at(-1)?.length ?? 0) } : null;
}

function inSql(node: TransformNode, mistake: SqlMistake): Diagnostic {
  const at = positionIn(node.sql, mistake.offset);
  return diagnostic({
    code: mistake.code,
    message: mistake.message,
    file: node.sql.file,
    at,
    hint: mistake.hint,
    node: node.id,
    source: at && sqlLine(node.sql, at, { offset: mistake.offset, length: mistake.length }),
  });
}

/** The line of the file around an offset of the SQL, for a code frame; the indentation of the YAML is put back. */
export function sqlLine(
  source: SqlText,
  at: Position,
  stretch: { readonly offset: number; readonly length: number },
): { readonly text: string; readonly length: number } {
  const from = source.text.lastIndexOf('\n', stretch.offset - 1) + 1;
  const end = source.text.indexOf('\n', stretch.offset);
  const line = source.text.slice(from, end < 0 ? undefined : end).replace(/\r$/, '');
  const indent = Math.max(0, at.column - 1 - (stretch.offset - from));
  return {
    text: ' '.repeat(indent) + line,
    length: Math.max(1, Math.min(stretch.length, line.length - (stretch.offset - from))),
  };
}
