import { type Diagnostic, diagnostic, type Position } from '../../../diagnostics/diagnostic.ts';
import type { ParameterContext, UsedParameter } from '../../parameters/parameter-scope.ts';
import { checkParams } from '../options/check-params.ts';
import { type MappedText, originalOffset } from '../yaml/mapped-text.ts';
import type { NodeId, SqlText, TransformNode } from '../nodes/node.ts';
import { placeIn } from '../yaml/text-places.ts';
import { replaceReferences, tableOf } from './sql-references.ts';
import { splitStatements } from './sql-statements.ts';
import { fillTemplates, type SqlMistake } from './sql-templates.ts';

/** A stretch of SQL in the user's file, with its line for a code frame. */
export interface SqlPlace {
  readonly at: Position;
  readonly source: { readonly text: string; readonly length: number };
}

/** One statement as DuckDB gets it, with the way back to the node's SQL; see `placeInStatement`. */
export type ResolvedStatement = MappedText;

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
  const prepare = split.prepare.map(({ kind, name, sql, query }) => ({ kind, name, query, ...sql }));
  return {
    sql: { file: node.sql.file, prepare, query: split.query },
    used: filled.used,
    diagnostics,
  };
}

/** Where a stretch of a statement, in UTF-16 units of its text, stands in the user's file; null where that is not known. */
export function placeInStatement(
  source: SqlText,
  statement: ResolvedStatement,
  { from, to }: { readonly from: number; readonly to: number },
): SqlPlace | null {
  const offsetOf = (unit: number) => originalOffset(statement, Math.min(unit, statement.text.length));
  return placeInSql(source, offsetOf(from), offsetOf(to));
}

/** Where a stretch of a node's SQL, in UTF-16 units, stands in its file; null where that is not known. */
export function placeInSql(source: SqlText, from: number, to: number): SqlPlace | null {
  const at = source.places && placeIn(source.places, from);
  if (!source.places || !at) return null;
  const text = source.fileText?.split('\n')[at.line - 1]?.replace(/\r$/, '') ?? '';
  const end = placeIn(source.places, Math.max(to - 1, from));
  const last = end?.line === at.line ? end.column : text.length;
  return { at, source: { text, length: Math.max(1, last - at.column + 1) } };
}

function inSql(node: TransformNode, mistake: SqlMistake): Diagnostic {
  const { code, message, hint, offset, length } = mistake;
  const place = placeInSql(node.sql, offset, offset + length);
  return diagnostic({ code, message, hint, file: node.sql.file, node: node.id, ...place });
}
