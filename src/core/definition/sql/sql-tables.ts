import type { SqlToken } from './sql-lexer.ts';

/** Words that a query may begin with. */
export const QUERY_STARTS: ReadonlySet<string> = new Set([
  'SELECT',
  'WITH',
  'FROM',
  'VALUES',
  'TABLE',
  'PIVOT',
  'UNPIVOT',
  'PIVOT_WIDER',
  'PIVOT_LONGER',
]);
const ENDS_FROM = new Set([
  'WHERE',
  'GROUP',
  'HAVING',
  'WINDOW',
  'QUALIFY',
  'ORDER',
  'LIMIT',
  'OFFSET',
  'SELECT',
  'UNION',
  'INTERSECT',
  'EXCEPT',
]);

interface Frame {
  /** Whether these are parentheses of a query or a join; only there, FROM begins a list of tables. */
  readonly isQuery: boolean;
  inFrom: boolean;
}

/** The tokens at which a table is named, by index: after FROM and JOIN, and after commas between tables. A token in this set never names a column. */
export function tablePositions(tokens: readonly SqlToken[]): ReadonlySet<number> {
  const found = new Set<number>();
  let frame: Frame = { isQuery: true, inFrom: false };
  const outer: Frame[] = [];
  let expectsTable = false;
  tokens.forEach((token, index) => {
    const { upper } = token;
    if (upper === '(') {
      const isSubquery = QUERY_STARTS.has(tokens[index + 1]?.upper ?? '');
      outer.push(frame);
      frame = { isQuery: expectsTable || isSubquery, inFrom: expectsTable && !isSubquery };
      expectsTable = frame.inFrom;
    } else if (upper === ')') {
      frame = outer.pop() ?? { isQuery: true, inFrom: false };
      expectsTable = false;
    } else if (upper === ';') {
      frame = { isQuery: true, inFrom: false };
      expectsTable = false;
    } else if (opensTable(token, tokens[index - 1], frame)) {
      // After PIVOT, commas separate columns.
      frame.inFrom = upper === 'FROM' || upper === 'JOIN';
      expectsTable = true;
    } else if (upper === ',' && frame.isQuery && frame.inFrom) expectsTable = true;
    else if (upper !== 'LATERAL') {
      if (expectsTable && (token.kind === 'word' || token.kind === 'quoted-name')) found.add(index);
      expectsTable = false;
      if (ENDS_FROM.has(upper)) frame.inFrom = false;
    }
  });
  return found;
}

function opensTable({ upper }: SqlToken, before: SqlToken | undefined, frame: Frame): boolean {
  if (!frame.isQuery) return false;
  if (upper === 'JOIN') return true;
  if (upper === 'FROM') return before?.upper !== 'DISTINCT';
  return (
    (upper === 'PIVOT' || upper === 'UNPIVOT' || upper === 'TABLE') &&
    (before === undefined || before.upper === '(' || before.upper === ';')
  );
}
