import type { NodeId } from './node.ts';

/** Why a text cannot be a node name, as the end of a sentence; null if it can. */
export function nameMistake(name: string): string | null {
  if (name === '') return 'it is empty';
  const found = /[/\\.]/.exec(name)?.[0];
  if (found !== undefined) return `it contains '${found}'`;
  // oxlint-disable-next-line no-control-regex
  return /[\u0000-\u001f\u007f-\u009f]/.test(name) ? 'it contains a control character' : null;
}

/** The id of a node: `kind.name`. */
export const nodeIdOf = (kind: string, name: string): NodeId => `${kind}.${name}` as NodeId;

/** The name of a node's view as a case-insensitive file system or DuckDB sees it; it must be unique. */
export const viewKeyOf = (kind: string, name: string): string => `${kind}_${name}`.normalize('NFC').toLowerCase();

/** The two parts of a reference; null if it is not `kind.name`. */
export function splitReference(text: string): { readonly kind: string; readonly name: string } | null {
  const dot = text.indexOf('.');
  const [kind, name] = [text.slice(0, dot), text.slice(dot + 1)];
  return dot > 0 && nameMistake(kind) === null && nameMistake(name) === null ? { kind, name } : null;
}
