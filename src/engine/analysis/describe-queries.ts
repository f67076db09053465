import type { Column } from '../../core/definition/nodes/node.ts';
import { lexSql } from '../../core/definition/sql/sql-lexer.ts';
import { storedType } from '../../core/types/type-map.ts';
import type { Connection } from '../duckdb.ts';
import { EngineFailure } from '../engine-failure.ts';
import { quoteText } from '../sql-text.ts';

/** An earlier statement of a transform. */
export interface PreparingQuery {
  readonly kind: 'table' | 'view' | 'macro';
  readonly name: string;
  readonly text: string;
  /** The SELECT that makes a table or view, which is the end of `text`. */
  readonly query: string | null;
}

export interface QueryToDescribe {
  readonly prepare: readonly PreparingQuery[];
  readonly query: string;
  /** What it gives, where that is known: DuckDB is not asked for it. */
  readonly columns?: readonly Column[];
}

/** A query with its output columns; `plan` is DuckDB's serialised plan, null where it has none. */
export interface DescribedQuery {
  readonly columns: readonly Column[];
  readonly plan: string | null;
  /** Why there is no plan. */
  readonly why: string | null;
  /** The columns depend on the data: a PIVOT without IN. Over empty tables it has only those that it groups by. */
  readonly late?: boolean;
}

/** What DuckDB says of a transform without any data. */
export type Described =
  | ({
      readonly kind: 'described';
      /** Types as stored, by position. */
      readonly prepared: readonly (DescribedQuery & { readonly name: string; readonly kind: PreparingQuery['kind'] })[];
      /** Types before the mapping, where the mapping changes them: for messages. */
      readonly unstorable: readonly Column[];
      /** All types before the mapping, by position. */
      readonly computed: readonly string[];
    } & DescribedQuery)
  | QueryMistake;

/** Why a query does not bind. `offset` is in bytes of the statement's text. */
export interface QueryMistake {
  readonly kind: 'mistake';
  /** DuckDB's kind of error (`binder`, `parser`, `permission`, …) and what it was about (`COLUMN_NOT_FOUND`, …). */
  readonly type: string;
  readonly subtype: string | null;
  readonly message: string;
  readonly offset: number | null;
  /** Of the preparing statements; null for the query itself. */
  readonly statement: number | null;
  /** Names that DuckDB takes for what was meant. */
  readonly candidates: readonly string[];
  /** The name that was not found. */
  readonly name: string | null;
}

export type Answer = DescribedQuery | Omit<QueryMistake, 'statement'>;

/** Plans of all queries in one statement, then the columns of those that bind in another, where they are not known. */
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

/** Whether a PIVOT without IN may bind over data though it does not bind over empty tables: all its columns, or a column that is read of it, come from values. */
function dependsOnData({ type, message }: Omit<QueryMistake, 'statement'>, query: string): boolean {
  if (message.startsWith('SELECT list is empty')) return true;
  const [first, ...rest] = lexSql(query).map(token => token.upper);
  const readsOnlyItsInput = first?.startsWith('PIVOT') === true && !rest.includes('ORDER');
  return !readsOnlyItsInput && aboutNames(type, message);
}

const aboutNames = (type: string, message: string): boolean =>
  (type === 'binder' || type === 'catalog') &&
  /not found|does not (exist|have)|cannot be (found|referenced)|SELECT list is empty/i.test(message);

interface PlanAnswer {
  readonly plan: string | null;
  /** Why there is none, where the query is right all the same. */
  readonly why: string | null;
  readonly mistake: Omit<QueryMistake, 'statement'> | null;
}

/** `json_serialize_plan` answers with plans, or with an error; a query that it cannot write down is no mistake. */
function parsePlanAnswer(text: string): PlanAnswer {
  if (!text.startsWith('{"error":true')) return { plan: text, why: null, mistake: null };
  const error = JSON.parse(text) as Readonly<Record<string, string | undefined>>;
  const type = error['error_type'] ?? 'unknown';
  const message = error['error_message'] ?? text;
  if (UNSERIALISABLE.has(type)) return { plan: null, why: firstLine(message), mistake: null };
  const candidates = error['candidates']?.split(',').filter(name => name !== '') ?? [];
  const offset = error['position'] === undefined ? null : Number(error['position']);
  return {
    plan: null,
    why: null,
    mistake: {
      kind: 'mistake',
      type,
      subtype: error['error_subtype'] ?? null,
      message,
      offset,
      candidates,
      name: error['name'] ?? null,
    },
  };
}

const UNSERIALISABLE: ReadonlySet<string> = new Set(['not implemented', 'serialization', 'internal', 'fatal']);

const firstLine = (text: string): string => text.split('\n')[0] ?? text;

type Columns = readonly Column[] | Omit<QueryMistake, 'statement'>;

/** Columns of each query, asked of all at once; one by one only where DuckDB refuses the lot. */
async function columnsOf(connection: Connection, queries: readonly (string | null)[]): Promise<readonly Columns[]> {
  const asked = queries.flatMap((text, index) => (text === null ? [] : [{ text, index }]));
  const found: Columns[] = queries.map(() => []);
  if (asked.length === 0) return found;
  try {
    const parts = asked.map(({ text, index }) => `SELECT ${index} AS i, * FROM (DESCRIBE ${text}\n)`);
    const rows = await connection.rows(parts.join('\nUNION ALL\n'));
    for (const [index, name, type] of rows) {
      (found[Number(index)] as Column[]).push({ name: String(name), type: String(type) });
    }
    return found;
  } catch (error) {
    if (error instanceof EngineFailure) throw error;
    for (const { text, index } of asked) found[index] = await columnsOfOne(connection, text);
    return found;
  }
}

async function columnsOfOne(connection: Connection, text: string): Promise<Columns> {
  try {
    const rows = await connection.rows(`DESCRIBE ${text}`);
    return rows.map(([name, type]) => ({ name: String(name), type: String(type) }));
  } catch (error) {
    return mistakeUnlessFatal(error);
  }
}

/** After a fatal error the whole database has to be opened anew. */
function mistakeUnlessFatal(error: unknown): Omit<QueryMistake, 'statement'> {
  if (error instanceof EngineFailure) throw error;
  return mistakeOf(error);
}

/** From an exception, whose text shows the place as a line and a caret that cannot be trusted: no offset. */
export function mistakeOf(error: unknown): Omit<QueryMistake, 'statement'> {
  const text = error instanceof Error ? error.message : String(error);
  const match = /^(\w+) Error: ([^]*?)(?:\n\nLINE \d+:[^]*)?$/.exec(text);
  return {
    kind: 'mistake',
    type: (match?.[1] ?? 'unknown').toLowerCase(),
    subtype: null,
    message: match?.[2] ?? text,
    offset: null,
    candidates: [],
    name: null,
  };
}

/** The answer with types as stored. */
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

/** A query with what it prepares, on a connection of its own. */
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

/** Makes what a statement makes, without data. Its own query is asked first, since only that answer has a place. */
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
