import type { TransformNode } from '../../core/definition/nodes/node.ts';
import { TYPE_NAMES } from '../../core/types/type-names.ts';
import { didYouMean } from '../../diagnostics/suggest.ts';
import type { QueryMistake } from '../../engine/analysis/describe-queries.ts';

/** A mistake in a query, in plain words. */
export interface QueryText {
  readonly code: string;
  readonly message: string;
  readonly hint: string | null;
  /** What to underline: the first of these words that stands in the query; else what DuckDB points to. */
  readonly words?: readonly string[];
}

export interface QueryAround {
  readonly node: TransformNode;
  /** Columns of the node's inputs, by input. */
  readonly columns: ReadonlyMap<string, readonly string[]>;
  /** The name stands in double quotes. */
  readonly quoted: boolean;
}

/** A column that is not there, with what is. */
export function unknownColumn(
  name: string,
  candidates: readonly string[],
  { node, columns, quoted }: QueryAround,
): QueryText {
  const known = [...new Set([...candidates.map(lastPart), ...[...columns.values()].flat()])];
  const listed = [...columns].map(
    ([id, names]) => `${id} has ${names.slice(0, 12).join(', ')}${names.length > 12 ? ', …' : ''}`,
  );
  const otherwise = quoted
    ? `A text stands in single quotes: '${name}'.`
    : listed.length > 0
      ? `${listed.join('; ')}.`
      : 'The node has no inputs.';
  const message = `${node.id} reads the column '${name}', which is not there.`;
  return { code: 'unknown-column', message, hint: didYouMean(name, known, otherwise) };
}

export const lastPart = (name: string): string => name.replace(/^.*\./, '');

/** A table, type, function or the like that the catalogue does not have. */
export function unknownEntry({ message, name, candidates }: QueryMistake, around: QueryAround): QueryText {
  const what = /^(\w+)/.exec(message)?.[1]?.toLowerCase() ?? 'entry';
  const missing = name ?? /with name "?([^" ]+)"? does not/.exec(message)?.[1] ?? '';
  if (what === 'table')
    return unknownTable(/"([^"]+)" does not exist because/.exec(message)?.[1] ?? missing, around.node);
  if (what === 'type')
    return {
      code: 'unknown-type',
      message: `There is no type '${missing}'.`,
      hint: didYouMean(
        missing,
        [...TYPE_NAMES, ...candidates],
        `Types are, for example, ${TYPE_NAMES.slice(0, 6).join(', ')}.`,
      ),
    };
  const kind = what === 'scalar' || what === 'aggregate' ? 'function' : what;
  const otherwise =
    kind === 'function' ? 'Functions are those of DuckDB, and macros that a statement before this one makes.' : null;
  return {
    code: `unknown-${kind}`,
    message: `There is no ${kind} '${missing}'.`,
    hint: didYouMean(missing, candidates, otherwise ?? 'Only what the node itself makes, and its inputs, are there.'),
  };
}

function unknownTable(name: string, { inputs }: TransformNode): QueryText {
  const bare = name.toLowerCase().replace(/^.*\./, '');
  const same = inputs.find(({ id }) => lastPart(id).toLowerCase() === bare);
  const written = [...inputs.map((_, index) => `input_${index}`), ...inputs.map(({ id }) => lastPart(id))];
  const close = didYouMean(bare, written);
  const index = inputs.findIndex(({ id }) => close === `Did you mean '${lastPart(id)}'?`);
  const guess = index >= 0 ? `Did you mean ref('${inputs[index]?.id}')?` : close;
  const otherwise = "A node is read as ref('kind.name'), and stands in `inputs`.";
  return {
    code: 'unknown-table',
    message: `There is no table '${name}'.`,
    hint: same ? `Write ref('${same.id}').` : (guess ?? otherwise),
    words: [lastPart(name)],
  };
}

/** A transform that reads what is no input of it. */
export const readsOutside = (node: TransformNode, what: string | null): QueryText => ({
  code: 'reads-outside',
  message: `${node.id} reads ${what ?? 'a file'} by itself: nothing could tell when its data change.`,
  hint: 'Make it a source, and read that.',
});
