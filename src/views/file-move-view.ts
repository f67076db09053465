import type { Style } from './text/style.ts';
import { singleLine } from './text/text-width.ts';

export interface FileMove {
  readonly id: string;
  /** As the user named it. */
  readonly from: string;
  /** From the project root. */
  readonly to: string;
  /** False for a file that lies in its place already. */
  readonly moves: boolean;
  /** Another file lies there. */
  readonly overwrites: boolean;
  /** What differs from the file that lies there: lines that begin with `+`, `-` or a blank; empty for a new node. */
  readonly difference: readonly string[];
}

/** What `apply FILE` is about to do; empty where nothing moves and nothing differs. */
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
