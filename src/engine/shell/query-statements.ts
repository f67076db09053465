import type { DuckDBConnection, DuckDBResult } from '@duckdb/node-api';
import { lexSql } from '../../core/definition/sql/sql-lexer.ts';
import { ToolError } from '../../diagnostics/tool-error.ts';

/** The statements of a text, by their semicolons. */
export function splitStatements(sql: string): readonly string[] {
  const statements: string[] = [];
  let start = 0;
  for (const token of lexSql(sql)) {
    if (token.upper !== ';') continue;
    statements.push(sql.slice(start, token.from));
    start = token.to;
  }
  return [...statements, sql.slice(start)].filter(text => lexSql(text).length > 0);
}

export const notAQuery = (): ToolError =>
  new ToolError('read-only', 'Only queries are allowed here: the shell is read-only.', {
    hint: 'SELECT, FROM, DESCRIBE, SUMMARIZE, SHOW, PIVOT and EXPLAIN work.',
  });

/** Prepares and runs a query; its rows are read as they come. Throws `read-only` for any other statement. */
export async function runQuery(connection: DuckDBConnection, text: string): Promise<DuckDBResult> {
  const statement = await prepareQuery(connection, text);
  return statement.stream();
}

/** Prepares a statement, which runs nothing, and refuses it unless the engine says that it is a query. */
export async function prepareQuery(connection: DuckDBConnection, text: string) {
  const extracted = await connection.extractStatements(text);
  const { StatementType } = await import('@duckdb/node-api');
  for (let index = 0; index < extracted.count - 1; index += 1) await runPivotType(extracted, text, index);
  const statement = await extracted.prepare(extracted.count - 1);
  const type = statement.statementType;
  if (type === StatementType.EXPLAIN) await assertExplainsQuery(connection, text);
  else if (type !== StatementType.SELECT) throw notAQuery();
  return statement;
}

/** A PIVOT without IN comes as several statements: those before the last make types of DuckDB's own, in memory. */
async function runPivotType(
  extracted: Awaited<ReturnType<DuckDBConnection['extractStatements']>>,
  text: string,
  index: number,
): Promise<void> {
  const [first] = lexSql(text);
  const words = lexSql(text).map(token => token.upper);
  if (first?.upper === 'CREATE' || !words.some(word => word.startsWith('PIVOT'))) throw notAQuery();
  const statement = await extracted.prepare(index);
  const { StatementType } = await import('@duckdb/node-api');
  if (statement.statementType !== StatementType.CREATE) throw notAQuery();
  await statement.run();
}

/** `EXPLAIN ANALYZE` runs what it explains. */
async function assertExplainsQuery(connection: DuckDBConnection, text: string): Promise<void> {
  const tokens = lexSql(text);
  let index = 1;
  if (tokens[index]?.upper === 'ANALYZE' || tokens[index]?.upper === 'ANALYSE') index += 1;
  if (tokens[index]?.upper === '(' && /^(ANALYZE|ANALYSE|FORMAT|CODEGEN)$/.test(tokens[index + 1]?.upper ?? '')) {
    while (index < tokens.length && tokens[index]?.upper !== ')') index += 1;
    index += 1;
  }
  const inner = text.slice(tokens[index]?.from ?? text.length);
  const extracted = await connection.extractStatements(inner);
  const { StatementType } = await import('@duckdb/node-api');
  if (extracted.count !== 1) throw notAQuery();
  const statement = await extracted.prepare(0);
  if (statement.statementType !== StatementType.SELECT) throw notAQuery();
}
