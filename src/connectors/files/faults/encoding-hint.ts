import type { ExecutionSession } from '../../../engine/execution/execution-session.ts';
import { kindOf, readHead } from '../file-head.ts';
import type { FileReading } from '../reader-call.ts';
import type { SourceFile } from '../source-files.ts';
import { canRead, withOptions } from '../try-reading.ts';

const AS_UTF8 = 'Save the file as UTF-8.';

/** A hint for a file that is not UTF-8; it names an encoding only if that reads the file. */
export async function encodingHint(session: ExecutionSession, reading: FileReading, file: SourceFile): Promise<string> {
  if (reading.source !== 'csv') return AS_UTF8;
  const given = reading.options['encoding'];
  for (const encoding of likelyEncodings(file).filter(name => name !== given)) {
    const plain = encoding === 'utf-8';
    const options = withOptions(reading.options, { encoding: plain ? undefined : encoding });
    if (!(await canRead(session, reading, { file, options }))) continue;
    if (plain) return 'Remove `encoding` from `params`: the file is UTF-8.';
    return `Set \`params: { encoding: ${encoding} }\`, which reads this file, or save it as UTF-8.`;
  }
  return AS_UTF8;
}

/** UTF-16 only if the file has its byte order mark; otherwise almost any file could be read as UTF-16. */
function likelyEncodings(file: SourceFile): readonly string[] {
  const head = readHead(file);
  const kind = kindOf(head);
  if (kind === 'utf-16') return ['utf-16'];
  return kind === 'text' ? ['utf-8', 'latin-1'] : [];
}

/** The encoding that a file's byte order mark shows, in words; null without a mark. */
export function markedEncoding(file: SourceFile): string | null {
  const kind = kindOf(readHead(file));
  if (kind === 'utf-16be') return 'big-endian UTF-16';
  return kind === 'utf-16' ? 'UTF-16' : null;
}
