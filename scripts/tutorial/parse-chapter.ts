/** A file that the reader writes: a fenced block with `title="path"`; with the word `append` it is added at the end. */
export interface FileStep {
  readonly kind: 'file';
  readonly path: string;
  readonly text: string;
  readonly append: boolean;
}

/** A line after `$ ` in a `console` block, what is typed at the prompts that follow, and what the page shows of its output. */
export interface CommandStep {
  readonly kind: 'command';
  readonly command: string;
  /** Lines after a `seeknal> ` or `seeknal[env]> ` prompt, each with the prompt as shown. */
  readonly typed: readonly { readonly prompt: string; readonly text: string }[];
  /** The lines of the block after the command, as they stand on the page, prompts included. */
  readonly shown: readonly string[];
  /** Where `shown` stands in the page: index of its first line. */
  readonly at: number;
  /** The block says `fails`: the command must not succeed. */
  readonly fails: boolean;
  /** The block says `all` or `fails`: stderr is shown too, in the order of printing. */
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

/** What a reader of a chapter does, in order. Blocks without a title that are no `console` are only to be read. */
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
    if (end < 0) throw new Error(`line ${index + 1}: the block never ends`);
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

/** Words of a command line; double and single quotes keep spaces, nothing else is special. */
export function splitCommand(command: string): readonly string[] {
  return [...command.matchAll(/"([^"]*)"|'([^']*)'|(\S+)/g)].map(
    ([, double, single, bare]) => double ?? single ?? bare ?? '',
  );
}
