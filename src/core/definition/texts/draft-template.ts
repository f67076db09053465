import { stringify } from 'yaml';
import type { NodeKind } from '../nodes/node.ts';

/** The commented YAML that `draft` writes: valid once the lines marked "Edit" are filled in. */
export function draftTemplate(kind: NodeKind, name: string, description: string | null): string {
  const head = [
    `kind: ${kind}`,
    `name: ${scalar(name)}`,
    description === null ? '# description: what this node contains' : `description: ${scalar(description)}`,
    '# owner: team-data',
    '# tags: [nightly]',
    '',
  ];
  return [...head, ...(kind === 'source' ? SOURCE : TRANSFORM), ''].join('\n');
}

/** On one line, quoted if YAML would read it as something else; JSON strings are valid YAML. */
const scalar = (text: string): string =>
  /\s\s|[\r\n\t]/.test(text)
    ? JSON.stringify(text)
    : stringify(text, { version: '1.2', schema: 'core', lineWidth: 0 }).trimEnd();

const SOURCE = [
  '# Type of the files: csv, parquet, json or jsonl.',
  'source: csv',
  '# Edit: a path or glob from the project root.',
  'table: data/your_file.csv',
  '',
  "# Options of DuckDB's reader; the others are detected.",
  'params:',
  '  delimiter: ","',
  '  header: true',
  '',
  '# Expected names and types (default: detected from the files).',
  '# schema:',
  '#   - { name: id, data_type: BIGINT }',
  '',
  '# Documentation; a dtype is checked.',
  '# columns:',
  '#   id: Identifies a row',
];

const TRANSFORM = [
  '# Edit: the nodes that the query reads.',
  'inputs:',
  '  - ref: source.your_source',
  '',
  '# Values for the query: {{ min_amount }}.',
  '# params:',
  '#   min_amount: 0',
  '',
  '# Edit: the last statement is the result.',
  'transform: |',
  '  SELECT *',
  "  FROM ref('source.your_source')",
  '',
  '# Documentation; a dtype is checked.',
  '# columns:',
  '#   id: { description: Identifies a row, dtype: BIGINT }',
];
