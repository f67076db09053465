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

/** One level of parentheses. */
interface Nesting {
  /** Whether these are parentheses of a query or a join; only there, FROM begins a list of tables. */
  readonly isQuery: boolean;
  inFrom: boolean;
}

interface Position {
  nesting: Nesting;
  readonly outer: Nesting[];
  expectsTable: boolean;
}

/** The tokens that name a table, by index: after FROM and JOIN, and after commas between tables. A token in this set never names a column. */
export function tablePositions(tokens: readonly SqlToken[]): ReadonlySet<number> {
  const found = new Set<number>();
  const position: Position = { nesting: { isQuery: true, inFrom: false }, outer: [], expectsTable: false };
  tokens.forEach((token, index) => {
    const { nesting } = position;
    if (changesNesting(position, token, tokens[index + 1])) return;
    if (opensTable(token, tokens[index - 1], nesting)) {
      // After PIVOT, commas separate columns.
      nesting.inFrom = token.upper === 'FROM' || token.upper === 'JOIN';
      position.expectsTable = true;
    } else if (token.upper === ',' && nesting.isQuery && nesting.inFrom) position.expectsTable = true;
    else if (token.upper !== 'LATERAL') {
      if (position.expectsTable && (token.kind === 'word' || token.kind === 'quoted-name')) found.add(index);
      position.expectsTable = false;
      if (ENDS_FROM.has(token.upper)) nesting.inFrom = false;
    }
  });
  return found;
}

/** Follows parentheses and semicolons; returns whether the token is one. */
function changesNesting(position: Position, { upper }: SqlToken, next: SqlToken | undefined): boolean {
  const { nesting, outer, expectsTable } = position;
  if (upper === '(') {
    const isSubquery = QUERY_STARTS.has(next?.upper ?? '');
    outer.push(nesting);
    position.nesting = { isQuery: expectsTable || isSubquery, inFrom: expectsTable && !isSubquery };
    position.expectsTable = position.nesting.inFrom;
    return true;
  }
  if (upper !== ')' && upper !== ';') return false;
  const enclosing = upper === ')' ? outer.pop() : undefined;
  position.nesting = enclosing ?? { isQuery: true, inFrom: false };
  position.expectsTable = false;
  return true;
}

function opensTable({ upper }: SqlToken, before: SqlToken | undefined, { isQuery }: Nesting): boolean {
  if (!isQuery) return false;
  if (upper === 'JOIN') return true;
  if (upper === 'FROM') return before?.upper !== 'DISTINCT';
  return (
    (upper === 'PIVOT' || upper === 'UNPIVOT' || upper === 'TABLE') &&
    (before === undefined || before.upper === '(' || before.upper === ';')
  );
}
