import { createInterface } from 'node:readline';
import { ToolError } from '../diagnostics/tool-error.ts';
import { type CommandSession, interrupted } from './command-session.ts';

/**
 * Asks on a terminal unless `yes`. Throws `aborted` for no, and `confirmation-needed` without a terminal.
 * `what` names the command in that message: `env promote dev`.
 */
export async function confirm(
  session: CommandSession,
  question: string,
  { what, yes }: { readonly what: string; readonly yes: boolean },
): Promise<void> {
  if (yes) return;
  if (!session.context.stdin.isTerminal) {
    throw new ToolError('confirmation-needed', `'${what}' needs confirmation; pass --yes.`);
  }
  const answer = await session.withoutProgress(() => ask(session, `${question} [y/N] `));
  // At the end of input, the cursor is still after the question.
  if (answer === null) await session.context.stderr.write('\n');
  if (!/^y(es)?$/i.test(answer?.trim() ?? '')) throw new ToolError('aborted', 'Aborted');
}

/** Asks on a terminal whether something may be undone; returns false without a terminal. `--yes` does not answer this question. */
export async function confirmRevert(session: CommandSession, what: string): Promise<boolean> {
  if (!session.context.stdin.isTerminal) return false;
  await confirm(session, `This ${what}. Continue?`, { what, yes: false });
  return true;
}

/** The typed line; null at the end of input. */
async function ask(session: CommandSession, question: string): Promise<string | null> {
  const { stdin, stderr, world } = session.context;
  await stderr.write(question);
  const lines = createInterface({ input: stdin.stream, terminal: false });
  return new Promise((resolve, reject) => {
    const settle = (finish: () => void): void => {
      world.signal.removeEventListener('abort', stop);
      finish();
      lines.close();
    };
    const stop = (): void => settle(() => reject(interrupted()));
    world.signal.addEventListener('abort', stop);
    lines.once('line', line => settle(() => resolve(line)));
    lines.once('close', () => settle(() => resolve(null)));
  });
}
