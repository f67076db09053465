import type { ExecutionSession } from '../../../engine/execution/execution-session.ts';
import type { FileReading } from '../reader-call.ts';
import type { SourceFile } from '../source-files.ts';

/** What happened while files were read, and the file that it is about. */
export interface Trouble {
  readonly session: ExecutionSession;
  readonly reading: FileReading;
  /** null where it is not known which of several it is. */
  readonly file: SourceFile | null;
  readonly said: string;
  readonly error: unknown;
}

/** The file as messages name it. */
export const nameOf = ({ file }: Trouble): string => file?.path ?? 'a file';
