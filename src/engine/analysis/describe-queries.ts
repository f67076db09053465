import type { Column } from '../../core/definition/nodes/node.ts';
import { lexSql } from '../../core/definition/sql/sql-lexer.ts';
import { storedType } from '../../core/types/type-map.ts';
import type { Connection } from '../duckdb.ts';
import { quoteText } from '../sql-text.ts';
import type { Answer, Described, DescribedQuery, PreparingQuery, QueryMistake, QueryToDescribe } from './described.ts';
import { columnsOf } from './describe-columns.ts';
import { mistakeUnlessFatal } from './engine-mistake.ts';
import { parsePlanAnswer } from './plan-answer.ts';

/** Gets the plans of all queries in one statement, and unknown columns of the queries that bind in another. */
export async function describeBatch(
  connection: Connection,
  queries: readonly Omit<QueryToDescribe, 'prepare'>[],
): Promise<readonly Answer[]> {
  const list = queries.map(({ query }) => quoteText(query)).join(', ');
  const plans = await connection.rows(`SELECT json_serialize_plan(text) FROM (SELECT unnest([${list}]) AS text)`);
  const answers = plans.map(([plan]) => parsePlanAnswer(String(plan)));
  const columns = await columnsOf(
    connection,
    queries.map(({ query, columns: known }, index) => (known || answers[index]?.mistake !== null ? null : query)),
  );
  return answers.map((answer, index): Answer => {
    if (answer.mistake !== null) return answer.mistake;
    const late = answer.why?.includes('type MULTI') === true;
    const asked = queries[index]?.columns ?? columns[index] ?? [];
    const found = late && 'type' in asked && dependsOnData(asked, queries[index]?.query ?? '') ? [] : asked;
    if ('type' in found) return found;
    return {
      columns: found,
      plan: answer.plan,
      why: late ? LATE : answer.why,
      ...(late ? { late } : {}),
    };
  });
}

const LATE = 'PIVOT without IN';

/** Whether a query with a PIVOT without IN may fail only because its tables are empty, as its columns come from values. */
function dependsOnData({ type, message }: Omit<QueryMistake, 'statement'>, query: string): boolean {
  if (message.startsWith('SELECT list is empty')) return true;
  const [first, ...rest] = lexSql(query).map(token => token.upper);
  const readsOnlyItsInput = first?.startsWith('PIVOT') === true && !rest.includes('ORDER');
  return !readsOnlyItsInput && aboutNames(type, message);
}

const aboutNames = (type: string, message: string): boolean =>
  (type === 'binder' || type === 'catalog') &&
  /not found|does not (exist|have)|cannot be (found|referenced)|SELECT list is empty/i.test(message);

/** The answer with the types as stored. */
export function asDescribed(
  answer: Answer | undefined,
  prepared: Extract<Described, { kind: 'described' }>['prepared'],
): Described {
  if (!answer) throw new Error('DuckDB answered fewer queries than were asked');
  if ('type' in answer) return { ...answer, statement: null };
  const { columns } = answer;
  const unstorable = columns.filter(column => storedType(column.type) === null);
  const computed = columns.map(column => column.type);
  return { kind: 'described', ...answer, columns: storedColumns(columns), prepared, unstorable, computed };
}

const storedColumns = (columns: readonly Column[]): readonly Column[] =>
  columns.map(({ name, type }) => ({ name, type: storedType(type) ?? type }));

/** Describes a query after its preparing statements; the connection must not be used for anything else. */
export async function describeWithPreparation(connection: Connection, query: QueryToDescribe): Promise<Described> {
  const prepared: (DescribedQuery & { readonly name: string; readonly kind: PreparingQuery['kind'] })[] = [];
  for (const [statement, step] of query.prepare.entries()) {
    const made = await prepareOne(connection, step);
    if ('type' in made) return { ...made, statement };
    prepared.push({ ...made, name: step.name, kind: step.kind });
  }
  const [answer] = await describeBatch(connection, [{ query: query.query }]);
  const waits =
    answer && 'type' in answer && prepared.some(step => step.late) && aboutNames(answer.type, answer.message);
  return asDescribed(waits ? LATE_ANSWER : answer, prepared);
}

const LATE_ANSWER: Answer = { columns: [], plan: null, why: LATE, late: true };

/** Runs a preparing statement without data. Describes its query first, since only that answer has an error position. */
async function prepareOne(connection: Connection, step: PreparingQuery): Promise<Answer> {
  let described: DescribedQuery = { columns: [], plan: null, why: null };
  if (step.query !== null) {
    const [answer] = await describeBatch(connection, [{ query: step.query }]);
    if (!answer) throw new Error('DuckDB answered nothing');
    if ('type' in answer) {
      const { offset } = answer;
      return { ...answer, offset: offset === null ? null : offset + bytesBefore(step.text, step.query) };
    }
    described = answer;
  }
  try {
    await connection.run(step.kind === 'table' ? `${step.text}\nWITH NO DATA` : step.text);
    return described;
  } catch (error) {
    const mistake = mistakeUnlessFatal(error);
    return described.late === true && aboutNames(mistake.type, mistake.message) ? described : mistake;
  }
}

const bytesBefore = (text: string, ending: string): number =>
  Buffer.byteLength(text.slice(0, text.length - ending.length));
