import { type FailureText, failureTextOf } from '../../diagnostics/failure-text.ts';
import { ToolError } from '../../diagnostics/tool-error.ts';
import { EngineFailure } from '../../engine/engine-failure.ts';
import { plainType } from '../../core/types/type-names.ts';

/** The failure of a node, from any error. */
export function failureText(error: unknown): FailureText {
  if (error instanceof ToolError) return failureTextOf(error);
  const said = error instanceof Error ? error.message : String(error);
  if (error instanceof EngineFailure) return { code: 'query-failed', message: said, hint: GAVE_UP, words: [], said };
  const text = said.replace(/^[A-Z][A-Za-z -]* Error: /, '');
  for (const [pattern, words] of RUNNING) {
    const match = pattern.exec(text);
    if (match) return { code: 'query-failed', words: [], said, ...words(match) };
  }
  return { code: 'query-failed', message: text.split('\n')[0] ?? text, hint: null, words: [], said };
}

type Words = (
  match: RegExpExecArray,
) => Omit<FailureText, 'code' | 'words' | 'said'> & { readonly words?: readonly string[] };

const GAVE_UP = 'This is an internal error of DuckDB. Rewrite the query, or split it into several nodes.';

const TRY = 'Use TRY_CAST, which returns NULL for such values, or filter and clean them first.';

/** Messages for errors at run time; the first match applies. */
const RUNNING: readonly (readonly [RegExp, Words])[] = [
  [
    /^Could not convert string ["'](.*?)["'] to '?([\w() ,]+?)'?(?: when casting from source column (\S+))?$/m,
    ([, value, type = '', column]) => ({
      message: `${column === undefined ? `'${value}'` : `'${value}' in the column '${column}'`} cannot be cast to ${plainType(type)}.`,
      hint: TRY,
      words: column === undefined ? [] : [column],
    }),
  ],
  [
    /^invalid (\w+) field format: "(.*?)", expected format is (\(.*?\))(?:.*when casting from source column (\S+))?/,
    ([, what, value, format, column]) => ({
      message: `'${value}' is not a valid ${what}: the expected format is ${format}.`,
      hint: TRY,
      words: column === undefined ? [] : [column],
    }),
  ],
  [
    /^Could not parse string "(.*?)" according to format specifier "(.*?)"/,
    ([, value, format]) => ({
      message: `'${value}' does not fit the format '${format}'.`,
      hint: 'Use try_strptime, which returns NULL for such values.',
      words: ['strptime'],
    }),
  ],
  [
    /^Overflow in \w+ of (\w+) \((.*?)\)/,
    ([, type = '', what]) => ({
      message: `${what} does not fit ${plainType(type)}.`,
      hint: 'Cast one side to a larger type first, such as BIGINT, DOUBLE or DECIMAL(38,0).',
    }),
  ],
  [
    /^Type (\w+) with value (.*?) can't be cast (?:because the value is out of range for|to) the destination type (\w+)(?:.*when casting from source column (\S+))?/,
    ([, , value, type = '', column]) => ({
      message: `${value} does not fit ${plainType(type)}.`,
      hint: 'Cast to a larger type, or use TRY_CAST, which returns NULL for such values.',
      words: column === undefined ? [] : [column],
    }),
  ],
  [
    /^More than one row returned by a subquery/,
    () => ({
      message: 'A subquery returns more than one row instead of one value.',
      hint: 'Select one row with an aggregate such as max(), or with ORDER BY and LIMIT 1.',
    }),
  ],
  [
    /^(?:could not|failed to) allocate .*/i,
    match => ({
      message: `Out of memory: ${match[0].split('\n')[0]}`,
      hint: 'Raise `memory_limit` in the settings of seeknal_project.yml, or lower `threads`.',
    }),
  ],
];
