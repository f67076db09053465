import { isTableMarkedBy } from './schema-mark.ts';
import type { TableFacts } from './target-facts.ts';
import type { TargetRequest } from '../../target-connector.ts';
import type { FailureText } from '../../../diagnostics/failure-text.ts';
import type { TableName } from './locate-table.ts';

/** A target to plan, and where it is. */
export interface TargetContext {
  readonly request: TargetRequest;
  readonly name: TableName;
  readonly endpoint: string;
  /** The table's name for people. */
  readonly shown: string;
}

/** A failure in our words. */
export const failure = (code: string, message: string, hint: string | null): FailureText => ({
  ...{ code, message, hint, words: [], said: null },
});

/** Whether the store wrote this very table before, or created it and lost the server's answer. */
export const isOurs = (
  { request, shown, endpoint }: TargetContext,
  { id, comment }: Pick<TableFacts, 'id' | 'comment'>,
): boolean =>
  isTableMarkedBy(comment, request.mark) ||
  [request.written, ...request.known].some(
    table => table !== null && table.id === id && table.name === shown && table.endpoint === endpoint,
  );

/** Whether the mode removes rows of the table. */
export const deletesRows = ({ request }: TargetContext): boolean => request.target.mode.kind !== 'append';

/** Whether the user allows the table to be dropped and created again. */
export const mayRecreate = ({ request }: TargetContext): boolean =>
  request.target.cascade && request.target.mode.kind === 'replace';
