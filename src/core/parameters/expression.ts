/** The expression between `{{` and `}}`. */
export type Expression =
  | { readonly kind: 'name'; readonly path: readonly string[] }
  | { readonly kind: 'today'; readonly days: number }
  | { readonly kind: 'variable'; readonly name: string; readonly otherwise: string | null };

/** `{{ … }}` in texts and SQL; a DuckDB struct or list is not a match. */
export const TEMPLATE = /\{\{\s*(?:\}\}|(?![\s'"{}$\d([-])[^{}]*\}\})/u;

/** The expression of a `{{ … }}`; null if the text is not one. */
export function parseExpression(template: string): Expression | null {
  const inner = template.slice(2, -2).trim();
  const today = /^today(?:\s*\(\s*([+-]?\s*\d{1,6})?\s*\))?$/.exec(inner);
  if (today) return { kind: 'today', days: Number((today[1] ?? '0').replace(/\s/g, '')) };
  const variable = /^env\s*:\s*([A-Za-z_][A-Za-z0-9_]*)\s*(?:\|([^]*))?$/.exec(inner);
  if (variable) return { kind: 'variable', name: variable[1] ?? '', otherwise: variable[2]?.trim() ?? null };
  const path = inner.split('.').map(part => part.trim());
  return path.every(part => /^[\p{L}_][\p{L}\p{N}_-]*$/u.test(part)) ? { kind: 'name', path } : null;
}

/** A date shifted by a number of days, in the proleptic Gregorian calendar. */
export function dateAfter(date: string, days: number): string {
  const moved = Date.parse(`${date}T00:00:00Z`) + days * 86_400_000;
  return new Date(moved).toISOString().slice(0, 10);
}
