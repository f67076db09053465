import { describe, expect, it } from 'vitest';
import { marked, shown } from './yaml/marked-source.testing.ts';
import { parseProject } from './parse-project.ts';
import { DEFAULT_SETTINGS } from './settings/parse-settings.ts';

const source = (name: string, more = '') => `kind: source\nname: ${name}\nsource: csv\ntable: data/a.csv\n${more}`;
const transform = (name: string, ...inputs: readonly string[]) =>
  `kind: transform\nname: ${name}\ntransform: SELECT 1\n${inputs.length > 0 ? `inputs:\n${inputs.map(id => `  - ref: ${id}\n`).join('')}` : ''}`;

const files = (texts: Readonly<Record<string, string>>) =>
  Object.entries(texts).map(([path, text]) => ({ path, text }));
const parse = (
  nodes: Readonly<Record<string, string>>,
  common: Readonly<Record<string, string>> = {},
  project: string | null = 'name: shop\n',
) =>
  parseProject({
    project: project === null ? null : { path: 'seeknal_project.yml', text: project },
    nodes: files(nodes),
    common: files(common),
    readText: () => null,
  });
const mistakes = (...args: Parameters<typeof parse>) =>
  parse(...args).diagnostics.map(found => `${found.file}:${shown(found)}`);

describe('parseProject', () => {
  it('returns nodes in the order of their ids', () => {
    const { project, diagnostics } = parse({
      'z.yml': source('b'),
      'a.yml': transform('x', 'source.b'),
      'm.yml': source('B2'),
    });
    expect([diagnostics, project.nodes.map(node => [node.id, node.file])]).toEqual([
      [],
      [
        ['source.B2', 'm.yml'],
        ['source.b', 'z.yml'],
        ['transform.x', 'a.yml'],
      ],
    ]);
  });

  it('refuses ids that are equal or differ only in case, and names both files', () => {
    const nodes = { 'a.yml': source('raw'), 'b.yml': source('raw'), 'c.yml': source('RAW'), 'd.yml': transform('raw') };
    expect(mistakes(nodes)).toEqual([
      'b.yml:2:7 duplicate-node: source.raw is already defined in a.yml. (Rename one of them.)',
      'c.yml:2:7 ambiguous-name: source.RAW and source.raw (a.yml) differ only in case. (Rename one of them.)',
    ]);
  });

  it('distinguishes names that differ in Unicode form from names that differ in case', () => {
    const [composed, decomposed] = ['größe'.normalize('NFC'), 'größe'.normalize('NFD')];
    const nodes = {
      'a.yml': source(composed),
      'b.yml': source(decomposed),
      'c.yml': source(decomposed.toUpperCase().replace('SS', 'ß')),
      'd.yml': source('GRÖßE'),
    };
    const forms = mistakes(nodes).map(text => /a\.yml\) (.*)\. \(/.exec(text)?.[1]);
    expect(forms).toEqual([
      'look the same in different Unicode characters (NFC and NFD)',
      'differ only in case and in Unicode form (NFC and NFD)',
      'differ only in case',
    ]);
  });

  it('explains an input that only looks like the id of a node', () => {
    const node = 'größe'.normalize('NFC');
    const input = 'größe'.normalize('NFD');
    const [found = ''] = mistakes({ 'a.yml': source(node), 'x.yml': transform('x', `source.${input}`) });
    expect(found).toContain(`Copy 'source.${node}': it looks the same in other Unicode characters (NFC or NFD).`);
  });

  it('suggests a node for an unknown input', () => {
    const text = marked(transform('x', '~transform.orders_mergd', 'source.b', 'source.broken'));
    const nodes = {
      'x.yml': text.text,
      'b.yml': source('b'),
      'o.yml': transform('orders_merged'),
      'broken.yml': source('broken', 'nope: 1\n'),
    };
    expect(mistakes(nodes).slice(1)).toEqual([
      `x.yml:${text.places[0]?.line}:${text.places[0]?.column} unknown-reference: Node transform.orders_mergd does not exist. (Did you mean 'transform.orders_merged'?)`,
    ]);
  });

  it('does not report a node as unknown if its file has mistakes', () => {
    expect(
      mistakes({ 'x.yml': transform('x', 'source.s'), 's.yml': 'kind: source\nname: s\nsource: cvs\ntable: a\n' }),
    ).toEqual(["s.yml:3:9 unknown-source-type: Unknown source type 'cvs'. (Did you mean 'csv'?)"]);
  });

  it('does not do so either if the file is not valid YAML, or contains another node', () => {
    const nodes = {
      'x.yml': transform('x', 'source.s', 'source.second', 'transform.the third'),
      's.yml': 'kind: source\nname: "s"\ntable: [\n',
      't.yml': `${source('first')}---\n${source('second')}`,
      'u.yml': "kind: transform # a\nname: 'the third'\n\ttransform: SELECT 1\n",
    };
    expect(mistakes(nodes).map(text => text.split(' ').slice(0, 2).join(' '))).toEqual([
      's.yml:4:1 invalid-yaml:',
      't.yml:5:1 several-documents:',
      'u.yml:3:1 invalid-yaml:',
    ]);
  });

  it('shows the path of a cycle once', () => {
    const nodes = {
      'c.yml': transform('c', 'transform.b'),
      'a.yml': transform('a', 'transform.c'),
      'b.yml': transform('b', 'transform.a'),
      's.yml': transform('s', 'transform.s'),
    };
    expect(mistakes(nodes)).toEqual([
      'a.yml:5:10 cycle: These nodes read each other: transform.a → transform.c → transform.b → transform.a. (Remove one of these inputs.)',
      's.yml:5:10 cycle: transform.s reads itself: transform.s → transform.s. (Remove this input.)',
    ]);
  });

  it('lists the mistakes of all files at once, each with its node', () => {
    const { diagnostics } = parse(
      { 'a.yml': 'kind: [', 'b.yml': source('b', 'x: 1\n') },
      { 'seeknal/common/c.yml': '' },
      'nme: a\n',
    );
    expect(diagnostics.map(found => [found.file, found.code, found.node])).toEqual([
      ['seeknal_project.yml', 'unknown-key', null],
      ['seeknal_project.yml', 'missing-key', null],
      ['seeknal/common/c.yml', 'empty-file', null],
      ['a.yml', 'invalid-yaml', null],
      ['b.yml', 'unknown-key', 'source.b'],
    ]);
  });

  it('does not depend on the order of the files', () => {
    const nodes = {
      'a.yml': source('raw'),
      'b.yml': source('raw'),
      'c.yml': transform('x', 'transform.y'),
      'd.yml': 'a: [',
    };
    const reversed = Object.fromEntries(Object.entries(nodes).reverse());
    expect(parse(reversed)).toEqual(parse(nodes));
  });
});

describe('settings', () => {
  it('have defaults', () => {
    expect(parse({}).project.settings).toEqual({ ...DEFAULT_SETTINGS, name: 'shop' });
  });

  it('are read completely', () => {
    const text =
      'name: shop\nversion: 1.0.0\ndescription: d\nsettings: { threads: 4, memory_limit: 4GB, max_workers: 3, environment_ttl: 12h, keep_generations: 5, keep_days: 0 }\n';
    expect(parse({}, {}, text).project.settings).toEqual({
      name: 'shop',
      version: '1.0.0',
      description: 'd',
      threads: 4,
      memoryLimit: '4GB',
      maxWorkers: 3,
      environmentTtl: 43_200_000,
      keepGenerations: 5,
      keepDays: 0,
    });
  });

  it('keeps a version as written', () => {
    expect(parse({}, {}, 'name: a\nversion: 1.0\n').project.settings.version).toBe('1.0');
  });

  it('refuses invalid values', () => {
    const text =
      'name: shop\nsettings:\n  threads: 0\n  memory_limit: lots\n  max_workers: 1.5\n  environment_ttl: soon\n  kep_days: 1\n';
    expect(mistakes({}, {}, text).sort()).toEqual([
      "seeknal_project.yml:3:12 wrong-type: 'threads' must be a whole number from 1 to 1024, not the number 0. (Write `threads: 4`, for example.)",
      "seeknal_project.yml:4:17 bad-value: 'lots' is not a valid amount of memory. (Write an amount such as 4GB or 512MB.)",
      "seeknal_project.yml:5:16 wrong-type: 'max_workers' must be a whole number from 1 to 1024, not the number 1.5. (Write `max_workers: 4`, for example.)",
      "seeknal_project.yml:6:20 bad-value: 'soon' is not a valid duration. (Write a duration such as 7d, 12h or 30m, or a number of days (0 = never expires).)",
      "seeknal_project.yml:7:3 unknown-key: Unknown key 'kep_days' in the settings. (Did you mean 'keep_days'?)",
    ]);
  });

  it('reports a missing project file', () => {
    expect(parse({}, {}, null).diagnostics.map(found => [found.code, found.file])).toEqual([
      ['file-not-found', 'seeknal_project.yml'],
    ]);
  });
});

describe('common values', () => {
  it('are merged at the top level', () => {
    const common = {
      'seeknal/common/a.yml': 'regions: { default: eu }\n',
      'seeknal/common/b.yml': 'day: 2024-01-01\n__proto__: { x: 1 }\n',
    };
    expect(Object.entries(parse({}, common).project.common)).toEqual([
      ['regions', { default: 'eu' }],
      ['day', '2024-01-01'],
      ['__proto__', { x: 1 }],
    ]);
  });

  it('must not be set twice', () => {
    expect(mistakes({}, { 'seeknal/common/a.yml': 'x: 1\n', 'seeknal/common/b.yml': 'y: 1\nx: 2\n' })).toEqual([
      "seeknal/common/b.yml:2:1 duplicate-key: 'x' is already set in seeknal/common/a.yml. (Keep it in one of the files.)",
    ]);
  });
});
