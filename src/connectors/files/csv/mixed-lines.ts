import type { ExecutionSession } from '../../../engine/execution/execution-session.ts';
import { otherEnding, readHead } from '../file-head.ts';
import type { FileFault } from '../faults/other-kind.ts';
import type { FileReading } from '../reader-call.ts';
import type { SourceFile } from '../source-files.ts';
import { canRead } from '../try-reading.ts';

/** In strict mode DuckDB reads no file whose lines end in different ways; `file` is null where it is not known which one. */
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
      line === null ? `${name} is not valid CSV.` : `line ${line} of ${name} does not end as the lines above do.`,
    hint: reads
      ? 'End all lines in the same way (LF or CRLF), or set `strict_mode: false` under `params`, which reads this file.'
      : 'Correct the file, or set `delimiter`, `quote` or `escape` under `params` to what it has.',
  };
}
