import { didYouMean } from '../../../diagnostics/suggest.ts';
import type { Mistakes } from './mistakes.ts';
import {
  describeTree,
  type ListTree,
  type MapTree,
  type ScalarTree,
  type Span,
  type Tree,
  valueOf,
} from './yaml-tree.ts';

/** Reads the keys of one mapping; an invalid value becomes a mistake and null. */
export class MapReader {
  readonly map: MapTree;
  readonly #mistakes: Mistakes;
  /** The mapping's name in messages: `a source`, `settings`. */
  readonly #what: string;

  constructor(map: MapTree, mistakes: Mistakes, what: string) {
    this.map = map;
    this.#mistakes = mistakes;
    this.#what = what;
  }

  get mistakes(): Mistakes {
    return this.#mistakes;
  }

  /** `elsewhere` maps keys of other kinds of node to a hint. */
  refuseOtherKeys(known: readonly string[], elsewhere: ReadonlyMap<string, string> = new Map()): void {
    for (const { key, keySpan } of this.map.entries) {
      if (known.includes(key)) continue;
      const hint = elsewhere.get(key) ?? didYouMean(key, known, `Known keys: ${known.join(', ')}.`);
      this.add('unknown-key', `Unknown key '${key}' in ${this.#what}.`, keySpan, hint);
    }
  }

  value(key: string): Tree | null {
    return valueOf(this.map, key);
  }

  /** The place of a key; of the mapping if the key is absent. */
  keySpan(key: string): Span | null {
    return this.map.entries.find(entry => entry.key === key)?.keySpan ?? this.map.span;
  }

  text(key: string): string | null {
    const scalar = this.#scalar(key, 'a text');
    if (!scalar) return null;
    if (typeof scalar.value === 'string') return scalar.value;
    this.refuseValue(key, scalar, 'a text', 'Put it in quotes.');
    return null;
  }

  /** A text; a number or boolean counts as the text that was written. */
  label(key: string): string | null {
    const scalar = this.#scalar(key, 'a text');
    return scalar ? scalar.written : null;
  }

  /** The written value of a key; empty for a list or mapping. */
  writtenText(key: string): string {
    const value = this.value(key);
    return value?.kind === 'scalar' ? value.written : '';
  }

  requiredText(key: string, hint: string): string | null {
    const value = this.value(key);
    if (value === null) {
      this.add('missing-key', `${capital(this.#what)} needs a '${key}'.`, this.#place(key), hint);
      return null;
    }
    const text = this.text(key);
    if (text !== null && text.trim() === '') {
      this.add('empty-value', `'${key}' is empty.`, value.span, hint);
      return null;
    }
    return text;
  }

  wholeNumber(key: string, least: number, most = Number.MAX_SAFE_INTEGER): number | null {
    const scalar = this.#scalar(key, 'a whole number');
    if (!scalar) return null;
    const { value } = scalar;
    if (typeof value === 'number' && Number.isInteger(value) && value >= least && value <= most) return value;
    const wanted = `a whole number ${most < Number.MAX_SAFE_INTEGER ? `from ${least} to ${most}` : `of at least ${least}`}`;
    this.refuseValue(key, scalar, wanted, `Write \`${key}: ${Math.max(least, 4)}\`, for example.`);
    return null;
  }

  list(key: string): ListTree | null {
    const value = this.value(key);
    if (value === null || value.kind === 'list') return value;
    this.refuseValue(key, value, 'a list', `Write \`${key}: [a, b]\`, or one \`- item\` per line under it.`);
    return null;
  }

  mapping(key: string): MapTree | null {
    const value = this.value(key);
    if (value === null || value.kind === 'map') return value;
    this.refuseValue(key, value, 'a mapping', `Write \`key: value\` lines under it, indented.`);
    return null;
  }

  refuseValue(key: string, value: Tree, wanted: string, hint: string): void {
    this.add('wrong-type', `'${key}' must be ${wanted}, not ${describeTree(value)}.`, value.span, hint);
  }

  add(code: string, message: string, span: Span | null, hint: string): void {
    this.#mistakes.add({ code, message, span, hint });
  }

  #scalar(key: string, wanted: string): ScalarTree | null {
    const value = this.value(key);
    if (value === null || value.kind === 'scalar') return value;
    this.refuseValue(key, value, wanted, `Write one value after \`${key}:\`.`);
    return null;
  }

  /** A missing key is reported at the first line of the mapping, an empty one at its place. */
  #place(key: string): Span | null {
    const first = this.map.entries[0]?.keySpan ?? this.map.span;
    return this.map.entries.find(entry => entry.key === key)?.keySpan ?? first;
  }
}

const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);
