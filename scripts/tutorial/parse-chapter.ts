/** A file that the reader writes: a fenced block with `title="path"`; with `append`, its text is appended. */
export interface FileStep {
  readonly kind: 'file';
  readonly path: string;
  readonly text: string;
  readonly append: boolean;
}

/** A command after `$ ` in a `console` block, the input typed at its prompts, and the output on the page. */
export interface CommandStep {
  readonly kind: 'command';
  readonly command: string;
  /** Lines after a `seeknal> ` or `seeknal[env]> ` prompt, each with the prompt as shown. */
  readonly typed: readonly { readonly prompt: string; readonly text: string }[];
  /** The lines of the block after the command, including prompts. */
  readonly shown: readonly string[];
  /** Index of the first line of `shown` in the page. */
  readonly at: number;
  /** Whether the block has the word `fails`: the command must fail. */
  readonly fails: boolean;
  /** Whether the block has the word `all` or `fails`: it includes stderr, in the order of printing. */
  readonly all: boolean;
}

export type Step = FileStep | CommandStep;

interface Block {
  readonly info: string;
  /** Index of the first line inside the fence. */
  readonly at: number;
  readonly lines: readonly string[];
}

const PROMPT = /^(seeknal(?:\[[^\]]*\])?> )(.*)$/;

/** The steps of a chapter, in order. Ignores blocks that have no title and are not `console` blocks. */
export function parseChapter(markdown: string): readonly Step[] {
  return fencedBlocks(markdown.split('\n')).flatMap((block): readonly Step[] => {
    const [language, ...words] = block.info
      .replace(/title="[^"]*"/, '')
      .trim()
      .split(/\s+/);
    if (language === 'console') return commandsOf(block, words);
    const title = /title="([^"]*)"/.exec(block.info)?.[1];
    if (title === undefined) return [];
    return [{ kind: 'file', path: title, text: `${block.lines.join('\n')}\n`, append: words.includes('append') }];
  });
}

function fencedBlocks(lines: readonly string[]): readonly Block[] {
  const blocks: Block[] = [];
  for (let index = 0; index < lines.length; index += 1) {
    const info = /^```(\S.*)$/.exec(lines[index] ?? '')?.[1];
    if (info === undefined) continue;
    const end = lines.indexOf('```', index);
    if (end < 0) throw new Error(`line ${index + 1}: the code block is not closed`);
    blocks.push({ info, at: index + 1, lines: lines.slice(index + 1, end) });
    index = end;
  }
  return blocks;
}

function commandsOf(block: Block, words: readonly string[]): readonly CommandStep[] {
  const starts = block.lines.flatMap((line, index) => (line.startsWith('$ ') ? [index] : []));
  return starts.map((start, position) => {
    const shown = block.lines.slice(start + 1, starts[position + 1] ?? block.lines.length);
    return {
      kind: 'command',
      command: (block.lines[start] ?? '').slice(2),
      typed: shown.flatMap(typedAt),
      shown,
      at: block.at + start + 1,
      fails: words.includes('fails'),
      all: words.includes('all') || words.includes('fails'),
    };
  });
}

function typedAt(line: string): CommandStep['typed'] {
  const [, prompt, text] = PROMPT.exec(line) ?? [];
  return prompt === undefined || text === undefined ? [] : [{ prompt, text }];
}

/** Splits a command line into words; supports single and double quotes, but no escapes. */
export function splitCommand(command: string): readonly string[] {
  return [...command.matchAll(/"([^"]*)"|'([^']*)'|(\S+)/g)].map(
    ([, double, single, bare]) => double ?? single ?? bare ?? '',
  );
}
