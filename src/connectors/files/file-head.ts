import { closeSync, openSync, readSync } from 'node:fs';
import { constants, gunzipSync } from 'node:zlib';
import type { SourceFile } from './source-files.ts';

/** The first bytes of a file. */
export interface FileHead {
  /** At most 64 KiB; decompressed if the file is compressed with gzip. */
  readonly bytes: Buffer;
  readonly packing: 'gzip' | 'zstd' | null;
}

const HEAD_BYTES = 65_536;

/** Reads the first bytes of a file. Throws if it cannot be opened. */
export function readHead({ absolute, size }: Pick<SourceFile, 'absolute' | 'size'>): FileHead {
  const bytes = readBytes(absolute, { from: 0, length: Math.min(HEAD_BYTES, size) });
  if (bytes.subarray(0, 4).equals(ZSTD)) return { bytes: Buffer.alloc(0), packing: 'zstd' };
  if (!bytes.subarray(0, 2).equals(GZIP)) return { bytes, packing: null };
  return { bytes: unpacked(bytes), packing: 'gzip' };
}

const ZSTD = Buffer.from([0x28, 0xb5, 0x2f, 0xfd]);
const GZIP = Buffer.from([0x1f, 0x8b]);

/** Decompresses the start of a stream, as far as it is present. */
function unpacked(bytes: Buffer): Buffer {
  try {
    return gunzipSync(bytes, { finishFlush: constants.Z_SYNC_FLUSH }).subarray(0, HEAD_BYTES);
  } catch {
    return Buffer.alloc(0);
  }
}

export type FileKind = 'parquet' | 'zip' | 'utf-16' | 'utf-16be' | 'binary' | 'empty' | 'text';

/** The type of a file by its first bytes; for gzip, that of its content. */
export function kindOf({ bytes }: FileHead): FileKind {
  if (bytes.subarray(0, 4).toString('latin1') === 'PAR1' && bytes.length >= 12) return 'parquet';
  if (bytes.subarray(0, 4).toString('latin1') === 'PK\u0003\u0004') return 'zip';
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return 'utf-16';
  if (bytes[0] === 0xfe && bytes[1] === 0xff) return 'utf-16be';
  if (bytes.includes(0)) return 'binary';
  return textOf(bytes).trim() === '' ? 'empty' : 'text';
}

/** The bytes as UTF-8, without a byte order mark. */
export const textOf = (bytes: Buffer): string => bytes.toString('utf8').replace(/^\uFEFF/, '');

/** The first line, from 1, whose line ending (LF or CRLF) differs from that of the first line; null if there is none. */
export function otherEnding({ bytes }: FileHead): number | null {
  const lines = bytes.toString('latin1').split('\n').slice(0, -1);
  const at = lines.findIndex(line => line.endsWith('\r') !== lines[0]?.endsWith('\r'));
  return at < 0 ? null : at + 1;
}

/** Whether a file ends with Parquet's magic bytes; the start alone could also be text. */
export function endsAsParquet({ absolute, size }: Pick<SourceFile, 'absolute' | 'size'>): boolean {
  return size >= 12 && readBytes(absolute, { from: size - 4, length: 4 }).toString('latin1') === 'PAR1';
}

function readBytes(path: string, { from, length }: { readonly from: number; readonly length: number }): Buffer {
  const file = openSync(path, 'r');
  try {
    const bytes = Buffer.alloc(length);
    return bytes.subarray(0, readSync(file, bytes, 0, length, from));
  } finally {
    closeSync(file);
  }
}
