/** Functions whose value is not a function of their arguments: DuckDB's own list of volatile and session functions. */
const VOLATILE = new Set([
  ...[
    'random',
    'uuid',
    'gen_random_uuid',
    'uuidv4',
    'uuidv7',
    'nextval',
    'currval',
    'setseed',
    'stats',
    'vector_type',
    'write_log',
  ],
  ...['now', 'today', 'current_date', 'current_time', 'current_timestamp', 'get_current_time', 'get_current_timestamp'],
  ...['current_localtime', 'current_localtimestamp', 'transaction_timestamp', 'txid_current', 'current_transaction_id'],
  ...[
    'current_connection_id',
    'current_query',
    'current_query_id',
    'current_database',
    'current_schema',
    'current_schemas',
  ],
  ...[
    'current_setting',
    'getvariable',
    'in_search_path',
    'current_user',
    'current_role',
    'session_user',
    'user',
    'version',
  ],
  ...['getenv', 'json_serialize_sql', 'json_serialize_plan', 'json_execute_serialized_sql'],
]);

/** Volatile functions that return one value for a whole query, so that two calls are equal. */
const ONE_PER_QUERY = new Set([
  ...['now', 'today', 'current_date', 'current_time', 'current_timestamp', 'get_current_time', 'get_current_timestamp'],
  ...['current_localtime', 'current_localtimestamp', 'transaction_timestamp', 'txid_current', 'current_transaction_id'],
  ...[
    'current_connection_id',
    'current_database',
    'current_schema',
    'current_schemas',
    'current_setting',
    'getvariable',
  ],
]);

/** Whether a function may return another value at the next run for the same arguments. */
export function isVolatile(name: string, argumentCount: number): boolean {
  return VOLATILE.has(name) || (name === 'age' && argumentCount === 1);
}

/** Whether every call of a volatile function returns a value of its own. */
export const isVolatilePerCall = (name: string): boolean => VOLATILE.has(name) && !ONE_PER_QUERY.has(name);

const WORDS = new RegExp(`\\b(?:${[...VOLATILE].join('|')})\\b`, 'gi');

/** Names of volatile functions that a text contains; for queries that DuckDB cannot plan. */
export function volatileWords(text: string): readonly string[] {
  return [...new Set([...text.matchAll(WORDS)].map(match => match[0].toLowerCase()))].sort();
}
