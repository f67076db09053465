import type { DuckDBConnection, DuckDBResult } from '@duckdb/node-api';
import { lexSql } from '../../core/definition/sql/sql-lexer.ts';
import { ToolError } from '../../diagnostics/tool-error.ts';

/** Splits a text into statements at semicolons. */
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
    hint: 'Use SELECT, FROM, DESCRIBE, SUMMARIZE, SHOW, PIVOT or EXPLAIN.',
  });

/** Prepares and runs a query; streams its rows. Throws `read-only` for any other statement. */
export async function runQuery(connection: DuckDBConnection, text: string): Promise<DuckDBResult> {
  const statement = await prepareQuery(connection, text);
  return statement.stream();
}

/** Prepares a statement without running it. Throws `read-only` unless the engine classifies it as a query. */
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

/** DuckDB splits a PIVOT without IN into several statements; those before the last create types in memory. */
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

/** `EXPLAIN ANALYZE` runs the statement, so that must be a query. */
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
