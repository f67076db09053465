/** DuckDB gave up: its database answers nothing any more and must be opened anew. Its message is in one line, without a stack. */
export class EngineFailure extends Error {
  /** Another statement made the database fail: this one may succeed in a new one. */
  readonly elsewhere: boolean;
  /** What DuckDB gives as the cause. */
  readonly reason: string;

  constructor(said: string, elsewhere = said.includes(INVALIDATED)) {
    const reason = plainReason(said);
    super(`DuckDB failed: ${reason}`);
    this.reason = reason;
    this.name = 'EngineFailure';
    this.elsewhere = elsewhere;
  }
}

const INVALIDATED = 'database has been invalidated because of a previous fatal error';

/** The same error, as an `EngineFailure` where DuckDB gave up. */
export function asEngineFailure(error: unknown): unknown {
  if (error instanceof EngineFailure || !(error instanceof Error)) return error;
  return /^(?:INTERNAL|FATAL) Error: /.test(error.message) ? new EngineFailure(error.message) : error;
}

function plainReason(said: string): string {
  const original = /\nOriginal error: "([^]*?)"?$/.exec(said)?.[1] ?? said;
  const [first = ''] = original.replace(/^(?:INTERNAL|FATAL) Error: /, '').split(/\n\s*(?:\n|Stack Trace:)/);
  return first.replaceAll(/\s+/g, ' ').trim();
}
