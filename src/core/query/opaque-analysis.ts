import type { OutputColumn, QueryAnalysis, QueryRead } from './query-analysis.ts';
import type { Relation } from './terms/relation.ts';
import { hashParts } from './terms/term.ts';
import { volatileWords } from './terms/volatility.ts';

/** A query that cannot be analysed. */
export interface OpaqueQuery {
  /** The text of all statements of the node. */
  readonly text: string;
  /** Everything that the node may read. */
  readonly inputs: readonly { readonly id: string; readonly relation: Relation }[];
  readonly columns: readonly OutputColumn[];
  /** Why the query could not be analysed, for people. */
  readonly why?: string;
}

/** The analysis of a query that DuckDB cannot serialise: it depends on its text and on all of its inputs, row order included. */
export function opaqueAnalysis({ text, inputs, columns, why }: OpaqueQuery): QueryAnalysis {
  const rows = hashParts(['opaque query', text, inputs.map(wholeInput)]);
  const outputs = columns.map(({ name, type }, index) => ({
    name,
    type,
    hash: hashParts(['opaque output', rows, index, type]),
  }));
  const reads = inputs.map(wholeRead).sort((a, b) => (a.input < b.input ? -1 : 1));
  const volatile = volatileWords(text);
  return {
    relation: { rows, columns: outputs, order: hashParts(['opaque order', rows]) },
    fingerprint: hashParts(['opaque artefact', rows, outputs.map(({ name, type }) => [name, type])]),
    reads,
    orderReads: reads,
    lineage: wholeLineage(inputs, columns),
    volatile: { columns: volatile.length > 0 ? columns.map(column => column.name) : [], rows: volatile.length > 0 },
    notes: [`opaque ${why ?? 'query'}`, ...volatile.map(name => `volatile ${name}`)],
    refused: [],
  };
}

type Input = OpaqueQuery['inputs'][number];

const wholeInput = ({ id, relation }: Input) => [
  id,
  relation.rows,
  relation.order,
  relation.columns.map(column => [column.name, column.hash]),
];

const wholeRead = ({ id, relation }: Input): QueryRead => ({
  input: id,
  columns: relation.columns.map(column => column.name).sort(),
  order: true,
});

function wholeLineage(inputs: readonly Input[], columns: readonly OutputColumn[]): QueryAnalysis['lineage'] {
  const names = inputs.flatMap(({ id, relation }) => relation.columns.map(column => `${id}.${column.name}`)).sort();
  return {
    columns: columns.map(({ name }) => ({ name, value: names, condition: [] })),
    rows: names,
    rowInputs: inputs.map(({ id }) => id).sort(),
  };
}
