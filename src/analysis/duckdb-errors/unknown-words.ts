import type { TransformNode } from '../../core/definition/nodes/node.ts';
import { TYPE_NAMES } from '../../core/types/type-names.ts';
import { didYouMean } from '../../diagnostics/suggest.ts';
import type { QueryMistake } from '../../engine/analysis/described.ts';

/** A mistake in a query, as a message for people. */
export interface QueryText {
  readonly code: string;
  readonly message: string;
  readonly hint: string | null;
  /** Words to underline: the first one that the query contains, else the place where DuckDB points. */
  readonly words?: readonly string[];
}

/** The query that an error is about. */
export interface QueryAround {
  readonly node: TransformNode;
  /** Columns by input. */
  readonly columns: ReadonlyMap<string, readonly string[]>;
  /** Whether the name is in double quotes. */
  readonly quoted: boolean;
}

/** The mistake for a column that does not exist, with the known columns. */
export function unknownColumn(
  name: string,
  candidates: readonly string[],
  { columns, quoted }: QueryAround,
): QueryText {
  const known = [...new Set([...candidates.map(lastPart), ...[...columns.values()].flat()])];
  const listed = [...columns].map(
    ([id, names]) => `${id} has ${names.slice(0, 12).join(', ')}${names.length > 12 ? ', …' : ''}`,
  );
  const otherwise = quoted
    ? `Use single quotes for a text: '${name}'.`
    : listed.length > 0
      ? `${listed.join('; ')}.`
      : 'The node has no inputs.';
  const message = `Column '${name}' does not exist.`;
  return { code: 'unknown-column', message, hint: didYouMean(name, known, otherwise) };
}

/** The part of a name after its last dot. */
export const lastPart = (name: string): string => name.replace(/^.*\./, '');

/** The mistake for a table, type or function that does not exist. */
export function unknownEntry({ message, name, candidates }: QueryMistake, around: QueryAround): QueryText {
  const what = /^(\w+)/.exec(message)?.[1]?.toLowerCase() ?? 'entry';
  const missing = name ?? /with name "?([^" ]+)"? does not/.exec(message)?.[1] ?? '';
  if (what === 'table')
    return unknownTable(/"([^"]+)" does not exist because/.exec(message)?.[1] ?? missing, around.node);
  if (what === 'type')
    return {
      code: 'unknown-type',
      message: `Type '${missing}' does not exist.`,
      hint: didYouMean(missing, [...TYPE_NAMES, ...candidates], `Types include ${TYPE_NAMES.slice(0, 6).join(', ')}.`),
    };
  const kind = what === 'scalar' || what === 'aggregate' ? 'function' : what;
  const otherwise =
    kind === 'function' ? 'Use a function of DuckDB, or a macro that an earlier statement creates.' : null;
  return {
    code: `unknown-${kind}`,
    message: `${kind.charAt(0).toUpperCase()}${kind.slice(1)} '${missing}' does not exist.`,
    hint: didYouMean(
      missing,
      candidates,
      otherwise ?? 'Use an input of the node, or an object that an earlier statement creates.',
    ),
  };
}

function unknownTable(name: string, { inputs }: TransformNode): QueryText {
  const bare = name.toLowerCase().replace(/^.*\./, '');
  const same = inputs.find(({ id }) => lastPart(id).toLowerCase() === bare);
  const written = [...inputs.map((_, index) => `input_${index}`), ...inputs.map(({ id }) => lastPart(id))];
  const close = didYouMean(bare, written);
  const index = inputs.findIndex(({ id }) => close === `Did you mean '${lastPart(id)}'?`);
  const guess = index >= 0 ? `Did you mean ref('${inputs[index]?.id}')?` : close;
  const otherwise = "Read a node with ref('kind.name'), and list it under `inputs`.";
  return {
    code: 'unknown-table',
    message: `Table '${name}' does not exist.`,
    hint: same ? `Write ref('${same.id}').` : (guess ?? otherwise),
    words: [lastPart(name)],
  };
}

/** The mistake of a transform that reads something outside its inputs. */
export const readsOutside = (node: TransformNode, what: string | null): QueryText => ({
  code: 'reads-outside',
  message: `${node.id} reads ${what ?? 'a file'} directly, so changes to its data would go unnoticed.`,
  hint: 'Add a source for it, and read that source.',
});
