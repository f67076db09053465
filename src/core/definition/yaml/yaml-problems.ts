import type { ErrorCode } from 'yaml';

/** A problem that the YAML parser reports; places are offsets. */
export interface YamlProblem {
  readonly code: ErrorCode;
  readonly message: string;
  readonly pos: readonly [number, number];
}

/** The message and hint for a problem. */
export interface ProblemText {
  readonly message: string;
  readonly hint: string;
}

/** Problems of a single value; the rest of the file can still be read. */
const OF_ONE_VALUE: ReadonlySet<string> = new Set([
  'BAD_SCALAR_START',
  'BAD_DQ_ESCAPE',
  'TAG_RESOLVE_FAILED',
  'BAD_ALIAS',
]);

/** Whether a value on the line of its key contains `: `. */
export const holdsColon = ({ message }: YamlProblem): boolean => message.startsWith('Nested mappings');

/** Problems to report, and whether the tree can be read. */
export interface SortedProblems {
  /** Problems to report, in order: after a structural problem, all others are consequences. */
  readonly told: readonly YamlProblem[];
  /** Whether only single values of the tree are wrong. */
  readonly readable: boolean;
}

/** Selects the problems to report. */
export function sortProblems(problems: readonly YamlProblem[]): SortedProblems {
  const structural = problems.filter(problem => !OF_ONE_VALUE.has(problem.code) && !holdsColon(problem));
  if (structural.length === 0) return { told: problems, readable: true };
  const [first] = structural;
  const place = first?.pos[0] ?? 0;
  const early = (entry: YamlProblem): boolean => OF_ONE_VALUE.has(entry.code) && entry.pos[0] < place;
  return { told: problems.filter(entry => entry === first || early(entry)), readable: false };
}

/** A problem as a message for people. `text` is the rest of the line from its place. */
export function problemText({ code, message }: YamlProblem, text: string): ProblemText {
  const known = TEXTS.find(([pattern]) => pattern.test(`${code} ${message}`));
  const match = known?.[0].exec(`${code} ${message}`);
  if (known && match) return known[1](match[1] ?? '', text);
  const said = message.replace(/\s+/g, ' ').trim().replace(/[.:]$/, '');
  return {
    message: `This is not valid YAML: ${said}.`,
    hint: 'Check the indentation, the colons, quotes and brackets here and in the line above.',
  };
}

type Words = (found: string, text: string) => ProblemText;

const SAME_COLUMN = 'Keys of one mapping, and items of one list, begin in the same column.';
const noPair: Words = (_, text) => ({
  message: 'This line is not `key: value`.',
  hint: /^[\w-]+:\S/.test(text)
    ? 'Add a space after the colon.'
    : 'Write `key: value`; indent a text of several lines under `key: |`.',
});

/** By code and message; the first match applies. */
const TEXTS: readonly (readonly [RegExp, Words])[] = [
  [
    /Nested mappings/,
    () => ({
      message: 'This value contains a colon and a space, which YAML reads as another `key: value`.',
      hint: 'Put the value in quotes, or indent SQL under `transform: |`.',
    }),
  ],
  [
    /^MULTILINE_IMPLICIT_KEY/,
    (found, text) =>
      /^[^\s#]+\s*:(\s|$)/.test(text) || !/^[\w-]+\s+\S/.test(text)
        ? { message: 'The next line is indented as if it belonged to this one.', hint: SAME_COLUMN }
        : noPair(found, text),
  ],
  [/need to be followed by map values/, noPair],
  [
    /^TAB_AS_INDENT/,
    () => ({ message: 'Tabs are not allowed here; indent with spaces.', hint: 'Replace the tab with spaces.' }),
  ],
  [
    /Missing closing (['"])/,
    quote => ({
      message: `This text is never closed: a ${quote} is missing.`,
      hint: quote === "'" ? "Within '…' a single quote is written twice." : 'Within "…" a double quote is written \\".',
    }),
  ],
  [
    /Flow (sequence|map)/,
    what => {
      const [name, bracket] = what === 'map' ? ['mapping', '}'] : ['list', ']'];
      return {
        message: `A ${name} that was opened above is not closed: ${bracket} is missing.`,
        hint: `Put ${bracket} before this place.`,
      };
    },
  ],
  [
    /cannot start with (?:.* )?(\S)$/,
    char => ({ message: `A value cannot begin with ${char} in YAML.`, hint: 'Put the value in quotes.' }),
  ],
  [
    /Invalid escape sequence (\S+)/,
    escape => ({
      message: `${escape} is not a valid escape in double quotes.`,
      hint: 'Write \\\\ for a backslash, or use single quotes, which have no escapes.',
    }),
  ],
  [
    /Unresolved tag: (\S+)/,
    tag => ({
      message: `The tag ${tag} is not supported here.`,
      hint: 'Remove it, or put a text that begins with ! in quotes.',
    }),
  ],
  [
    /call stack|nest/i,
    () => ({ message: 'This file is nested too deeply.', hint: 'Use only a few levels of nesting.' }),
  ],
  [/^BAD_INDENT|block sequence may not/, () => ({ message: 'The indentation is wrong here.', hint: SAME_COLUMN })],
];
