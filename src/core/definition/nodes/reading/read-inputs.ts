import { didYouMean } from '../../../../diagnostics/suggest.ts';
import type { MapReader } from '../../yaml/map-reader.ts';
import type { InputReference } from '../node.ts';
import { nodeIdOf, splitReference } from '../node-name.ts';
import { positionIn } from '../../yaml/text-places.ts';
import type { ScalarTree, Span, Tree } from '../../yaml/yaml-tree.ts';

const FORM = 'Write `- ref: kind.name`, or `- alias: ref:kind.name`.';

/** `inputs:` in the order in which `input_0`, `input_1` name them. */
export function readInputs(reader: MapReader): readonly InputReference[] {
  const list = reader.list('inputs');
  const inputs: InputReference[] = [];
  for (const item of list?.items ?? []) {
    const input = readInput(reader, item);
    if (input && !isRepeated(reader, inputs, input)) inputs.push(input);
  }
  return inputs;
}

function readInput(reader: MapReader, item: Tree): InputReference | null {
  if (item.kind !== 'map') return refuse(reader, 'An input must name a node.', item.span);
  const [entry, other] = item.entries;
  if (!entry) return refuse(reader, 'This input is empty.', item.span);
  if (other) return refuse(reader, `Unknown key '${other.key}' in an input.`, other.keySpan, 'unknown-key');
  const { key, value } = entry;
  if (value.kind !== 'scalar' || typeof value.value !== 'string')
    return refuse(reader, `The input '${key}' does not name a node.`, value.span ?? entry.keySpan);
  if (key === 'ref') return reference(reader, { text: value.value, alias: null, span: spanOfPart(value, value.value) });
  const text = /^ref:\s*(.*)$/.exec(value.value)?.[1];
  if (text !== undefined)
    return aliased(reader, { text, alias: key, span: spanOfPart(value, text), keySpan: entry.keySpan });
  const hint = didYouMean(key, ['ref'], `Write an input with an alias as \`- ${key}: ref:${value.value}\`.`);
  reader.add('bad-reference', `The input '${key}' does not begin with 'ref:'.`, value.span, hint);
  return null;
}

/** The place of the last part of a text, after quotes and `ref:`. */
function spanOfPart(scalar: ScalarTree, part: string): Span | null {
  const start = scalar.places && positionIn(scalar.places, scalar.written.length - part.length);
  if (!start) return scalar.span;
  return { at: start, length: part.length };
}

interface Written {
  readonly text: string;
  readonly alias: string | null;
  readonly span: Span | null;
}

function aliased(reader: MapReader, written: Written & { readonly keySpan: Span | null }): InputReference | null {
  if (written.alias !== null && !/^[\p{L}_][\p{L}\p{N}_]*$/u.test(written.alias)) {
    reader.add(
      'bad-alias',
      `'${written.alias}' cannot be used as {{ … }}.`,
      written.keySpan,
      'Use letters, digits and underscores.',
    );
    return null;
  }
  return reference(reader, written);
}

function reference(reader: MapReader, { text, alias, span }: Written): InputReference | null {
  const parts = splitReference(text);
  if (!parts) return refuse(reader, `'${text}' is not a reference to a node.`, span);
  return { id: nodeIdOf(parts.kind, parts.name), alias, at: span?.at ?? null };
}

function isRepeated(reader: MapReader, inputs: readonly InputReference[], input: InputReference): boolean {
  const span = input.at && { at: input.at, length: input.id.length };
  const sameAlias = input.alias !== null && inputs.some(known => known.alias === input.alias);
  const same = inputs.some(known => known.id === input.id && known.alias === input.alias);
  if (sameAlias && !same)
    reader.add(
      'duplicate-alias',
      `The alias '${input.alias}' names two inputs.`,
      span,
      'Give one of them another alias.',
    );
  else if (same)
    reader.add('duplicate-input', `${input.id} is listed twice.`, span, 'Remove one, or give each an alias.');
  return sameAlias || same;
}

function refuse(reader: MapReader, message: string, span: Span | null, code = 'bad-reference'): null {
  reader.add(code, message, span, FORM);
  return null;
}
