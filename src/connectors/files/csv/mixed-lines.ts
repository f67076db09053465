import type { ExecutionSession } from '../../../engine/execution/execution-session.ts';
import { otherEnding, readHead } from '../file-head.ts';
import type { FileFault } from '../faults/other-kind.ts';
import type { FileReading } from '../reader-call.ts';
import type { SourceFile } from '../source-files.ts';
import { canRead } from '../try-reading.ts';

/** The fault of a file with mixed line endings, which DuckDB refuses in strict mode; `file` is null if it is unknown. */
export async function mixedLines(
  session: ExecutionSession,
  reading: FileReading,
  file: SourceFile | null,
): Promise<FileFault> {
  const line = file && otherEnding(readHead(file));
  const options = { ...reading.options, strict_mode: false };
  const reads = file !== null && (await canRead(session, reading, { file, options }));
  const name = file?.path ?? 'a file';
  return {
    message:
      line === null
        ? `${name} is not valid CSV.`
        : `line ${line} of ${name} has another line ending than the lines above.`,
    hint: reads
      ? 'Use the same line ending (LF or CRLF) in all lines, or set `strict_mode: false` under `params`, which reads this file.'
      : 'Correct the file, or set `delimiter`, `quote` or `escape` under `params` to match it.',
  };
}
