import { plainType } from '../../core/types/type-names.ts';
import { didYouMean } from '../../diagnostics/suggest.ts';
import { lastPart, type QueryAround, type QueryText, unknownColumn } from './unknown-words.ts';

type Words = (match: RegExpExecArray, around: QueryAround) => QueryText;

const invalid =
  (
    message: (match: RegExpExecArray) => string,
    hint: (match: RegExpExecArray) => string,
    words?: readonly string[],
  ): Words =>
  match => ({ code: 'query-invalid', message: message(match), hint: hint(match), ...(words ? { words } : {}) });

const notGrouped = invalid(
  match => `The column '${match[1]}' is neither in GROUP BY nor within an aggregate.`,
  match => `Add it to GROUP BY, or write any_value(${match[1]}) if any of its values will do.`,
);

const quotedNames = (text: string | undefined): readonly string[] =>
  [...(text ?? '').matchAll(/"([^"]+)"/g)].map(match => match[1] ?? '');

/** Messages for errors of DuckDB's binder; the first match applies. */
export const BINDING: readonly (readonly [RegExp, Words])[] = [
  [
    /^Column "+(.+?)"+ in (EXCLUDE|REPLACE|RENAME) list not found/,
    ([, name = '', list = ''], around) => ({
      ...unknownColumn(name, [], around),
      message: `Column '${name}' of ${list} does not exist.`,
      words: [name],
    }),
  ],
  [
    /^Column "(.+?)" does not exist on (left|right) side of join/,
    ([, name = '', side = '']) => ({
      code: 'unknown-column',
      message: `Column '${name}' of USING does not exist on the ${side} side of the join.`,
      hint: 'Both sides need it; if its names differ, write ON a.x = b.y.',
      words: ['USING'],
    }),
  ],
  [
    /^Referenced column "(.+?)" was not found because the FROM clause is missing/,
    ([, name = ''], around) => ({ ...unknownColumn(name, [], around), words: [name] }),
  ],
  [
    /^Table "(.+?)" does not have a column named "(.+?)"([^]*)/,
    ([, table = '', name = '', rest], { columns }) => {
      const known = [...new Set([...quotedNames(rest).map(lastPart), ...[...columns.values()].flat()])];
      const hint = didYouMean(
        name,
        known,
        known.length > 0 ? `Columns: ${known.slice(0, 12).join(', ')}.` : 'It has no columns.',
      );
      return { code: 'unknown-column', message: `${table} has no column '${name}'.`, hint, words: [name] };
    },
  ],
  [
    /^Referenced table "(.+?)" not found!([^]*)/,
    ([, name = '', rest], { node }) => {
      const known = quotedNames(rest);
      const count = node.inputs.length;
      const inputs =
        count === 0
          ? 'The node has no inputs.'
          : `The node has ${count}: input_0${count > 1 ? ` to input_${count - 1}` : ''}.`;
      const there = known.length > 0 ? `Tables: ${known.join(', ')}.` : inputs;
      const hint = /^input_\d+$/i.test(name) ? inputs : didYouMean(name, known, there);
      return { code: 'unknown-table', message: `Table '${name}' does not exist.`, hint };
    },
  ],
  [
    /^Ambiguous reference to (?:column name|table) "(.+?)" \(use: (.+?)\)/,
    ([, name, uses]) => ({
      code: 'ambiguous-column',
      message: `Column '${name}' is ambiguous: several tables have it.`,
      hint: `Write ${quotedNames(uses).join(' or ')}.`,
    }),
  ],
  [/^column "(.+?)" must appear in the GROUP BY/, notGrouped],
  [
    /^column (\S+) must appear in the GROUP BY/,
    (match, around) => ({ ...notGrouped(match, around), words: [match[1] ?? ''] }),
  ],
  [
    /^No function matches the given name and argument types '(.+?)\((.*)\)'\.[^]*?Candidate functions:([^]*)/,
    ([, name = '', given = '', rest = '']) => {
      const takes = rest
        .split('\n')
        .map(line => line.trim().replace(/ ->.*$/, ''))
        .filter(line => line !== '');
      const operator = !/^\w/.test(name);
      return {
        code: 'query-invalid',
        message: operator
          ? `${name} cannot be used on ${given.split(', ').join(' and ')}.`
          : `${name}() does not take (${given}).`,
        hint: operator
          ? 'Cast the other operand: CAST(… AS …).'
          : `It takes ${takes.slice(0, 4).join(' or ')}; cast the argument with CAST(… AS …).`,
      };
    },
  ],
  [
    /^WHERE clause cannot contain aggregates/,
    invalid(
      () => 'WHERE cannot contain an aggregate.',
      () => 'Use HAVING for conditions on aggregates.',
    ),
  ],
  [
    /^WHERE clause cannot contain window/,
    invalid(
      () => 'WHERE cannot contain a window function.',
      () => 'Use QUALIFY for conditions on window functions.',
    ),
  ],
  [
    /^Set operations can only apply to expressions with the same number/,
    invalid(
      () => 'The two sides of a set operation have different numbers of columns.',
      () => 'Select the same columns on both sides, or write UNION BY NAME.',
      ['UNION', 'EXCEPT', 'INTERSECT'],
    ),
  ],
  [
    /^Subquery returns (\d+) columns - expected 1/,
    invalid(
      match => `This subquery returns ${match[1]} columns instead of one value.`,
      () => 'Select one column in it.',
    ),
  ],
  [
    /^(ORDER|GROUP BY) term out of range - should be between 1 and (\d+)/,
    invalid(
      match => `The position in ${match[1] === 'ORDER' ? 'ORDER' : 'GROUP'} BY does not exist.`,
      match => `Use a position from 1 to ${match[2]}, or the name of a column.`,
    ),
  ],
  [
    /^(?:Conversion Error: )?Could not convert string '(.*?)' to (\w+)/,
    invalid(
      match => `'${match[1]}' is not a valid ${plainType(match[2] ?? '')}.`,
      () => 'Write a value of that type.',
    ),
  ],
  [
    /Expected \d+ parameters?, but none were supplied/,
    invalid(
      () => 'The placeholder (? or $1) has no value.',
      () => 'Use {{ name }}, and set its value under `params`.',
      ['?', '$'],
    ),
  ],
  [
    /^Could not find key "(.+?)" in struct([^]*)/,
    ([, name = '', rest]) => ({
      code: 'unknown-column',
      message: `The struct has no field '${name}'.`,
      hint: didYouMean(name, quotedNames(rest), `It has ${quotedNames(rest).join(', ')}.`),
      words: [name],
    }),
  ],
];
