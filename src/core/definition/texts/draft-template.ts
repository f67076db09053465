import { stringify } from 'yaml';
import type { NodeKind } from '../nodes/node.ts';

/** The commented YAML that `draft` writes: valid once the lines marked "Edit" are filled in. */
export function draftTemplate(kind: NodeKind, name: string, description: string | null): string {
  const head = [
    `kind: ${kind}`,
    `name: ${scalar(name)}`,
    description === null
      ? '# description: what this is, for the people who read it'
      : `description: ${scalar(description)}`,
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
  '# What is read: csv, parquet, json or jsonl.',
  'source: csv',
  '# Edit: a path or glob from the project root.',
  'table: data/your_file.csv',
  '',
  "# Options of DuckDB's reader; what is left out is detected.",
  'params:',
  '  delimiter: ","',
  '  header: true',
  '',
  '# Names and types, enforced (default: detected from the file).',
  '# schema:',
  '#   - { name: id, data_type: BIGINT }',
  '',
  '# Documentation; a dtype that is given is checked.',
  '# columns:',
  '#   id: What identifies a row',
];

const TRANSFORM = [
  '# Edit: what the query reads, each by its id.',
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
  '# Documentation; a dtype that is given is checked.',
  '# columns:',
  '#   id: { description: What identifies a row, dtype: BIGINT }',
];
