import type { Position } from '../../../diagnostics/diagnostic.ts';
import { exactNumber, inexact, isExactNumber } from '../../exact-number.ts';
import type { Json } from '../../json.ts';
import type { TextPlaces } from './text-places.ts';

/** A stretch of a file on one line, `length` in UTF-16 units. */
export interface Span {
  readonly at: Position;
  readonly length: number;
}

/** A value of a document with its place; places are null in a tree that was built from data. */
export type Tree = ScalarTree | ListTree | MapTree;

/** A text, number, boolean or null. */
export interface ScalarTree {
  readonly kind: 'scalar';
  readonly value: null | boolean | number | string;
  /** The value as it was written, without quotes. */
  readonly written: string;
  /** Whether it is a number, even if `value` is a text because JSON cannot represent it. */
  readonly isNumber?: boolean;
  /** The places of a text; null for other values, and without a file. */
  readonly places: TextPlaces | null;
  readonly span: Span | null;
}

/** A list. */
export interface ListTree {
  readonly kind: 'list';
  readonly items: readonly Tree[];
  readonly span: Span | null;
}

/** A mapping. */
export interface MapTree {
  readonly kind: 'map';
  readonly entries: readonly MapEntry[];
  readonly span: Span | null;
}

/** A key and its value. */
export interface MapEntry {
  readonly key: string;
  readonly keySpan: Span | null;
  readonly value: Tree;
}

/** The data of a tree; keys keep their order. */
export function treeToJson(tree: Tree): Json {
  if (tree.kind === 'scalar') return tree.value;
  if (tree.kind === 'list') return tree.items.map(treeToJson);
  return Object.fromEntries(tree.entries.map(entry => [entry.key, treeToJson(entry.value)]));
}

/** The data of a tree, with numbers as they were written. */
export function treeToExactJson(tree: Tree): Json {
  if (tree.kind === 'scalar') return tree.isNumber === true ? exactNumber(tree.written) : tree.value;
  if (tree.kind === 'list') return tree.items.map(treeToExactJson);
  return Object.fromEntries(tree.entries.map(entry => [entry.key, treeToExactJson(entry.value)]));
}

/** A tree without places. */
export function treeFromJson(value: Json): Tree {
  if (isExactNumber(value)) return numberTree(inexact(value), value.$number);
  if (typeof value === 'number') return numberTree(value, String(value));
  if (Array.isArray(value)) return { kind: 'list', items: value.map(treeFromJson), span: null };
  if (value === null || typeof value !== 'object')
    return { kind: 'scalar', value, written: String(value), places: null, span: null };
  const entries = Object.entries(value).map(([key, item]) => ({ key, keySpan: null, value: treeFromJson(item) }));
  return { kind: 'map', entries, span: null };
}

const numberTree = (value: number | string, written: string): ScalarTree => ({
  kind: 'scalar',
  value,
  written,
  isNumber: true,
  places: null,
  span: null,
});

/** An absent value. */
export const emptyTree = (span: Span | null): ScalarTree => ({
  kind: 'scalar',
  value: null,
  written: '',
  places: null,
  span,
});

/** The value under a key; null counts as absent. */
export function valueOf(map: MapTree, key: string): Tree | null {
  const value = map.entries.find(entry => entry.key === key)?.value;
  return value === undefined || (value.kind === 'scalar' && value.value === null) ? null : value;
}

/** A value in the words of a message. */
export function describeTree(tree: Tree): string {
  if (tree.kind === 'list') return 'a list';
  if (tree.kind === 'map') return 'a mapping';
  if (tree.value === null) return 'nothing';
  if (typeof tree.value === 'string') {
    const text = tree.value.trim().replace(/\s+/g, ' ');
    return `the text '${text.length > 40 ? `${text.slice(0, 40)}…` : text}'`;
  }
  return typeof tree.value === 'number' ? `the number ${tree.written}` : tree.written;
}
