import type { NodeId } from './node.ts';

/** Why a text cannot be the name of a node, as the end of a sentence; null where it can. */
export function nameMistake(name: string): string | null {
  if (name === '') return 'it is empty';
  const found = /[/\\.]/.exec(name)?.[0];
  if (found !== undefined) return `it contains '${found}'`;
  // oxlint-disable-next-line no-control-regex
  return /[\u0000-\u001f\u007f-\u009f]/.test(name) ? 'it contains a control character' : null;
}

export const nodeIdOf = (kind: string, name: string): NodeId => `${kind}.${name}` as NodeId;

/** What two nodes must not share: the name of their view, as a file system or DuckDB that ignores case would see it. */
export const viewKeyOf = (kind: string, name: string): string => `${kind}_${name}`.normalize('NFC').toLowerCase();

/** The two parts of a reference; null where it is no `kind.name`. */
export function splitReference(text: string): { readonly kind: string; readonly name: string } | null {
  const dot = text.indexOf('.');
  const [kind, name] = [text.slice(0, dot), text.slice(dot + 1)];
  return dot > 0 && nameMistake(kind) === null && nameMistake(name) === null ? { kind, name } : null;
}
