import { quoteName, quoteText } from '../../../engine/sql-text.ts';

/** The value that a reading could not hold. */
export interface MarkedValue {
  /** Position of its column among the columns that were read. */
  readonly column: number;
  /** As text, cut if it is long. */
  readonly value: string;
}

const SHOWN = 200;

/** Both parts together mark a value; apart, so that a query which an error repeats is not taken for a value. */
const MARK = ['seek', 'nal:'] as const;
const END = ':end';

/** An expression for the server, of the given type, that raises an error with the value instead of returning. */
export const raisedByServer = (column: number, value: string, type: string): string =>
  `((${marked(column, `left((${value})::text, ${SHOWN})`)})::int4)::text::${type}`;

/** The same for DuckDB, of any type. */
export const raisedByEngine = (column: number, value: string): string =>
  `error(${marked(column, `left(CAST(${value} AS VARCHAR), ${SHOWN})`)})`;

const marked = (column: number, text: string): string =>
  `${quoteText(MARK[0])} || ${quoteText(`${MARK[1]}${column}:`)} || ${text} || ${quoteText(END)}`;

/** The value that an error of the server or of DuckDB is about; null for other errors. */
export function markedValue(said: string): MarkedValue | null {
  const found = new RegExp(`${MARK.join('')}(\\d+):([^]*?)${END}`).exec(said);
  return found?.[1] === undefined || found[2] === undefined ? null : { column: Number(found[1]), value: found[2] };
}

/** The name under which the server returns a column: its own name may differ from another only in case. */
export const transportName = (column: number): string => quoteName(`c${column}`);
