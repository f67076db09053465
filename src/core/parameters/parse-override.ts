import { exactNumber } from '../exact-number.ts';
import type { Json } from '../json.ts';

/** Parses `--params name=value`; null without a name. Unquoted numbers, true, false and null keep their type; `007` is a text. */
export function parseOverride(text: string): { readonly name: string; readonly value: Json } | null {
  const split = text.indexOf('=');
  const name = text.slice(0, Math.max(split, 0)).trim();
  return name === '' ? null : { name, value: typed(text.slice(split + 1)) };
}

function typed(text: string): Json {
  const quoted = /^(["'])([^]*)\1$/.exec(text.trim());
  if (quoted) return quoted[2] ?? '';
  if (text === 'true' || text === 'false') return text === 'true';
  if (text === 'null') return null;
  return /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/.test(text) ? exactNumber(text) : text;
}
