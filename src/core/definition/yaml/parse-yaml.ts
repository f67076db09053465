import { type Document, isScalar, LineCounter, parseAllDocuments, visit } from 'yaml';
import type { Mistakes } from './mistakes.ts';
import { TreeReader } from './read-tree.ts';
import { holdsColon, problemText, sortProblems, type YamlProblem } from './yaml-problems.ts';
import { describeTree, type MapTree, type Span } from './yaml-tree.ts';

const ONE_NODE = 'A file holds one mapping, such as `kind: source`, `name: …`.';

/** The mapping of a YAML file with its places; null, with mistakes added, if it has none or is broken. `whenEmpty` is a hint. */
export function parseYamlMapping(mistakes: Mistakes, whenEmpty = 'Add a node, or delete the file.'): MapTree | null {
  if (mistakes.addFlaw()) return null;
  try {
    return readMapping(mistakes, whenEmpty);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    const hint = 'Use only a few levels of nesting.';
    mistakes.add({ code: 'invalid-yaml', message: 'This file is nested too deeply.', span: null, hint });
    return null;
  }
}

function readMapping(mistakes: Mistakes, whenEmpty: string): MapTree | null {
  const { documents, counter, colons } = parseDocuments(mistakes.file.text);
  const [document, second] = documents;
  if (!document || (!document.contents && document.errors.length === 0)) return refuseEmpty(mistakes, whenEmpty);
  const problems = [...colons, ...documents.flatMap(entry => [...entry.errors, ...entry.warnings])];
  const { told, readable } = sortProblems(problems);
  const texts = new Set(colons.map(problem => problem.pos[0]));
  const reader = new TreeReader(mistakes, { counter, document, texts });
  for (const problem of told) addProblem(mistakes, { problem, document, reader });
  if (second) {
    const [from] = second.range;
    const span = reader.span(from, from + 3);
    const hint = 'Move each node to a file of its own.';
    mistakes.add({ code: 'several-documents', message: 'Another document begins here.', span, hint });
  }
  if (!readable || !document.contents) return null;
  const tree = reader.read(document.contents);
  if (tree.kind === 'map') return tree;
  if (tree.kind === 'scalar' && tree.value === null) return refuseEmpty(mistakes, whenEmpty);
  const message = `This file contains ${describeTree(tree)} instead of a mapping (\`key: value\`).`;
  const glued = tree.kind === 'scalar' && /^[\w-]+:\S/.test(tree.written);
  const hint = glued ? 'Add a space after the colon of the key.' : ONE_NODE;
  mistakes.add({ code: 'not-a-mapping', message, span: tree.span, hint });
  return null;
}

interface ParsedText {
  readonly documents: readonly Document.Parsed[];
  readonly counter: LineCounter;
  /** Values that contain a colon and a space; they are read as texts. */
  readonly colons: readonly YamlProblem[];
}

function parseDocuments(text: string, colons: readonly YamlProblem[] = []): ParsedText {
  const counter = new LineCounter();
  const parsed = parseAllDocuments(text, {
    version: '1.2',
    schema: 'core',
    uniqueKeys: false,
    lineCounter: counter,
    prettyErrors: false,
  });
  const documents = Array.isArray(parsed) ? parsed : [];
  const problems = documents.flatMap(entry => entry.errors);
  const colon = problems.find(holdsColon);
  const onlyThis = colon && problems.every(other => other === colon || other.pos[0] !== colon.pos[0]);
  if (!colon || !onlyThis || colons.length > MOST_COLONS) return { documents, counter, colons };
  return parseDocuments(withoutColons(text, colon.pos[0]), [...colons, colon]);
}

const MOST_COLONS = 50;

/** Masks colons in the rest of a line, so that YAML reads no key there; the length stays the same. */
function withoutColons(text: string, from: number): string {
  const end = text.indexOf('\n', from);
  const line = text.slice(from, end < 0 ? undefined : end);
  return text.slice(0, from) + line.replace(/:(?=\s)/g, '_') + (end < 0 ? '' : text.slice(end));
}

function refuseEmpty(mistakes: Mistakes, hint: string): null {
  mistakes.add({ code: 'empty-file', message: 'This file is empty.', span: null, hint });
  return null;
}

interface Problem {
  readonly problem: YamlProblem;
  readonly document: Document.Parsed;
  readonly reader: TreeReader;
}

function addProblem(mistakes: Mistakes, { problem, document, reader }: Problem): void {
  const { text } = mistakes.file;
  const from = problem.message.startsWith('Missing closing') ? openingQuote(document, problem.pos[0]) : problem.pos[0];
  const lineEnd = text.indexOf('\n', from);
  const rest = text.slice(from, lineEnd < 0 ? undefined : lineEnd);
  const { message, hint } = problemText(problem, rest);
  const to = Math.max(problem.pos[1], from + 1);
  const span: Span = reader.span(from, holdsColon(problem) ? from + rest.length : to);
  mistakes.add({ code: 'invalid-yaml', message, span, hint });
}

/** The YAML parser reports a missing quote at the end of the text, not at its start. */
function openingQuote(document: Document.Parsed, end: number): number {
  let found = end;
  visit(document, {
    Scalar: (_, node) => {
      if (isScalar(node) && node.range && node.type?.startsWith('QUOTE') && node.range[0] < end && end <= node.range[1])
        found = node.range[0];
    },
  });
  return found;
}
