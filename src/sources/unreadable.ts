import { ToolError } from '../diagnostics/tool-error.ts';
import { EngineFailure } from '../engine/engine-failure.ts';
import type { FileReading } from './reader-call.ts';

/** The files of a source, for messages. */
export type UnreadFiles = Pick<FileReading, 'id' | 'root' | 'files'>;

/** What the operating system says of a file that cannot be opened, as an error of its source; other errors as they are. */
export function asSourceError(id: string, error: unknown): unknown {
  if (!(error instanceof Error) || !('code' in error && 'path' in error)) return error;
  const why = error.code === 'EACCES' ? 'permission is denied' : String(error.code);
  return new ToolError('source-unreadable', `${id} cannot be read: ${String(error.path)} cannot be opened (${why}).`, {
    hint: 'Check the file and its permissions.',
    cause: error,
  });
}

/** What DuckDB says of files that it cannot read, in plain words; `cause` keeps its own. */
export function unreadable({ id, root, files }: UnreadFiles, error: unknown): ToolError {
  const said = (error instanceof Error ? error.message : String(error)).replaceAll(`${root}/`, '');
  const file = /^ *file = (.+)$/m.exec(said)?.[1] ?? (files.length === 1 ? files[0]?.path : undefined) ?? 'the file';
  if (error instanceof EngineFailure) return gaveUp(id, file, error);
  for (const [pattern, words] of WORDS) {
    const match = pattern.exec(said);
    if (!match) continue;
    const { message, hint } = words(match, file);
    return new ToolError('source-unreadable', `${id} cannot be read: ${message}`, { hint, cause: error });
  }
  return new ToolError('source-unreadable', `${id} cannot be read: ${shortMessage(said)}`, {
    hint: 'Check the file, `source`, and the options under `params`.',
    cause: error,
  });
}

const gaveUp = (id: string, file: string, error: EngineFailure): ToolError =>
  new ToolError('source-unreadable', `${id} cannot be read: DuckDB failed on ${file}: ${error.reason}.`, {
    hint: 'The file is probably damaged: write it again.',
    cause: error,
  });

type Words = (match: RegExpExecArray, file: string) => { readonly message: string; readonly hint: string };

const RAGGED =
  'Correct the line; or set `null_padding: true` to fill it up, or `ignore_errors: true` to leave it out, under `params`.';

/** By DuckDB's message, the first that fits. */
const WORDS: readonly (readonly [RegExp, Words])[] = [
  [
    /CSV Error on Line: (\d+)[^]*?Error when converting column "(.+?)"\. Could not convert string "(.*?)" to '(.+?)'/,
    ([, line, column, value, type], file) => ({
      message: `'${value}' in line ${line} of ${file} is no ${type}, which the column '${column}' is.`,
      hint: 'Correct the line, give the column another type under `schema`, or set `nullstr` under `params` to what stands for nothing.',
    }),
  ],
  [
    /CSV Error on Line: (\d+)[^]*?Expected Number of Columns: (\d+) Found: (\d+)/,
    ([, line, expected, found], file) => ({
      message: `line ${line} of ${file} has ${found} fields where ${expected} belong.`,
      hint: RAGGED,
    }),
  ],
  [
    /CSV Error on Line: (\d+)[^]*?Value with unterminated quote/,
    ([, line], file) => ({
      message: `a quote in line ${line} of ${file} is never closed.`,
      hint: 'Correct the line, or set `quote` under `params`.',
    }),
  ],
  [
    /CSV Error on Line: (\d+)[^]*?(?:not utf-8 encoded|Invalid unicode)/,
    ([, line], file) => ({
      message: `line ${line} of ${file} is not UTF-8.`,
      hint: 'Save the file with the encoding UTF-8, or say what it is: `params: { encoding: utf-16 }`.',
    }),
  ],
  [
    /Maximum line size of (\d+) bytes exceeded/,
    ([, size], file) => ({
      message: `a line of ${file} is longer than ${size} bytes.`,
      hint: 'Raise `max_line_size` under `params`; or a quote before it is not closed.',
    }),
  ],
  [
    /Error when sniffing file/,
    (_, file) => ({
      message: `how ${file} is written cannot be told from it.`,
      hint: 'Set `delimiter`, `quote`, `header` or `skip` under `params` to what the file has.',
    }),
  ],
  [
    /Malformed JSON in file "(.+?)", at byte (\d+) in (line|record\/value) (\d+): (.+?)\.?\s*(?:\n|$)/,
    ([, file, byte, where, number, what]) => ({
      message: `${file} is no JSON: ${what} at byte ${byte} of ${where === 'line' ? 'line' : 'value'} ${number}.`,
      hint: 'Correct it there. `source: jsonl` is one value a line, `source: json` one array or several values.',
    }),
  ],
  [
    /No magic bytes found at end of file '(.+?)'|File '(.+?)' too small to be a Parquet file/,
    match => ({
      message: `${match[1] ?? match[2]} is no Parquet file.`,
      hint: 'Say what it is: `source: csv`, `json` or `jsonl`.',
    }),
  ],
  [
    /Input is not a (GZIP|ZSTD) stream: (.+)/i,
    ([, kind = '', file]) => ({
      message: `${file?.trim()} is not packed with ${kind.toLowerCase()}.`,
      hint: 'Leave `compression` out: it is told by the name of the file.',
    }),
  ],
];

const LONGEST_LINE = 200;

/** What DuckDB says first, without its advice on options and without the data that it quotes at length. */
function shortMessage(text: string): string {
  const [said = ''] = text
    .replace(/^[A-Z][A-Za-z ]+ Error: /, '')
    .split(/\n\nLINE \d+:|\n *(?:The search space used|Possible (?:fixes|solution)|Try (?:setting|increasing))/i);
  const lines = said.split('\n').map(line => line.trim());
  const clipped = lines.map(line => (line.length > LONGEST_LINE ? `${line.slice(0, LONGEST_LINE)}…` : line));
  return clipped
    .filter(line => line !== '')
    .slice(0, 4)
    .join(' ');
}
