import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { type DotContext, runDotCommand } from './dot-commands.ts';
import { runStatement } from './run-statement.ts';
import { StatementBuffer } from './statement-buffer.ts';

/** Runs statements and dot commands from a script. Returns false if one of them failed; the others still run. */
export async function runScript(input: Readable, context: DotContext): Promise<boolean> {
  const buffer = new StatementBuffer();
  let succeeded = true;
  for await (const line of createInterface({ input, crlfDelay: Infinity })) {
    const outcome = await runLine(line, buffer, context);
    if (outcome === 'quit') return succeeded;
    if (outcome === 'failed') succeeded = false;
    if (context.signal.aborted || context.output.closed()) return false;
  }
  const rest = buffer.rest();
  if (rest === null) return succeeded;
  return (await runStatement(context.opened.session, rest, context)) && succeeded;
}

/** Runs one line of a session: a dot command, or the next line of a statement. */
export async function runLine(
  line: string,
  buffer: StatementBuffer,
  context: DotContext,
): Promise<'done' | 'failed' | 'quit'> {
  if (buffer.isEmpty && line.trimStart().startsWith('.')) return runDotCommand(line, context);
  const statement = buffer.add(line);
  if (statement === null) return 'done';
  return (await runStatement(context.opened.session, statement, context)) ? 'done' : 'failed';
}
