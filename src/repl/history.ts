import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { temporaryBeside } from '../project/files/temporary-beside.ts';

const historyFile = (home: string): string => join(home, '.seeknal', 'history');

/** Lines of earlier sessions, the latest first; empty without a history. */
export function readHistory(home: string): readonly string[] {
  try {
    return readFileSync(historyFile(home), 'utf8')
      .split('\n')
      .filter(line => line !== '')
      .reverse();
  } catch {
    return [];
  }
}

/** Stores the typed lines, the latest first, readable only by their owner; a failure is ignored. */
export function writeHistory(home: string, latestFirst: readonly string[]): void {
  const path = historyFile(home);
  const text = latestFirst.toReversed().map(line => `${line}\n`);
  const temporary = temporaryBeside(path);
  try {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(temporary, text.join(''), { mode: 0o600, flag: 'wx' });
    renameSync(temporary, path);
  } catch {
    // A home that cannot be written to must not spoil a session that went well.
  }
}
