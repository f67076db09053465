import { plainType } from '../../../core/types/type-names.ts';
import { mixedLines } from '../csv/mixed-lines.ts';
import { dateFault, isDateType, looksLikeDate } from './date-hint.ts';
import { encodingHint } from './encoding-hint.ts';
import { type FileFault, typeThatReads } from './other-kind.ts';
import { nameOf, type Trouble } from './trouble.ts';

type Words = (match: RegExpExecArray, trouble: Trouble) => FileFault | Promise<FileFault>;

const RAGGED =
  'Correct the line, or set `null_padding: true` (fill with NULL) or `ignore_errors: true` (skip the line) under `params`.';

/** Faults by DuckDB's message; the first match applies. */
export const WORDS: readonly (readonly [RegExp, Words])[] = [
  [
    /CSV Error on Line: (\d+)[^]*?Error when converting column "(.+?)"\. Could not convert string "([^]*?)" to '(.+?)'/,
    badValue,
  ],
  [
    /CSV Error on Line: (\d+)[^]*?Expected Number of Columns: (\d+) Found: (\d+)/,
    ([, line, expected, found], trouble) => ({
      message: `line ${line} of ${nameOf(trouble)} has ${found} ${found === '1' ? 'field' : 'fields'} instead of ${expected}.`,
      hint: RAGGED,
    }),
  ],
  [
    /CSV Error on Line: (\d+)[^]*?Value with unterminated quote/,
    ([, line], trouble) => ({
      message: `line ${line} of ${nameOf(trouble)} has an unclosed quote.`,
      hint: 'Correct the line, or set `quote` under `params`.',
    }),
  ],
  [
    /CSV Error on Line: (\d+)[^]*?(?:not utf-8 encoded|Invalid unicode)/,
    async ([, line], trouble) => ({
      message: `line ${line} of ${nameOf(trouble)} is not valid UTF-8.`,
      hint: trouble.file ? await encodingHint(trouble.session, trouble.reading, trouble.file) : 'Save it as UTF-8.',
    }),
  ],
  [
    /Maximum line size of (\d+) bytes exceeded/,
    ([, size], trouble) => ({
      message: `a line of ${nameOf(trouble)} is longer than ${size} bytes.`,
      hint: 'Raise `max_line_size` under `params`, or close the quote in an earlier line.',
    }),
  ],
  [/state machine reached an invalid state/, (_, { session, reading, file }) => mixedLines(session, reading, file)],
  [/Error when sniffing file/, noDialect],
  [
    /JSON transform error in file "(.+?)", in (line|record\/value) (\d+): Failed to cast value to numerical: ([^]*?)\s*(?:\n|$)/,
    ([, file, where, number, value = '']) => ({
      message: `'${value.replace(/^"([^]*)"$/, '$1')}' in ${where === 'line' ? 'line' : 'value'} ${number} of ${file} is not a valid number.`,
      hint: 'Correct the value, or declare the column VARCHAR under `schema`.',
    }),
  ],
  [/Malformed JSON in file "(.+?)", at byte (\d+) in (line|record\/value) (\d+): (.+?)\.?\s*(?:\n|$)/, malformed],
  [/No magic bytes found at end of file '(.+?)'|File '(.+?)' too small to be a Parquet file/, noParquet],
  [
    /TProtocolException|don't know what type|Footer length error|Corrupt(?:ed)? /i,
    (_, trouble) => ({ message: `${nameOf(trouble)} is damaged.`, hint: 'Write the file again.' }),
  ],
  [
    /Input is not a (GZIP|ZSTD) stream: (.+)/i,
    ([, kind = '', file], { reading }) => ({
      message: `${file?.trim()} is not compressed with ${kind.toLowerCase()}.`,
      hint:
        reading.options['compression'] === undefined
          ? 'Rename the file, or set `params: { compression: none }`.'
          : 'Remove `compression` from `params`; it is derived from the file name.',
    }),
  ],
  [
    /schema mismatch in glob: column "(.+?)" was read from the original file "(.+?)", but could not be found in file "(.+?)"/,
    ([, column = '', first = '', file = '']) => lacksColumn(file, { column, first }),
  ],
  [
    /Schema mismatch between globbed files\.\s*Main file schema: (.+)\s*Current file: (.+)\s*Column with name: "(.+?)" is missing/,
    ([, first = '', file = '', column = '']) => lacksColumn(file, { column, first }),
  ],
  [
    /Failed to read file "(.+?)": (.+)/,
    ([, file, reason]) => ({
      message: `${file} is damaged: ${reason?.replace(/\.$/, '')}.`,
      hint: 'Write the file again.',
    }),
  ],
  [
    /^(?:\w+ Error: )?invalid (\w+) field format: "([^]*?)", expected format is .*?(?: when casting from source column (\S+))?$/m,
    ([, type = '', value = '', column], trouble) => castFault({ value, type: type.toUpperCase(), column }, trouble),
  ],
  [
    /Could not convert string ["']([^]*?)["'] to '?([\w() ,]+?)'?(?: when casting from source column (\S+))?$/m,
    ([, value = '', type = '', column], trouble) => castFault({ value, type: plainType(type), column }, trouble),
  ],
];

interface FailedCast {
  readonly value: string;
  readonly type: string;
  readonly column: string | undefined;
}

const castFault = ({ value, type, column }: FailedCast, trouble: Trouble): FileFault => ({
  message: `'${value}' in ${nameOf(trouble)} is not a valid ${type}${column === undefined ? '' : ` (column '${column}')`}.`,
  hint: 'Correct the value, or declare the column VARCHAR under `schema`.',
});

const lacksColumn = (
  file: string,
  { column, first }: { readonly column: string; readonly first: string },
): FileFault => ({
  message: `${file.trim()} has no column '${column}', which ${first.trim()} has.`,
  hint: 'Correct the file, or set `union_by_name: true` under `params` to fill the column with NULL.',
});

/** For a date, the hint names the formats that read the file. */
async function badValue(match: RegExpExecArray, { session, reading, file, said }: Trouble): Promise<FileFault> {
  const [, line = '', column = '', value = '', type = ''] = match;
  const format = /^ *(?:date|timestamp)_format = (?!\(empty\))(\S.*?) \(/m.exec(said)?.[1] ?? '';
  if (file && isDateType(type) && looksLikeDate(value))
    return dateFault(session, reading, { file, odd: { value, line, column, type, format } });
  return {
    message: `'${value}' in line ${line} of ${file?.path ?? 'a file'} is not a valid ${type} (column '${column}').`,
    hint: 'Correct the line, give the column another type under `schema`, or set `nullstr` under `params` to the text that means NULL.',
  };
}

async function noDialect(_: RegExpExecArray, trouble: Trouble): Promise<FileFault> {
  const { session, reading, file } = trouble;
  const type = file && (await typeThatReads(session, reading, file));
  return {
    message: `Could not detect the CSV format of ${nameOf(trouble)}.`,
    hint: type
      ? `Set \`source: ${type}\`, which reads this file.`
      : 'Set `delimiter`, `quote`, `header` or `skip` under `params` to match the file.',
  };
}

/** DuckDB's number is one more than that of the malformed line or value. */
async function malformed(match: RegExpExecArray, trouble: Trouble): Promise<FileFault> {
  const [, name = '', byte, where, number, what = ''] = match;
  const { session, reading, file } = trouble;
  const at = `${where === 'line' ? 'line' : 'value'} ${Math.max(1, Number(number) - 1)}`;
  if (what.includes('UTF-8') && file)
    return { message: `${at} of ${name} is not valid UTF-8.`, hint: await encodingHint(session, reading, file) };
  const type = file && (await typeThatReads(session, reading, file));
  return {
    message: `${name} is not valid JSON: ${what.replace(/\.? Try .*/, '')} at byte ${byte} of ${at}.`,
    hint: type
      ? `Set \`source: ${type}\`, which reads this file.`
      : 'Correct the file. `source: jsonl` expects one value per line, `source: json` one array or several values.',
  };
}

async function noParquet(match: RegExpExecArray, { session, reading, file }: Trouble): Promise<FileFault> {
  const name = match[1] ?? match[2];
  if (file?.size === 0) return { message: `${name} is empty.`, hint: 'Write the file again.' };
  const type = file && (await typeThatReads(session, reading, file));
  return {
    message: `${name} is not a valid Parquet file.`,
    hint: type ? `Set \`source: ${type}\`, which reads this file.` : 'Write the file again, or correct `source`.',
  };
}
