import type { RunDocument } from '../core/documents/run-document.ts';
import { renderRun } from '../views/run-view.ts';
import type { CommandSession } from './command-session.ts';

/** Prints the result of a run, apply or promotion. Returns the exit code. */
export async function showRun(
  session: CommandSession,
  document: RunDocument,
  view: { readonly verbose: boolean; readonly command: 'run' | 'apply' },
): Promise<number> {
  await session.result(document, () => renderRun(document, { ...view, style: session.style }));
  return document.status === 'failed' ? 1 : 0;
}
