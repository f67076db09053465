import { isUtf8 } from 'node:buffer';
import { readFileSync, statSync } from 'node:fs';
import type { ProjectFile, TextFlaw } from '../../core/definition/nodes/node.ts';

/** Reads a user's file; `flaw` says why it is not readable text. null if it does not exist. `path` is for messages. */
export function readTextFile(absolute: string, path: string): ProjectFile | null {
  try {
    if (statSync(absolute).isDirectory()) return { path, text: '', flaw: unreadable('it is a folder') };
    const bytes = readFileSync(absolute);
    const text = bytes.toString('utf8').replace(/^\uFEFF/, '');
    return isUtf8(bytes) ? { path, text } : { path, text, flaw: NOT_UTF8 };
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') return null;
    return { path, text: '', flaw: unreadable(code === 'EACCES' ? 'permission denied' : String(code)) };
  }
}

/** The same for a file found in a folder: if it does not exist, it is a broken link. */
export const readListedFile = (absolute: string, path: string): ProjectFile =>
  readTextFile(absolute, path) ?? { path, text: '', flaw: unreadable('it is a broken link') };

const unreadable = (why: string): TextFlaw => ({
  code: 'unreadable-file',
  message: `This file cannot be read: ${why}.`,
  hint: 'Replace it with a readable text file, or name another file.',
});

const NOT_UTF8: TextFlaw = {
  code: 'not-utf8',
  message: 'This file is not UTF-8 text.',
  hint: 'Save it as UTF-8.',
};
