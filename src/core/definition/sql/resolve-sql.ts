import { type Diagnostic, diagnostic } from '../../../diagnostics/diagnostic.ts';
import type { ParameterContext, UsedParameter } from '../../parameters/parameter-scope.ts';
import { checkParams } from '../options/check-params.ts';
import { type MappedText, mappedText } from '../yaml/mapped-text.ts';
import type { NodeId, SqlText, TransformNode } from '../nodes/node.ts';
import { replaceReferences, tableOf } from './sql-references.ts';
import { type SourceMap, sourceMapOf, stretchIn } from './source-map.ts';
import { splitStatements } from './sql-statements.ts';
import { fillTemplates, type SqlMistake } from './sql-templates.ts';

/** One statement as it is sent to DuckDB. */
export interface ResolvedStatement {
  readonly text: string;
  /** null for a node that was built from a stored definition. */
  readonly sourceMap: SourceMap | null;
}

/** An earlier statement; `text` creates a temporary object. `query` is the SELECT of a table or view and the end of `text`. */
export interface PreparingStatement extends ResolvedStatement {
  readonly kind: 'table' | 'view' | 'macro';
  readonly name: string;
  readonly query: string | null;
}

/** The SQL of a transform with all parameters and references filled in, as plain data. */
export interface ResolvedSql {
  /** The file that positions are in. */
  readonly file: string;
  readonly prepare: readonly PreparingStatement[];
  readonly query: ResolvedStatement;
}

/** The SQL of a transform with the parameters that it uses. */
export interface SqlResolution {
  /** null if a diagnostic is an error. */
  readonly sql: ResolvedSql | null;
  /** In the order of use, with repetitions. */
  readonly used: readonly UsedParameter[];
  readonly diagnostics: readonly Diagnostic[];
}

/** Fills in parameters, replaces references and splits statements. `known` are all nodes of the project, for suggestions. */
export function resolveSql(
  node: TransformNode,
  context: ParameterContext,
  known: readonly NodeId[] = [],
): SqlResolution {
  const scope = { ...context, params: node.params, aliases: aliasesOf(node) };
  const params = checkParams(node, scope);
  const filled = fillTemplates(node.sql.text, scope, params.broken);
  const replaced = replaceReferences(filled.sql, node, known);
  const { query, prepare, mistakes } = splitStatements(replaced.sql);
  const found = [...filled.mistakes, ...replaced.mistakes, ...mistakes].sort((a, b) => a.offset - b.offset);
  const diagnostics = [...params.diagnostics, ...found.map(mistake => inSql(node, mistake))];
  const { used } = filled;
  if (!query || diagnostics.length > 0) return { sql: null, used, diagnostics };
  const prepared = prepare.map(({ sql, ...step }) => ({ ...step, ...statement(node.sql, sql) }));
  return { sql: { file: node.sql.file, prepare: prepared, query: statement(node.sql, query) }, used, diagnostics };
}

const aliasesOf = ({ inputs }: TransformNode): ReadonlyMap<string, string> =>
  new Map(inputs.flatMap(({ id, alias }) => (alias === null ? [] : [[alias, tableOf(id)] as const])));

const statement = (written: SqlText, sql: MappedText): ResolvedStatement => ({
  text: sql.text,
  sourceMap: sourceMapOf(sql, written),
});

function inSql(node: TransformNode, mistake: SqlMistake): Diagnostic {
  const { code, message, hint, offset, length } = mistake;
  const map = sourceMapOf(mappedText(node.sql.text), node.sql);
  const place = map && stretchIn(map, offset, offset + length);
  return diagnostic({ code, message, hint, file: node.sql.file, node: node.id, ...place });
}
