import type { Style } from './text/style.ts';
import { singleLine } from './text/text-width.ts';

/** A node file that `apply FILE` moves into the project. */
export interface FileMove {
  readonly id: string;
  /** The path as the user wrote it. */
  readonly from: string;
  /** Relative to the project root. */
  readonly to: string;
  /** False if the file is already in its place. */
  readonly moves: boolean;
  /** Whether another file is already there. */
  readonly overwrites: boolean;
  /** The difference from the existing file: lines that begin with `+`, `-` or a blank; empty for a new node. */
  readonly difference: readonly string[];
}

/** Renders the plan of `apply FILE`; empty if nothing moves or differs. */
export function renderFileMove(move: FileMove, style: Style): string {
  const head = move.moves
    ? [`${style.note('ℹ')} ${move.id}: ${move.from} → ${move.to}${move.overwrites ? ' (overwrites it)' : ''}`]
    : [];
  const lines = move.difference.map(line => {
    const shown = `  ${singleLine(line)}`;
    if (line.startsWith('+')) return style.good(shown);
    return line.startsWith('-') ? style.bad(shown) : shown;
  });
  return [...head, ...lines].map(line => `${line}\n`).join('');
}
