import type { Column } from '../definition/nodes/node.ts';

/** The output of an artefact as recorded; without an identity while that is being computed. */
export interface RecordedOutput {
  readonly columns: readonly Column[];
  readonly rows: number;
  readonly identity?: string;
}

/** The columns that two artefacts are compared in. */
export interface ComparedColumns {
  /** Names in any case, as in a query. */
  readonly columns: readonly string[];
  /** Whether rows must be equal in the same positions. */
  readonly ordered: boolean;
}

/** Whether the data of two artefacts is equal, judged by their records; null if only the data can tell. */
export function compareRecords(a: RecordedOutput, b: RecordedOutput, compared: ComparedColumns): boolean | null {
  const { columns, ordered } = compared;
  if (a.rows !== b.rows || !columns.every(name => hasSameType(a, b, name))) return false;
  if (columns.length === 0) return true;
  if (ordered || a.identity === undefined || b.identity === undefined || listOf(a) !== listOf(b)) return null;
  if (a.identity === b.identity) return true;
  return a.columns.every(({ name }) => includes(columns, name)) ? false : null;
}

/** The compared columns of an output, with their types. */
export const columnsToCompare = ({ columns }: RecordedOutput, compared: ComparedColumns): readonly Column[] =>
  columns.filter(({ name }) => includes(compared.columns, name));

const includes = (names: readonly string[], name: string): boolean => names.some(other => isSameName(other, name));

const isSameName = (a: string, b: string): boolean => a.toLowerCase() === b.toLowerCase();

function hasSameType(a: RecordedOutput, b: RecordedOutput, name: string): boolean {
  const type = typeIn(a, name);
  return type !== undefined && type === typeIn(b, name);
}

const typeIn = ({ columns }: RecordedOutput, name: string): string | undefined =>
  columns.find(column => isSameName(column.name, name))?.type;

const listOf = ({ columns }: RecordedOutput): string => JSON.stringify(columns.map(({ name, type }) => [name, type]));
