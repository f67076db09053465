import {
  type Alias,
  type Document,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  type LineCounter,
  type Node,
  type Scalar,
  type YAMLMap,
} from 'yaml';
import { didYouMean } from '../../../diagnostics/suggest.ts';
import type { Mistakes } from './mistakes.ts';
import { linePlaces, scalarPlaces, type TextPlaces } from './text-places.ts';
import { emptyTree, type MapEntry, type ScalarTree, type Span, type Tree } from './yaml-tree.ts';

/** Limits the values of a file, because aliases can expand a small file into a huge value. */
const MOST_VALUES = 100_000;

/** Turns a parsed document into a tree with places; an unsupported value becomes a mistake and a text. */
export class TreeReader {
  readonly #mistakes: Mistakes;
  readonly #text: string;
  readonly #counter: LineCounter;
  readonly #document: Document.Parsed;
  /** Offsets of values that contain a colon; the rest of their line is their text. */
  readonly #texts: ReadonlySet<number>;
  readonly #open = new Set<unknown>();
  readonly #targets = new Map<Alias, Node | null>();
  #count = 0;

  constructor(
    mistakes: Mistakes,
    parsed: { readonly counter: LineCounter; readonly document: Document.Parsed; readonly texts: ReadonlySet<number> },
  ) {
    this.#mistakes = mistakes;
    this.#text = mistakes.file.text;
    this.#counter = parsed.counter;
    this.#document = parsed.document;
    this.#texts = parsed.texts;
  }

  read(node: Node): Tree {
    this.#count += 1;
    if (this.#open.has(node) || this.#count > MOST_VALUES) {
      const [message, hint] = this.#open.has(node)
        ? ['This alias contains itself.', 'Use the alias outside the value that its anchor names.']
        : ['The aliases of this file expand into too many values.', 'Use fewer nested aliases.'];
      if (this.#count <= MOST_VALUES + 1) this.#refuse(node, message, hint);
      return emptyTree(null);
    }
    this.#open.add(node);
    const tree = this.#readOpen(node);
    this.#open.delete(node);
    return tree;
  }

  #readOpen(node: Node): Tree {
    if (isAlias(node)) return this.#alias(node);
    const from = node.range?.[0] ?? 0;
    if (this.#texts.has(from) && !isSeq(node)) return this.#asText(from, this.#lineEnd(from));
    if (isMap(node) && this.#text.startsWith('{{', from)) return this.#template(node, from);
    const span = this.#spanOf(node);
    if (isMap(node)) return { kind: 'map', entries: this.#entries(node), span };
    // Parsed collections contain only nodes.
    if (isSeq(node)) return { kind: 'list', items: node.items.map(item => this.read(item as Node)), span };
    if (!isScalar(node)) throw new Error('a node of unknown kind');
    const value = plainValue(node);
    const written = node.type === 'PLAIN' ? (node.source ?? String(value)) : String(value);
    const places = typeof value === 'string' ? this.#placesOf(node, value) : null;
    const isNumber = typeof node.value === 'bigint' || Number.isFinite(node.value);
    return { kind: 'scalar', value, written, ...(isNumber ? { isNumber } : {}), places, span };
  }

  #alias(alias: Alias): Tree {
    const target = this.#targetOf(alias);
    if (target) return this.read(target);
    const anchors = [...this.#text.matchAll(/(?<![^\s,[{])&([^\s,\]}]+)/g)].map(match => match[1] ?? '');
    const hint = didYouMean(alias.source, anchors, 'Put a text that begins with * in quotes.');
    this.#refuse(alias, `The alias *${alias.source} does not refer to an earlier anchor.`, hint);
    return this.#asText(alias.range?.[0] ?? 0, alias.range?.[1] ?? 0);
  }

  /** YAML reads `{{ x }}` as a mapping within a mapping. */
  #template(map: YAMLMap, from: number): Tree {
    const text = this.#text.slice(from, map.range?.[1] ?? from).trim();
    this.#refuse(
      map as unknown as Node,
      `${text} needs quotes: YAML reads the braces as a mapping.`,
      `Write "${text}".`,
    );
    return this.#asText(from, from + text.length);
  }

  #asText(from: number, to: number): ScalarTree {
    const value = this.#text.slice(from, to);
    const span = this.span(from, to);
    return { kind: 'scalar', value, written: value, places: [{ offset: 0, at: span.at }], span };
  }

  #lineEnd(from: number): number {
    const end = this.#text.slice(from).search(/\s*(?:\s#[^\n]*)?(?:\r?\n|$)/);
    return from + end;
  }

  /** Caches look-ups: each walks the document, and nested aliases are read repeatedly. */
  #targetOf(alias: Alias): Node | null {
    const known = this.#targets.get(alias);
    if (known !== undefined) return known;
    const target = alias.resolve(this.#document) ?? null;
    this.#targets.set(alias, target);
    return target;
  }

  #entries(map: YAMLMap): readonly MapEntry[] {
    const entries = new Map<string, MapEntry>();
    for (const { key, value } of map.items) {
      // A parsed pair has a key node; its value may be absent.
      const [name, item] = [key as Node, value as Node | null];
      const keySpan = this.#spanOf(name);
      const text = this.#keyText(name);
      if (text === null) this.#refuse(name, 'A key must be a plain text.', 'Write `key: value`.');
      else if (text === '<<')
        this.#refuse(
          name,
          'Merge keys (`<<`) do not exist in YAML 1.2.',
          'Write the keys out; `key: *anchor` inserts a whole value.',
        );
      else if (entries.has(text)) this.#refuseTwice(text, keySpan, entries.get(text)?.keySpan);
      else entries.set(text, { key: text, keySpan, value: item ? this.read(item) : emptyTree(keySpan) });
    }
    return [...entries.values()];
  }

  /** The first value applies, so that the rest can be checked. */
  #refuseTwice(key: string, span: Span | null, first: Span | null | undefined): void {
    const message = `Key '${key}' is repeated; it first appears in line ${first?.at.line}.`;
    this.#mistakes.add({ code: 'duplicate-key', message, span, hint: 'Keep one of the two.' });
  }

  #keyText(key: Node): string | null {
    const target = isAlias(key) ? key.resolve(this.#document) : key;
    if (!isScalar(target)) return null;
    return typeof target.value === 'string' ? target.value : (target.source ?? String(target.value));
  }

  #placesOf(node: Scalar, value: string): TextPlaces {
    const from = node.range?.[0] ?? 0;
    if (node.type === 'BLOCK_LITERAL') return this.#literalPlaces(this.#counter.linePos(from).line + 1, value);
    const style = ({ PLAIN: 'plain', QUOTE_SINGLE: 'single', QUOTE_DOUBLE: 'double', BLOCK_FOLDED: 'folded' } as const)[
      node.type ?? 'PLAIN'
    ] as 'plain' | 'single' | 'double' | 'folded';
    const positionOf = (offset: number) => this.span(offset, offset + 1).at;
    return scalarPlaces({ text: this.#text, from, style, positionOf }, value);
  }

  /** Places of a block scalar: line by line, without the indentation of its first line of text. */
  #literalPlaces(first: number, value: string): TextPlaces {
    const lines = value.split('\n');
    const sample = lines.findIndex(line => line !== '');
    const indent = this.#lineText(first + sample).length - (lines[sample]?.length ?? 0);
    return linePlaces(value, first, Math.max(indent, 0));
  }

  #lineText(line: number): string {
    const start = this.#counter.lineStarts[line - 1] ?? this.#text.length;
    const end = this.#counter.lineStarts[line] ?? this.#text.length + 1;
    return this.#text.slice(start, end - 1).replace(/\r$/, '');
  }

  #refuse(node: Node, message: string, hint: string): void {
    this.#mistakes.add({ code: 'invalid-yaml', message, span: this.#spanOf(node), hint });
  }

  #spanOf(node: Node): Span | null {
    return node.range ? this.span(node.range[0], node.range[1]) : null;
  }

  span(from: number, to: number): Span {
    const { line, col } = this.#counter.linePos(from);
    const column = Math.max(col, 1);
    const text = this.#lineText(Math.max(line, 1));
    return {
      at: { line: Math.max(line, 1), column },
      length: Math.max(1, Math.min(to - from, text.length - column + 1)),
    };
  }
}

/** Numbers that JSON cannot represent exactly stay texts. */
function plainValue(node: Scalar): null | boolean | number | string {
  const { value } = node;
  if (typeof value === 'number') {
    const exact = Number.isInteger(value) ? Number.isSafeInteger(value) : Number.isFinite(value);
    return exact ? value : (node.source ?? String(value));
  }
  return value === null || typeof value === 'boolean' || typeof value === 'string' ? value : String(value);
}
