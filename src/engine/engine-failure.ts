/** A fatal error of DuckDB, after which the database must be reopened. The message is one line without a stack trace. */
export class EngineFailure extends Error {
  /** Whether another statement caused the failure, so that this one may succeed in a new database. */
  readonly elsewhere: boolean;
  /** The cause, in DuckDB's words. */
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

/** Converts a fatal error of DuckDB to an `EngineFailure`; returns other errors unchanged. */
export function asEngineFailure(error: unknown): unknown {
  if (error instanceof EngineFailure || !(error instanceof Error)) return error;
  return /^(?:INTERNAL|FATAL) Error: /.test(error.message) ? new EngineFailure(error.message) : error;
}

function plainReason(said: string): string {
  const original = /\nOriginal error: "([^]*?)"?$/.exec(said)?.[1] ?? said;
  const [first = ''] = original.replace(/^(?:INTERNAL|FATAL) Error: /, '').split(/\n\s*(?:\n|Stack Trace:)/);
  return first.replaceAll(/\s+/g, ' ').trim();
}
