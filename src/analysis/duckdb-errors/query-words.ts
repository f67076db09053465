import type { QueryMistake } from '../../engine/analysis/described.ts';
import { BINDING } from './binding-words.ts';
import { type QueryAround, type QueryText, readsOutside, unknownColumn, unknownEntry } from './unknown-words.ts';

/** The message for a query that DuckDB does not bind. */
export function queryText(mistake: QueryMistake, around: QueryAround): QueryText {
  const { type, subtype, name, message } = mistake;
  if (subtype === 'COLUMN_NOT_FOUND' && name !== null) return unknownColumn(name, mistake.candidates, around);
  if (type === 'permission') return readsOutside(around.node, null);
  if (type === 'catalog' && / with name .* does not exist/.test(message)) return unknownEntry(mistake, around);
  for (const [pattern, words] of BINDING) {
    const match = pattern.exec(message);
    if (match) return words(match, around);
  }
  const [first = '', ...more] = message.split('\n').map(line => line.trim());
  const rest = more
    .filter(line => line !== '' && !/^(LINE \d+:|\^$)/.test(line))
    .slice(0, 3)
    .join(' ');
  return {
    code: 'query-invalid',
    message: sentence(first.replace(/^[A-Z][A-Za-z ]+ Error: /, '')),
    hint: rest === '' ? 'Try parts of the query in `seeknal repl`.' : rest,
  };
}

const sentence = (text: string): string => (/[.!?]$/.test(text) ? text : `${text}.`);
