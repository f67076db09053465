import type { Json } from '../../json.ts';

/** The values that an option takes, as the end of a sentence, if the value is not valid; null if it is. */
export function valueMistake(option: string, value: Json): string | null {
  const wanted = WANTED.get(option);
  return wanted === undefined || wanted.takes(value) ? null : wanted.words;
}

interface Wanted {
  readonly words: string;
  takes(value: Json): boolean;
}

const isText = (value: Json): value is string | number | boolean => value !== null && typeof value !== 'object';

/** DuckDB also accepts 1, 'yes' and 't' as true. */
const TRUTH: Wanted = {
  words: 'true or false',
  takes: value =>
    typeof value === 'number' || (isText(value) && /^(true|t|yes|y|1|false|f|no|n|0)$/i.test(String(value))),
};

const whole = (least: number, all = false): Wanted => ({
  words: `a whole number of at least ${least}${all ? ', or -1 for all' : ''}`,
  takes: value =>
    isText(value) && /^-?\d+$/.test(String(value)) && (Number(value) >= least || (all && Number(value) === -1)),
});

const oneOf = (...values: readonly string[]): Wanted => ({
  words: `one of ${values.join(', ')}`,
  takes: value => isText(value) && values.includes(String(value).toLowerCase()),
});

const TEXT: Wanted = { words: 'a text', takes: isText };
const CHARACTER: Wanted = {
  words: 'one character or empty',
  takes: value => isText(value) && new TextEncoder().encode(String(value)).length <= 1,
};
const DELIMITER: Wanted = {
  words: 'one to four characters',
  takes: value => isText(value) && new TextEncoder().encode(String(value)).length <= 4,
};
const LIST: Wanted = { words: 'a list of texts', takes: value => Array.isArray(value) && value.every(isText) };
const TEXTS: Wanted = {
  words: 'a text, or a list of texts',
  takes: value => isText(value) || (LIST.takes(value) && (value as Json[]).length > 0),
};
const TYPE_MAP: Wanted = { words: 'a mapping of columns to types, such as { id: BIGINT }', takes: isTypeMap };
const TYPES: Wanted = {
  words: 'a list of types, or a mapping of columns to types, such as { id: BIGINT }',
  takes: value => LIST.takes(value) || isTypeMap(value),
};

function isTypeMap(value: Json): boolean {
  return (
    value !== null &&
    typeof value === 'object' &&
    !Array.isArray(value) &&
    Object.values(value).every(item => typeof item === 'string' || (item !== null && typeof item === 'object'))
  );
}

const PACKED = /^(auto|auto_detect|infer|none|gzip|zstd|)$/i;
const COMPRESSION: Wanted = {
  words: 'one of auto, none, gzip, zstd',
  takes: value => isText(value) && PACKED.test(String(value)),
};

const WANTED: ReadonlyMap<string, Wanted> = new Map([
  ...[
    'all_varchar',
    'allow_quoted_nulls',
    'auto_detect',
    'header',
    'ignore_errors',
    'normalize_names',
    'null_padding',
    'parallel',
    'strict_mode',
    'hive_partitioning',
    'hive_types_autocast',
    'union_by_name',
    'binary_as_string',
    'can_have_nan',
    'file_row_number',
    'convert_strings_to_integers',
  ].map((option): [string, Wanted] => [option, TRUTH]),
  ...['quote', 'escape', 'comment', 'thousands'].map((option): [string, Wanted] => [option, CHARACTER]),
  ...['names', 'column_names', 'force_not_null', 'auto_type_candidates'].map((option): [string, Wanted] => [
    option,
    LIST,
  ]),
  ...['types', 'dtypes', 'column_types'].map((option): [string, Wanted] => [option, TYPES]),
  ...['columns', 'hive_types'].map((option): [string, Wanted] => [option, TYPE_MAP]),
  ...['dateformat', 'timestampformat', 'date_format', 'timestamp_format', 'encoding', 'new_line', 'filename'].map(
    (option): [string, Wanted] => [option, TEXT],
  ),
  ...['buffer_size', 'max_line_size', 'maximum_line_size', 'maximum_object_size'].map((option): [string, Wanted] => [
    option,
    whole(1),
  ]),
  ...['sample_size', 'files_to_sniff', 'maximum_sample_files'].map((option): [string, Wanted] => [
    option,
    whole(1, true),
  ]),
  ...['maximum_depth', 'map_inference_threshold'].map((option): [string, Wanted] => [option, whole(0, true)]),
  ['delim', DELIMITER],
  ['nullstr', TEXTS],
  ['skip', whole(0)],
  ['decimal_separator', { words: "'.' or ','", takes: (value: Json) => value === '.' || value === ',' }],
  ['compression', COMPRESSION],
  ['format', oneOf('auto', 'newline_delimited', 'nd', 'array', 'unstructured')],
  ['records', oneOf('auto', 'true', 'false')],
  [
    'field_appearance_threshold',
    {
      words: 'a number from 0 to 1',
      takes: (value: Json) => isText(value) && Number(value) >= 0 && Number(value) <= 1,
    },
  ],
]);
