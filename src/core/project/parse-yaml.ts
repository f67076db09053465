import {
  type Alias,
  type Document,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  parseAllDocuments,
  type Scalar,
  type YAMLMap,
} from 'yaml';
import type { Position } from '../../diagnostics/diagnostic.ts';
import type { Mistakes } from './mistakes.ts';
import type { ProjectFile } from './node.ts';
import { describeTree, emptyTree, type MapEntry, type MapTree, type Span, type Tree } from './yaml-tree.ts';

/** Aliases can make a small file unfold into a huge value. */
const MOST_VALUES = 100_000;

/** The single mapping of a YAML file with the places of its parts; null, with the mistakes added, where it holds none. */
export function parseYamlMapping(mistakes: Mistakes): MapTree | null {
  if (mistakes.addFlaw()) return null;
  try {
    return readMapping(mistakes);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    mistakes.add({ code: 'invalid-yaml', message: 'This file is nested too deeply.', span: null });
    return null;
  }
}

function readMapping(mistakes: Mistakes): MapTree | null {
  const { file } = mistakes;
  const counter = new LineCounter();
  const parsed = parseAllDocuments(file.text, {
    version: '1.2',
    schema: 'core',
    uniqueKeys: true,
    lineCounter: counter,
    prettyErrors: false,
  });
  const documents = Array.isArray(parsed) ? parsed : [];
  const [document, second] = documents;
  const reader = new TreeReader(mistakes, counter);
  if (!document || (!document.contents && document.errors.length === 0))
    return reader.refuse('empty-file', 'This file is empty.');
  for (const problem of documents.flatMap(entry => [...entry.errors, ...entry.warnings])) reader.addProblem(problem);
  if (second)
    reader.refuse(
      'several-documents',
      'This file holds more than one document.',
      second.range[0],
      'One file holds one node: give each a file of its own.',
    );
  if (mistakes.found.length > 0 || !document.contents) return null;
  const tree = reader.read(document.contents, document);
  if (mistakes.found.length > 0) return null;
  if (tree.kind === 'map') return tree;
  if (tree.kind === 'scalar' && tree.value === null) return reader.refuse('empty-file', 'This file is empty.');
  mistakes.add({
    code: 'not-a-mapping',
    message: `This file holds ${describeTree(tree)} where a mapping (\`key: value\`) belongs.`,
    span: tree.span,
  });
  return null;
}

class TreeReader {
  readonly #mistakes: Mistakes;
  readonly #file: ProjectFile;
  readonly #counter: LineCounter;
  readonly #open = new Set<unknown>();
  readonly #targets = new Map<Alias, Node | null>();
  #count = 0;

  constructor(mistakes: Mistakes, counter: LineCounter) {
    this.#mistakes = mistakes;
    this.#file = mistakes.file;
    this.#counter = counter;
  }

  refuse(code: string, message: string, offset = 0, hint: string | null = null): null {
    this.#mistakes.add({ code, message, span: this.#span(offset, offset + 1), hint });
    return null;
  }

  addProblem(problem: {
    readonly code: string;
    readonly message: string;
    readonly pos: readonly [number, number];
  }): void {
    const span = this.#span(problem.pos[0], Math.max(problem.pos[1], problem.pos[0] + 1));
    const duplicate = problem.code === 'DUPLICATE_KEY';
    this.#mistakes.add({
      code: duplicate ? 'duplicate-key' : 'invalid-yaml',
      message: duplicate
        ? `The key ${this.#keyAt(problem.pos[0])} stands here twice.`
        : `This is not valid YAML: ${problem.message.replace(/\s+/g, ' ').trim()}`,
      span,
      hint: problem.code === 'TAB_AS_INDENT' ? 'Indent with spaces: YAML does not allow tabs.' : null,
    });
  }

  #keyAt(offset: number): string {
    const key = /^(?:"[^"\n]*"|'[^'\n]*'|[^:\n]+)/.exec(this.#file.text.slice(offset, offset + 200))?.[0] ?? '';
    return `'${key.replace(/^["']|["']$/g, '').trim()}'`;
  }

  read(node: Node, document: Document.Parsed): Tree {
    this.#count += 1;
    if (this.#open.has(node) || this.#count > MOST_VALUES) {
      const message = this.#open.has(node)
        ? 'This alias holds itself.'
        : 'The aliases of this file unfold into too many values.';
      if (this.#count <= MOST_VALUES + 1)
        this.#mistakes.add({ code: 'invalid-yaml', message, span: this.#spanOf(node) });
      return emptyTree(null);
    }
    this.#open.add(node);
    const tree = this.#readOpen(node, document);
    this.#open.delete(node);
    return tree;
  }

  #readOpen(node: Node, document: Document.Parsed): Tree {
    const span = this.#spanOf(node);
    if (isAlias(node)) {
      const target = this.#targetOf(node, document);
      if (target) return this.read(target, document);
      this.#mistakes.add({
        code: 'invalid-yaml',
        message: `The alias *${node.source} names no anchor above it.`,
        span,
      });
      return emptyTree(span);
    }
    if (isMap(node)) return { kind: 'map', entries: this.#entries(node, document), span };
    // Parsed collections hold nodes only.
    if (isSeq(node)) return { kind: 'list', items: node.items.map(item => this.read(item as Node, document)), span };
    if (!isScalar(node)) throw new Error('a node of unknown kind');
    const value = plainValue(node);
    const written = node.type === 'PLAIN' ? (node.source ?? String(value)) : String(value);
    return {
      kind: 'scalar',
      value,
      written,
      lines: typeof value === 'string' ? this.#linesOf(node, value) : null,
      span,
    };
  }

  /** Each look-up walks the document, and aliases of aliases are read over and over. */
  #targetOf(alias: Alias, document: Document.Parsed): Node | null {
    const known = this.#targets.get(alias);
    if (known !== undefined) return known;
    const target = alias.resolve(document) ?? null;
    this.#targets.set(alias, target);
    return target;
  }

  #entries(map: YAMLMap, document: Document.Parsed): readonly MapEntry[] {
    const entries: MapEntry[] = [];
    for (const { key, value } of map.items) {
      // A parsed pair has nodes on both sides; a value may be left out.
      const [name, item] = [key as Node, value as Node | null];
      const keySpan = this.#spanOf(name);
      const text = this.#keyText(name, document);
      if (text === null)
        this.#mistakes.add({ code: 'invalid-yaml', message: 'A key must be a plain text.', span: keySpan });
      else if (text === '<<')
        this.#mistakes.add({
          code: 'invalid-yaml',
          message: 'Merge keys (`<<`) are no part of YAML 1.2.',
          span: keySpan,
        });
      else entries.push({ key: text, keySpan, value: item ? this.read(item, document) : emptyTree(keySpan) });
    }
    return entries;
  }

  #keyText(key: Node, document: Document.Parsed): string | null {
    const target = isAlias(key) ? key.resolve(document) : key;
    if (!isScalar(target)) return null;
    return typeof target.value === 'string' ? target.value : (target.source ?? String(target.value));
  }

  #linesOf(node: Scalar, text: string): readonly Position[] {
    const start = node.range?.[0] ?? 0;
    const { line, col } = this.#counter.linePos(start);
    const count = text.split('\n').length;
    if (node.type === 'BLOCK_LITERAL') return this.#literalLines(line + 1, text);
    if (node.type === 'BLOCK_FOLDED') return Array.from({ length: count }, () => this.#firstText(line + 1));
    const column = col + (node.type === 'PLAIN' ? 0 : 1);
    return Array.from({ length: count }, () => ({ line, column }));
  }

  /** Line by line as in the file, less an indentation that the first line with a text gives away. */
  #literalLines(first: number, text: string): readonly Position[] {
    const lines = text.split('\n');
    const sample = lines.findIndex(line => line !== '');
    const indent = this.#lineText(first + sample).length - (lines[sample]?.length ?? 0);
    return lines.map((_, index) => ({ line: first + index, column: indent + 1 }));
  }

  #firstText(from: number): Position {
    for (let line = from; line <= this.#counter.lineStarts.length; line += 1) {
      const column = this.#lineText(line).search(/\S/);
      if (column >= 0) return { line, column: column + 1 };
    }
    return { line: from, column: 1 };
  }

  #lineText(line: number): string {
    const start = this.#counter.lineStarts[line - 1] ?? this.#file.text.length;
    const end = this.#counter.lineStarts[line] ?? this.#file.text.length + 1;
    return this.#file.text.slice(start, end - 1).replace(/\r$/, '');
  }

  #spanOf(node: Node): Span | null {
    return node.range ? this.#span(node.range[0], node.range[1]) : null;
  }

  #span(from: number, to: number): Span {
    const { line, col } = this.#counter.linePos(from);
    const column = Math.max(col, 1);
    const text = this.#lineText(Math.max(line, 1));
    return {
      at: { line: Math.max(line, 1), column },
      length: Math.max(1, Math.min(to - from, text.length - column + 1)),
    };
  }
}

/** Numbers that JSON cannot carry exactly stay the text that was written. */
function plainValue(node: Scalar): null | boolean | number | string {
  const { value } = node;
  if (typeof value === 'number') {
    const exact = Number.isInteger(value) ? Number.isSafeInteger(value) : Number.isFinite(value);
    return exact ? value : (node.source ?? String(value));
  }
  return value === null || typeof value === 'boolean' || typeof value === 'string' ? value : String(value);
}
