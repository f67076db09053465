import { extname } from 'node:path';
import type { FileSourceType } from '../../../core/definition/nodes/node.ts';
import type { ExecutionSession } from '../../../engine/execution/execution-session.ts';
import { endsAsParquet, type FileHead, type FileKind, kindOf, readHead, textOf } from '../file-head.ts';
import type { FileReading } from '../reader-call.ts';
import type { SourceFile } from '../source-files.ts';
import { canRead } from '../try-reading.ts';

/** What is wrong with a file, and what to do about it. */
export interface FileFault {
  readonly message: string;
  readonly hint: string;
}

/** The fault of a file declared as UTF-16 that is not little-endian UTF-16; DuckDB would misread it. */
function otherText({ source, options }: FileReading, file: SourceFile, kind: FileKind): FileFault | null {
  const wide = source === 'csv' && /^utf-?16$/i.test(String(options['encoding']));
  if (!wide || (kind !== 'text' && kind !== 'utf-16be')) return null;
  return kind === 'text'
    ? { message: `${file.path} is not encoded in UTF-16.`, hint: 'Remove or correct `encoding` under `params`.' }
    : { message: `${file.path} is encoded in big-endian UTF-16.`, hint: 'Save the file as UTF-8.' };
}

/** The fault of a file whose first bytes show another type than its source's; null if there is none. */
export function otherKind(reading: FileReading, file: SourceFile): FileFault | null {
  const { source, options } = reading;
  const head = readHead(file);
  const kind = kindOf(head);
  const compression = options['compression'];
  if (kind === 'parquet' && (head.packing !== null || endsAsParquet(file))) {
    if (source !== 'parquet')
      return { message: `${file.path} is a Parquet file${packed(head)}.`, hint: parquetHint(head) };
  }
  if (kind === 'zip')
    return {
      message: `${file.path} is a ZIP archive or an Excel workbook.`,
      hint: source === 'csv' ? 'Extract it, or export it as CSV.' : `Extract it, or export it as ${source}.`,
    };
  if (head.packing !== null && source !== 'parquet' && !isNamedPacked(file, head) && isAutomatic(compression))
    return {
      message: `${file.path} is compressed with ${head.packing}.`,
      hint: `Set \`params: { compression: ${head.packing} }\`, or rename the file to end in ${ENDING[head.packing]}.`,
    };
  return otherText(reading, file, kind);
}

const ENDING = { gzip: '.gz', zstd: '.zst' };

const packed = ({ packing }: FileHead): string => (packing === null ? '' : ` compressed with ${packing}`);

const parquetHint = ({ packing }: FileHead): string =>
  packing === null ? 'Set `source: parquet`.' : 'Decompress it, and set `source: parquet`.';

const isAutomatic = (compression: unknown): boolean =>
  compression === undefined || compression === 'auto' || compression === 'auto_detect';

const isNamedPacked = ({ path }: SourceFile, { packing }: FileHead): boolean =>
  packing !== null && extname(path).toLowerCase() === ENDING[packing];

/** Another source type that can read the file; it is tried on the file. null if there is none. */
export async function typeThatReads(
  session: ExecutionSession,
  reading: FileReading,
  file: SourceFile,
): Promise<FileSourceType | null> {
  const head = readHead(file);
  for (const source of likelyTypes(kindOf(head), textOf(head.bytes)).filter(type => type !== reading.source)) {
    const options = head.packing === null || isNamedPacked(file, head) ? {} : { compression: head.packing };
    if (await canRead(session, reading, { file, source, options: source === 'parquet' ? {} : options, schema: null }))
      return source;
  }
  return null;
}

function likelyTypes(kind: FileKind, text: string): readonly FileSourceType[] {
  if (kind === 'parquet') return ['parquet'];
  if (kind !== 'text') return [];
  const first = text.trimStart()[0];
  if (first === '[') return ['json'];
  if (first === '{') return ['jsonl', 'json'];
  return /[,;\t|]/.test(text) ? ['csv'] : [];
}
