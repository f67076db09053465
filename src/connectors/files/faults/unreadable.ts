import { ToolError } from '../../../diagnostics/tool-error.ts';
import { EngineFailure } from '../../../engine/engine-failure.ts';
import type { ExecutionSession } from '../../../engine/execution/execution-session.ts';
import { WORDS } from './duckdb-words.ts';
import { encodingHint, markedEncoding } from './encoding-hint.ts';
import { withFileLine } from './file-line.ts';
import { type FileFault, otherKind } from './other-kind.ts';
import type { FileReading } from '../reader-call.ts';
import { shortMessage } from './short-message.ts';
import { nameOf, type Trouble } from './trouble.ts';
import type { SourceFile } from '../source-files.ts';
import { canRead } from '../try-reading.ts';

/** Explains DuckDB's error about files in plain words; suggested options were tried on the file. Keeps the `cause`. */
export async function unreadable(session: ExecutionSession, reading: FileReading, error: unknown): Promise<ToolError> {
  const words = (error instanceof Error ? error.message : String(error)).replaceAll(`${reading.root}/`, '');
  const said = await withFileLine(session, reading, words);
  const file = await fileOf(session, reading, said);
  const { message, hint } = await faultOf({ session, reading, file, said, error });
  return new ToolError('source-unreadable', `${reading.id} cannot be read: ${message}`, { hint, cause: error });
}

/** Checks for another file type first, since that explains any other error. */
async function faultOf(trouble: Trouble): Promise<FileFault> {
  const { reading, file, said, error } = trouble;
  const other = file && otherKind(reading, file);
  if (other) return other;
  const encoding = file && reading.source !== 'parquet' && reading.options['encoding'] === undefined;
  const marked = encoding ? markedEncoding(file) : null;
  if (file && marked !== null)
    return {
      message: `${file.path} is encoded in ${marked}.`,
      hint: await encodingHint(trouble.session, reading, file),
    };
  if (error instanceof EngineFailure) return gaveUp(nameOf(trouble), error);
  for (const [pattern, words] of WORDS) {
    const match = pattern.exec(said);
    if (match) return words(match, trouble);
  }
  return unknownFault(trouble);
}

/** The file that DuckDB names, the only file, or else the first that cannot be read on its own. */
async function fileOf(session: ExecutionSession, reading: FileReading, said: string): Promise<SourceFile | null> {
  const { files } = reading;
  const named = /^ *file = (.+)$/m.exec(said)?.[1] ?? /\bfile:? ["']?(.+?)["']?(?:[,:.]|$)/im.exec(said)?.[1];
  const found = files.find(file => file.path === named || file.absolute === named);
  if (found || files.length === 1) return found ?? files[0] ?? null;
  for (const file of files.slice(0, MOST_TRIED)) if (!(await canRead(session, reading, { file }))) return file;
  return null;
}

const MOST_TRIED = 100;

const gaveUp = (file: string, { reason }: EngineFailure): FileFault => ({
  message: `DuckDB failed on ${file}: ${reason.replace(/\.$/, '')}.`,
  hint: 'Write the file again; it is probably damaged.',
});

function unknownFault(trouble: Trouble): FileFault {
  const words = shortMessage(trouble.said);
  const name = nameOf(trouble);
  return {
    message: trouble.file === null || words.includes(name) ? words : `${name}: ${words}`,
    hint: 'Check the file, `source`, and the options under `params`.',
  };
}
