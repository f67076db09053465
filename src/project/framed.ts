import { join } from 'node:path';
import type { Diagnostic } from '../diagnostics/diagnostic.ts';
import { readTextFile } from './files/read-text-file.ts';

/** Adds the source line for a code frame to diagnostics that have none; underlines the text from the position on. */
export function framed(root: string, diagnostics: readonly Diagnostic[]): readonly Diagnostic[] {
  return diagnostics.map(entry => {
    if (entry.source || entry.file === null || entry.line === null) return entry;
    const file = readTextFile(join(root, entry.file), entry.file);
    const text = file?.text.split(/\r?\n/)[entry.line - 1];
    if (text === undefined) return entry;
    const rest = text.slice((entry.column ?? 1) - 1);
    return { ...entry, source: { text, length: /^[^,}\]:#'"]*/.exec(rest)?.[0].trimEnd().length ?? 1 } };
  });
}
