import type { ExecutionSession } from '../../../engine/execution/execution-session.ts';
import type { FileReading } from '../reader-call.ts';
import type { SourceFile } from '../source-files.ts';

/** An error while files were read, and the file that it is about. */
export interface Trouble {
  readonly session: ExecutionSession;
  readonly reading: FileReading;
  /** null if it is unknown which of several files it is. */
  readonly file: SourceFile | null;
  readonly said: string;
  readonly error: unknown;
}

/** The file's name for messages. */
export const nameOf = ({ file }: Trouble): string => file?.path ?? 'a file';
